/** The headers of a request as `node:http` holds them: joined by name, and as they came. */
export type HeaderSource = {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly rawHeaders: readonly string[];
};

/** One header that must not be there twice: `node:http` joins some duplicates and drops others, silently. */
export type SingleHeader =
  | { readonly kind: "missing" }
  | { readonly kind: "repeated"; readonly value: string }
  | { readonly kind: "present"; readonly value: string };

const MISSING: SingleHeader = { kind: "missing" };

/** Reads a header (name in lower case) that may stand there once. */
export function readSingleHeader(source: HeaderSource, name: string): SingleHeader {
  const value = Object.hasOwn(source.headers, name) ? source.headers[name] : undefined;
  if (value === undefined) return MISSING;
  if (typeof value !== "string") return { kind: "repeated", value: value.join(", ") };
  return countHeader(source.rawHeaders, name) > 1 ? { kind: "repeated", value } : { kind: "present", value };
}

/** How often a header (name in lower case) came. */
export function countHeader(rawHeaders: readonly string[], name: string): number {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const candidate = rawHeaders[index];
    if (candidate !== undefined && candidate.length === name.length && candidate.toLowerCase() === name) count += 1;
  }
  return count;
}

const MOST_HEADERS = 64;
const MOST_CHARS = 8_192;
const MASK = "[masked]";

// They speak of the connection or of the body's wire form, not of the webhook.
const LEFT_OUT = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "content-length",
  "content-encoding",
  "expect",
  "te",
  "trailer",
  "upgrade",
  "host",
  "accept",
  "accept-encoding",
]);

const SECRET_NAME = /auth|cookie|token|secret|passw|signature|api-?key|credential/;

const isSecretByName = new Map<string, boolean>();

/** True when a header of this name (lower case) may carry a credential and is therefore kept only as a mask. */
export function isSecretHeader(name: string): boolean {
  let isSecret = isSecretByName.get(name);
  if (isSecret === undefined) {
    isSecret = SECRET_NAME.test(name);
    // Names come from outside: remember only as many as real senders use.
    if (isSecretByName.size < 1_000) isSecretByName.set(name, isSecret);
  }
  return isSecret;
}

/**
 * The headers that are kept with a receipt: lower-case names, at most 64 of them and 8 KiB together, without those of
 * the connection, and with the values of credentials masked. `secretHeader` names one more to mask.
 */
export function keepHeaders(source: HeaderSource, secretHeader: string | null): Record<string, string> {
  const kept: Record<string, string> = Object.create(null) as Record<string, string>;
  let count = 0;
  let chars = 0;
  for (const name in source.headers) {
    if (LEFT_OUT.has(name)) continue;
    const value = source.headers[name];
    if (value === undefined) continue;
    const text =
      name === secretHeader || isSecretHeader(name) ? MASK : typeof value === "string" ? value : value.join(", ");
    chars += name.length + text.length;
    count += 1;
    if (count > MOST_HEADERS || chars > MOST_CHARS) break;
    kept[name] = text;
  }
  return kept;
}
