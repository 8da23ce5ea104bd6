import { type Static, Type } from "typebox";
import { SEVERITIES } from "../../core/severity.ts";
import { PLATFORM_NAMES } from "../../platforms/platform.ts";
import { EndpointView, WebhookConfig, WebhookConfigPatch } from "./endpoints.ts";
import { AnyJson, AnyObject, nullable, oneOf, Rate, strict, TextMap, Timestamp, text, Uuid, whole } from "./shared.ts";

const headerName = Type.String({ pattern: "^[A-Za-z0-9-]{1,64}$", description: "An HTTP header's name" });
const tolerance = Type.Optional(whole(1, 86_400, "How far a signed time may be off; 300 when not given"));
const kind = <const T extends string>(type: T) => Type.Unsafe<T>({ type: "string", const: type });

const signature = strict({
  type: kind("signature"),
  header: Type.Optional(headerName),
  timestamp_header: Type.Optional(headerName),
  tolerance_seconds: tolerance,
});
const token = strict({
  type: kind("token"),
  header: Type.Optional(headerName),
  prefix: Type.Optional(Type.String({ maxLength: 32, pattern: "^[\\x20-\\x7e]*$" })),
  token: Type.Optional(Type.String({ minLength: 8, maxLength: 512, pattern: "^[\\x21-\\x7e]+$" })),
});
const basic = strict({
  type: kind("basic"),
  username: Type.String({ minLength: 1, maxLength: 128, pattern: "^[\\x20-\\x39\\x3b-\\x7e]+$" }),
  password: Type.Optional(Type.String({ minLength: 8, maxLength: 512, pattern: "^[\\x20-\\x7e]+$" })),
});
const hmac = strict({
  type: kind("hmac"),
  header: headerName,
  prefix: Type.Optional(Type.String({ maxLength: 32, pattern: "^[\\x20-\\x7e]*$" })),
  algorithm: Type.Optional(oneOf(["sha256", "sha512"])),
  encoding: Type.Optional(oneOf(["hex", "base64"])),
  timestamp_header: Type.Optional(headerName),
  tolerance_seconds: tolerance,
});
const standardWebhooks = strict({ type: kind("standard_webhooks"), tolerance_seconds: tolerance });
const none = strict({ type: kind("none") });

/** How inbound webhooks are verified, secrets included, as a request carries it. */
export const VerificationRequest = Type.Unsafe<
  | Static<typeof signature>
  | Static<typeof token>
  | Static<typeof basic>
  | Static<typeof hmac>
  | Static<typeof standardWebhooks>
  | Static<typeof none>
>({
  type: "object",
  required: ["type"],
  discriminator: { propertyName: "type" },
  oneOf: [signature, token, basic, hmac, standardWebhooks, none],
});

/** A verification as a request carries it. */
export type VerificationRequest = Static<typeof VerificationRequest>;

const Grouping = strict({
  by: Type.Array(text(256), {
    minItems: 1,
    maxItems: 16,
    uniqueItems: true,
    description: '`["dedup_key"]`, or names of labels',
  }),
  window_seconds: Type.Optional(whole(1, 31_536_000)),
  scope: Type.Optional(oneOf(["integration", "organization"])),
});

const seconds = (description: string) => nullable(whole(1, 31_536_000, description));

const settings = {
  enabled: Type.Optional(Type.Boolean()),
  verification: Type.Optional(VerificationRequest),
  allowed_ips: Type.Optional(
    Type.Array(Type.String({ minLength: 2, maxLength: 64 }), { maxItems: 200, description: "CIDRs; empty allows all" }),
  ),
  rate_limit: Type.Optional(nullable(Rate)),
  body_limit_bytes: Type.Optional(whole(1, 10_485_760)),
  quarantine_limit: Type.Optional(whole(0, 1_000_000)),
  mapping: Type.Optional(nullable(AnyObject)),
  grouping: Type.Optional(Grouping),
  auto_resolve: Type.Optional(Type.Boolean()),
  reopen_seconds: Type.Optional(whole(0, 31_536_000)),
  stale_after_seconds: Type.Optional(seconds("Resolves alerts that were not heard of for so long")),
  silent_after_seconds: Type.Optional(seconds("Emits integration.silent when nothing came for so long")),
  flapping_changes: Type.Optional(whole(2, 1_000)),
  flapping_window_seconds: Type.Optional(whole(1, 86_400)),
};

const signingSecret = Type.String({
  minLength: 16,
  maxLength: 512,
  pattern: "^[\\x20-\\x7e]+$",
  description: "At least 16 characters; made when not given; shown in this answer only",
});

/** `POST /integrations`. */
export const IntegrationCreate = strict({
  name: text(200),
  platform: oneOf(PLATFORM_NAMES),
  signing_secret: Type.Optional(signingSecret),
  webhook_config: Type.Optional(nullable(WebhookConfig)),
  ...settings,
});

/** `PATCH /integrations/{id}`. */
export const IntegrationPatch = strict({
  name: Type.Optional(text(200)),
  webhook_config: Type.Optional(nullable(WebhookConfigPatch)),
  ...settings,
});

/** `POST /integrations/{id}/rotate-secret`. */
export const IntegrationRotate = strict({
  signing_secret: Type.Optional(signingSecret),
  token: Type.Optional(token.properties.token),
  password: Type.Optional(basic.properties.password),
  overlap_seconds: Type.Optional(whole(0, 2_592_000, "How long the old secret stays valid; 86400 when not given")),
});

const SecretView = strict({
  purpose: oneOf(["signing_secret", "token", "password"]),
  is_previous: Type.Boolean({ description: "True for the old secret of a rotation" }),
  created_at: Timestamp,
  expires_at: nullable(Timestamp),
  last_used_at: nullable(Timestamp),
});

/** An integration as every answer shows it; secrets appear only where they were just made. */
export const IntegrationView = strict({
  id: Uuid,
  name: Type.String(),
  platform: oneOf(PLATFORM_NAMES),
  enabled: Type.Boolean(),
  webhook_url: Type.String(),
  verification: AnyObject,
  secrets: Type.Array(SecretView),
  allowed_ips: Type.Array(Type.String()),
  rate_limit: nullable(Rate),
  body_limit_bytes: Type.Integer(),
  quarantine_limit: Type.Integer(),
  mapping: nullable(AnyObject),
  grouping: Grouping,
  auto_resolve: Type.Boolean(),
  reopen_seconds: Type.Integer(),
  stale_after_seconds: nullable(Type.Integer()),
  silent_after_seconds: nullable(Type.Integer()),
  flapping_changes: Type.Integer(),
  flapping_window_seconds: Type.Integer(),
  webhook_config: nullable(EndpointView),
  last_receipt_at: nullable(Timestamp),
  created_at: Timestamp,
  updated_at: Timestamp,
  signing_secret: Type.Optional(nullable(Type.String({ description: "Only where it was just made or given" }))),
  token: Type.Optional(Type.String()),
  password: Type.Optional(Type.String()),
});

/** `POST /integrations/{id}/preview`: a payload to read without any effect. */
export const PreviewRequest = strict({
  payload: Type.Optional(AnyJson),
  body: Type.Optional(Type.String({ maxLength: 1_000_000, description: "The raw body as text, instead of `payload`" })),
  headers: Type.Optional(TextMap),
});

/** What a payload would do. */
export const PreviewView = strict({
  status: oneOf(["processed", "ignored", "quarantined"]),
  variant: nullable(Type.String()),
  reason: nullable(Type.String()),
  warnings: Type.Array(Type.String()),
  signals: Type.Array(
    strict({
      external_id: Type.String(),
      dedup_key: Type.String(),
      dedup_key_from: Type.Array(Type.String()),
      status: Type.String(),
      severity: oneOf(SEVERITIES),
      title: Type.String(),
      description: Type.String(),
      labels: TextMap,
      links: Type.Array(AnyObject),
      source_time: Timestamp,
      group_key: Type.String(),
      effect: Type.String({ description: "What it would do to incidents, in words" }),
      incident_id: nullable(Uuid),
    }),
  ),
  deliveries: Type.Array(
    strict({
      endpoint_id: Uuid,
      endpoint_name: Type.String(),
      event_type: Type.String(),
      matched: Type.Boolean(),
      why: Type.String(),
      body: nullable(Type.String({ description: "The rendered body, null when it is not sent or cannot be rendered" })),
    }),
  ),
});

/** `POST /integrations/{id}/test`. */
export const TestRequest = strict({ payload: Type.Optional(AnyObject) });

/** `POST /integrations/{id}/test`: what the receiving path answered to the signed sample. */
export const TestView = strict({
  status_code: Type.Integer(),
  receipt_id: nullable(Uuid),
  answer: AnyJson,
});

/** `POST /integrations/{id}/trial`: a configuration to hold against the present one. */
export const TrialRequest = strict({
  mapping: Type.Optional(nullable(AnyObject)),
  grouping: Type.Optional(Grouping),
  limit: Type.Optional(whole(1, 50, "How many of the last receipts; 20 when not given")),
});

const TrialSide = strict({
  status: Type.String(),
  reason: nullable(Type.String()),
  variant: nullable(Type.String()),
  warnings: Type.Array(Type.String()),
  signals: Type.Array(
    strict({
      dedup_key: Type.String(),
      status: Type.String(),
      severity: oneOf(SEVERITIES),
      title: Type.String(),
      labels: TextMap,
      group_key: Type.String(),
      decision: nullable(Type.String()),
      incident_id: nullable(Uuid),
    }),
  ),
});

/** What the last payloads would become under a proposed configuration, beside what they become now; newest first. */
export const TrialView = strict({
  tried: Type.Integer(),
  different: Type.Integer(),
  readable_before: Type.Integer(),
  readable_after: Type.Integer(),
  receipts: Type.Array(
    strict({
      receipt_id: Uuid,
      received_at: Timestamp,
      differences: Type.Array(Type.String(), { description: "What differs: empty when nothing does" }),
      present: TrialSide,
      proposed: TrialSide,
    }),
  ),
});
