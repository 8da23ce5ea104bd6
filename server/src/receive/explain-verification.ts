import type { IncomingMessage } from "node:http";
import type { Verification } from "../core/integration.ts";
import type { JsonObject } from "../core/json.ts";
import type { OpenedSecret } from "../store/receiving-integration.ts";
import { explainDigest } from "./explain-digest.ts";
import { isSecretHeader, readSingleHeader } from "./headers.ts";
import type { ReadyIntegration } from "./integration-cache.ts";
import { createMac } from "./mac.ts";
import { isLive } from "./verdict.ts";
import { schemeOf } from "./verify.ts";
import { type HmacScheme, standardKey } from "./verify-signature.ts";

const SHOWN_CHARS = 4;

/** A webhook that was not believed. */
export type Disbelieved = {
  readonly req: IncomingMessage;
  readonly wire: Buffer;
  readonly inflated: Buffer | null;
  /** Epoch milliseconds. */
  readonly now: number;
};

/**
 * Tells an admin why a webhook was not believed. Of a MAC that was computed it shows four characters, of a secret the
 * last two, of a credential that came nothing but its length: none of them can be made use of.
 */
export function explainVerification(ready: ReadyIntegration, webhook: Disbelieved): JsonObject {
  const { verification } = ready.integration;
  const secrets = "secrets" in ready.integration ? ready.integration.secrets : [];
  const scheme = schemeOf(verification, ready.platform.signature);
  const header = scheme?.header ?? ready.verifier?.header ?? "authorization";
  const proof = readSingleHeader(webhook.req, header);
  const received = proof.kind === "missing" ? null : proof.value;
  const common = {
    verification: verification.type,
    header,
    header_came: proof.kind,
    other_headers: proof.kind === "missing" ? likelyHeaders(webhook.req, header) : [],
    body_bytes: webhook.wire.length,
    is_compressed: webhook.inflated !== null,
  };
  if (scheme === null) {
    return {
      ...common,
      received_length: received?.length ?? null,
      ...explainCredential(verification, received, secrets, webhook),
    };
  }
  const problems = received === null ? [`the header ${header} did not come`] : explainDigest(received, scheme);
  if (proof.kind === "repeated") problems.unshift(`the header ${header} came more than once`);
  const time = explainTime(scheme, webhook);
  const computed = secretsOf(secrets, "signing_secret", webhook.now).map((secret) => {
    const mac = computeMac(scheme, secret, webhook);
    return { ...viewSecret(secret), computed: mac === null ? null : `${mac.slice(0, SHOWN_CHARS)}…` };
  });
  return {
    ...common,
    received: received === null ? null : cutProof(received, scheme),
    received_length: received?.length ?? null,
    expected_length: scheme.prefix.length + digestLength(scheme),
    ...time,
    secrets: computed,
    problems: [
      ...problems,
      ...time.problems,
      ...(problems.length + time.problems.length === 0 ? explainMismatch(scheme, secrets, received, webhook) : []),
    ],
  };
}

function explainCredential(
  verification: Verification,
  received: string | null,
  secrets: readonly OpenedSecret[],
  { now }: Disbelieved,
): JsonObject {
  const purpose = verification.type === "basic" ? "password" : "token";
  const prefix = verification.type === "basic" ? "Basic " : verification.type === "token" ? verification.prefix : "";
  const known = secretsOf(secrets, purpose, now);
  const value = received?.slice(prefix.length) ?? "";
  const problems: string[] = [];
  if (received === null) problems.push(`no ${purpose} came`);
  else if (!received.toLowerCase().startsWith(prefix.toLowerCase()))
    problems.push(`it does not begin with "${prefix}"`);
  else if (value !== value.trim()) problems.push("there are spaces around it");
  else if (verification.type === "token" && known.every((secret) => secret.value.length !== value.length)) {
    problems.push(
      `it has ${value.length} characters, the token has ${known.map((one) => one.value.length).join(" or ")}`,
    );
  } else problems.push(`the ${purpose}${verification.type === "basic" ? " or the user name" : ""} is another one`);
  return { secrets: known.map(viewSecret), problems };
}

/** What changes bodies on their way, tried one by one. */
function explainMismatch(
  scheme: HmacScheme,
  secrets: readonly OpenedSecret[],
  received: string | null,
  webhook: Disbelieved,
): readonly string[] {
  const text = (webhook.inflated ?? webhook.wire).toString("utf8");
  const variants: readonly (readonly [string, string])[] = [
    ["the signature fits the body without the line break at its end", text.replace(/\r?\n$/, "")],
    ["the signature fits the body with a line break at its end", `${text}\n`],
    ["the signature fits the same JSON written without spaces: something reformats the body", reformatted(text)],
    ["the signature is one of an empty body", ""],
  ];
  for (const [problem, body] of variants) {
    if (body === text) continue;
    const changed = { ...webhook, wire: Buffer.from(body, "utf8"), inflated: null };
    for (const secret of secretsOf(secrets, "signing_secret", webhook.now)) {
      const mac = computeMac(scheme, secret, changed);
      if (mac !== null && received?.includes(mac)) return [problem];
    }
  }
  return ["the signature was made with another secret, or the body was changed on its way"];
}

function reformatted(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text;
  }
}

function explainTime(
  scheme: HmacScheme,
  { req, now }: Disbelieved,
): {
  readonly clock_skew_seconds: number | null;
  readonly tolerance_seconds: number | null;
  readonly problems: string[];
} {
  const none = { clock_skew_seconds: null, tolerance_seconds: null };
  if (scheme.timestampHeader === null) return { ...none, problems: [] };
  const time = readSingleHeader(req, scheme.timestampHeader);
  if (time.kind === "missing") return { ...none, problems: [`the header ${scheme.timestampHeader} did not come`] };
  if (!/^[1-9]\d{8,10}$/.test(time.value)) {
    const why = /^\d{13}$/.test(time.value) ? "is in milliseconds" : "is no unix time";
    return { ...none, problems: [`the header ${scheme.timestampHeader} ${why}; whole seconds are expected`] };
  }
  const skew = Math.round(now / 1_000 - Number(time.value));
  const isOutside = Math.abs(skew) > scheme.toleranceSeconds;
  const problem = `its time is ${Math.abs(skew)} seconds ${skew > 0 ? "ago" : "ahead"}; ${scheme.toleranceSeconds} are allowed`;
  return {
    clock_skew_seconds: skew,
    tolerance_seconds: scheme.toleranceSeconds,
    problems: isOutside ? [problem] : [],
  };
}

function computeMac(scheme: HmacScheme, secret: OpenedSecret, { req, wire }: Disbelieved): string | null {
  const isStandard = scheme.type === "standard_webhooks";
  const key = isStandard ? standardKey(secret.value) : Buffer.from(secret.value, "utf8");
  if (key.length === 0) return null;
  const time = scheme.timestampHeader === null ? null : readSingleHeader(req, scheme.timestampHeader);
  const seconds = time?.kind === "present" ? time.value : "";
  const id = isStandard ? readSingleHeader(req, "webhook-id") : null;
  const prefix = isStandard
    ? `${id?.kind === "present" ? id.value : ""}.${seconds}.`
    : scheme.timestampHeader === null
      ? ""
      : `${seconds}:`;
  return createMac(scheme.algorithm, key)(prefix, wire, scheme.encoding);
}

function digestLength(scheme: HmacScheme): number {
  const bytes = scheme.algorithm === "sha256" ? 32 : 64;
  return scheme.encoding === "hex" ? bytes * 2 : Math.ceil(bytes / 3) * 4;
}

function cutProof(received: string, scheme: HmacScheme): string {
  const most = (received.startsWith(scheme.prefix) ? scheme.prefix.length : 0) + SHOWN_CHARS;
  return received.length <= most ? received : `${received.slice(0, most)}…`;
}

function secretsOf(secrets: readonly OpenedSecret[], purpose: OpenedSecret["purpose"], now: number) {
  return secrets.filter((secret) => secret.purpose === purpose && isLive(secret, now));
}

function viewSecret(secret: OpenedSecret): JsonObject {
  return {
    hint: `…${secret.value.slice(-2)}`,
    state: secret.isPrevious ? "previous" : "present",
    expires_at: secret.expiresAt === null ? null : new Date(secret.expiresAt).toISOString(),
  };
}

/** Names of headers that look as if they carried the proof under another name. */
function likelyHeaders(req: IncomingMessage, header: string): readonly string[] {
  return Object.keys(req.headers)
    .filter((name) => name !== header && name !== "cookie" && isSecretHeader(name))
    .slice(0, 5);
}
