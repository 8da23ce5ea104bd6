import { Type } from "typebox";
import { METHODS } from "../../core/method.ts";
import type { Overrides } from "../../core/override.ts";
import { PACE_REASONS } from "../../core/pace.ts";
import { AuthRequest, AuthView, ClientCertificateRequest, ClientCertificateView } from "./endpoint-auth.ts";
import { AnyJson, AnyObject, nullable, oneOf, Rate, strict, TextMap, Timestamp, text, Uuid, whole } from "./shared.ts";

const Retry = strict({
  max_attempts: Type.Optional(whole(1, 1_000)),
  base_seconds: Type.Optional(Type.Number({ minimum: 0.1, maximum: 3_600 })),
  factor: Type.Optional(Type.Number({ minimum: 1, maximum: 10 })),
  max_delay_seconds: Type.Optional(Type.Number({ minimum: 1, maximum: 86_400 })),
  give_up_after_seconds: Type.Optional(Type.Number({ minimum: 1, maximum: 2_592_000 })),
  jitter: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
});

const Circuit = strict({
  failure_threshold: Type.Optional(whole(1, 1_000)),
  first_probe_seconds: Type.Optional(whole(1, 3_600)),
  max_probe_seconds: Type.Optional(whole(1, 86_400)),
  disable_after_seconds: Type.Optional(whole(60, 31_536_000)),
});

const OverrideView = strict({
  url: Type.Optional(Type.String({ minLength: 1, maxLength: 2_048, description: "On the host of the endpoint's own" })),
  method: Type.Optional(oneOf(METHODS)),
  template: Type.Optional(AnyJson),
});

const FallbackRequest = strict({
  endpoint_id: Uuid,
  after_minutes: Type.Optional(Type.Number({ minimum: 0, maximum: 10_080, description: "5 when not given" })),
  originals: Type.Optional(oneOf(["keep", "cancel"])),
});

const optionalSettings = {
  method: Type.Optional(oneOf(METHODS)),
  headers: Type.Optional(
    Type.Unsafe<Readonly<Record<string, string>>>({
      type: "object",
      maxProperties: 50,
      additionalProperties: { type: "string", maxLength: 4_096 },
      description: "Values are templates; a literal value is shown masked afterwards",
    }),
  ),
  events: Type.Optional(
    Type.Array(text(64), {
      minItems: 1,
      maxItems: 50,
      uniqueItems: true,
      description: "Event types and wildcards such as `incident.*`",
    }),
  ),
  template: Type.Optional(AnyJson),
  variables: Type.Optional(
    Type.Unsafe<Readonly<Record<string, string>>>({
      type: "object",
      maxProperties: 50,
      additionalProperties: { type: "string", maxLength: 4_096 },
      description: "Names that templates may use; sealed, never shown",
    }),
  ),
  filter: Type.Optional(nullable(text(4_096, "A CEL expression"))),
  timeout_seconds: Type.Optional(Type.Number({ minimum: 1, maximum: 60 })),
  retry: Type.Optional(Retry),
  circuit: Type.Optional(Circuit),
  rate_limit: Type.Optional(nullable(Rate)),
  max_in_flight: Type.Optional(whole(1, 1_000)),
  order: Type.Optional(oneOf(["incident", "none"])),
  collapse: Type.Optional(Type.Boolean({ description: "Folds what waits of an incident into its latest state" })),
  capture: Type.Optional(
    nullable(
      Type.Unsafe<Readonly<Record<string, string>>>({
        type: "object",
        maxProperties: 20,
        propertyNames: { pattern: "^[a-z][a-z0-9_]{0,63}$" },
        additionalProperties: { type: "string", minLength: 1, maxLength: 1_024 },
        description: "Values of a successful response to keep for later deliveries of the incident",
      }),
    ),
  ),
  overrides: Type.Optional(
    Type.Unsafe<Overrides>({
      type: "object",
      maxProperties: 20,
      additionalProperties: OverrideView,
      description: "Another method, URL or template for some events, by type or wildcard; the most specific holds",
    }),
  ),
  fallback: Type.Optional(nullable(FallbackRequest)),
  proxy: Type.Optional(
    nullable(text(32, "A forward proxy that the operator has named, see `GET /proxies`; null for what holds for all")),
  ),
  auth: Type.Optional(nullable(AuthRequest)),
  client_certificate: Type.Optional(nullable(ClientCertificateRequest)),
  enabled: Type.Optional(Type.Boolean()),
};

const url = Type.String({
  minLength: 1,
  maxLength: 2_048,
  description: "http or https; expressions in path and query",
});
const secret = Type.String({
  pattern: "^whsec_[A-Za-z0-9+/]{32,88}={0,2}$",
  description: "Standard Webhooks: `whsec_` and the base64 of 24 to 64 bytes; made when not given",
});

/** The outgoing webhook of an integration. */
export const WebhookConfig = strict({
  name: Type.Optional(text(200)),
  url,
  ...optionalSettings,
  secret: Type.Optional(secret),
});

/** The same in a PATCH: what is absent stays as it is. */
export const WebhookConfigPatch = strict({
  name: Type.Optional(text(200)),
  url: Type.Optional(url),
  ...optionalSettings,
  secret: Type.Optional(secret),
});

/** `POST /endpoints`. */
export const EndpointCreate = strict({ name: text(200), url, ...optionalSettings, secret: Type.Optional(secret) });

/** `PATCH /endpoints/{id}`. */
export const EndpointPatch = strict({
  name: Type.Optional(text(200)),
  url: Type.Optional(url),
  ...optionalSettings,
});

/** `POST /endpoints/{id}/rotate-secret`. */
export const EndpointRotate = strict({
  secret: Type.Optional(secret),
  overlap_seconds: Type.Optional(whole(0, 2_592_000, "How long the old secret signs as well; 86400 when not given")),
});

/** The breaker of an endpoint. */
export const CircuitView = strict({
  state: oneOf(["closed", "open", "half_open", "disabled"]),
  opened_at: nullable(Timestamp),
  next_probe_at: nullable(Timestamp),
  held_by: nullable(Type.String({ description: "Who holds it open until somebody closes it" })),
  consecutive_failures: Type.Integer(),
  diagnosis: nullable(Type.String()),
  disabled_reason: nullable(Type.String()),
});

/** How fast an endpoint is sent to now, over all nodes. */
export const PaceView = strict({
  in_flight_limit: Type.Integer({ description: "Requests at a time; below `max_in_flight` while it is slowed" }),
  slowed_until: nullable(Timestamp),
  reason: nullable(oneOf(PACE_REASONS)),
});

/** An endpoint as every answer shows it; the secret appears only where it was just made. */
export const EndpointView = strict({
  id: Uuid,
  integration_id: nullable(Uuid),
  name: Type.String(),
  url: Type.String(),
  method: oneOf(METHODS),
  headers: TextMap,
  events: Type.Array(Type.String()),
  filter: nullable(Type.String()),
  template: AnyJson,
  variable_names: Type.Array(Type.String()),
  auth: nullable(AuthView),
  client_certificate: nullable(ClientCertificateView),
  enabled: Type.Boolean(),
  timeout_seconds: Type.Number(),
  retry: AnyObject,
  circuit_policy: AnyObject,
  rate_limit: nullable(Rate),
  max_in_flight: Type.Integer(),
  order: oneOf(["incident", "none"]),
  collapse: Type.Boolean(),
  capture: nullable(TextMap),
  overrides: Type.Unsafe<Overrides>({ type: "object", additionalProperties: OverrideView }),
  fallback: nullable(
    strict({
      endpoint_id: Uuid,
      after_minutes: Type.Number(),
      originals: oneOf(["keep", "cancel"]),
      in_use: Type.Boolean({ description: "Whether it hears now what the endpoint cannot be told" }),
    }),
  ),
  proxy: nullable(Type.String()),
  circuit: CircuitView,
  pace: PaceView,
  secrets: Type.Array(strict({ is_previous: Type.Boolean(), created_at: Timestamp, expires_at: nullable(Timestamp) })),
  created_at: Timestamp,
  updated_at: Timestamp,
  secret: Type.Optional(Type.String({ description: "Only where it was just made or given" })),
});
