import { secretOfAuth } from "../core/endpoint-auth.ts";
import { HOPS_HEADER } from "../core/hops.ts";
import { basicAuthorization, clientAuthorization } from "./authorization.ts";
import type { Outgoing, OutgoingRequest } from "./outgoing.ts";

/** Hides an endpoint's secrets in text that people will read. */
export type Mask = (text: string) => string;

const MASK = "***";
const SHORTEST_SECRET = 4;
const PLAIN_HEADERS = new Set(["content-type", "accept", "user-agent", "webhook-id", "webhook-timestamp", HOPS_HEADER]);
const KEPT_BODY_CHARS = 16_384;

/** A mask for the values of an endpoint's variables, its other secrets, and what they look like in a URL. */
export function createMask(outgoing: Outgoing): Mask {
  const secrets = [...Object.values(outgoing.variables), ...outgoing.signingSecrets, ...secretsOfAuth(outgoing)]
    .filter((value): value is string => typeof value === "string" && value.length >= SHORTEST_SECRET)
    .flatMap((value) => [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)]);
  // The longest first: a secret that contains another must not leave its rest behind.
  const distinct = [...new Set(secrets)].sort((one, other) => other.length - one.length);
  if (distinct.length === 0) return (text) => text;
  return (text) => distinct.reduce((masked, secret) => masked.replaceAll(secret, MASK), text);
}

function secretsOfAuth({ auth }: Outgoing): readonly string[] {
  if (auth === null) return [];
  if (auth.type === "bearer") return [auth.token];
  const credentials = auth.type === "basic" ? basicAuthorization(auth) : clientAuthorization(auth);
  return [secretOfAuth(auth), credentials.slice("Basic ".length)];
}

/** The request as it may be kept and shown: no secret, query values hidden, header values only where they are harmless. */
export function describeRequest(request: OutgoingRequest, mask: Mask): Readonly<Record<string, unknown>> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    headers[name] = PLAIN_HEADERS.has(name) ? mask(value) : MASK;
  }
  return {
    method: request.method,
    url: mask(hideQueryValues(request.url)),
    headers,
    body: mask(request.body).slice(0, KEPT_BODY_CHARS),
    body_bytes: Buffer.byteLength(request.body),
  };
}

function hideQueryValues(url: string): string {
  const start = url.indexOf("?");
  return start < 0 ? url : url.slice(0, start) + url.slice(start).replace(/=[^&#]*/g, `=${MASK}`);
}
