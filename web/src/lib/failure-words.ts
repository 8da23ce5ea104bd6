/** Why attempts fail, each in a word or two and with what it means. */
const FAILURES = {
  dns: ["Name not found", "the host name does not resolve"],
  blocked_address: ["Address not allowed", "the address is internal, and the operator has not allowed it"],
  connect: ["No connection", "no connection was made"],
  tls: ["TLS failed", "the certificate or the handshake was refused"],
  timeout: ["Timeout", "no complete answer in time"],
  reset: ["Connection broken", "the connection broke before the answer was complete"],
  redirect: ["Redirect", "the receiver sends elsewhere, which is not followed"],
  client_error: ["Refused", "the receiver refused it (4xx)"],
  server_error: ["Receiver failed", "the receiver failed (5xx)"],
  rate_limited: ["Too many requests", "the receiver asks for less (429)"],
  gone: ["Gone", "the receiver says that it is no more (410)"],
  render: ["Not rendered", "URL, header or template cannot be rendered for this event"],
  token: ["No access token", "no access token could be had"],
} as const;

type Reason = keyof typeof FAILURES;

/** Every reason for which deliveries can be looked for. */
export const FAILURE_REASONS = Object.keys(FAILURES) as readonly Reason[];

/** A reason in words, with the status that was answered: `Refused (401)`. */
export function failureWords(reason: string, status: number | null = null): string {
  const words = entryOf(reason)?.[0] ?? reason.replaceAll("_", " ");
  return status === null ? words : `${words} (${status})`;
}

/** What a reason means; empty for one that is not known. */
export function failureHint(reason: string): string {
  return entryOf(reason)?.[1] ?? "";
}

/** The code as metrics and the API have it: `client_error 401`. */
export function failureCode(reason: string, status: number | null = null): string {
  return status === null ? reason : `${reason} ${status}`;
}

// Attempts whose node died have a reason of their own, which no delivery keeps.
const LOST = ["Node stopped", "the node stopped before it could write down how the attempt ended"] as const;

function entryOf(reason: string): readonly [string, string] | undefined {
  if (reason === "lost") return LOST;
  return Object.hasOwn(FAILURES, reason) ? FAILURES[reason as Reason] : undefined;
}
