import type { FailureReason } from "./failure-reason.ts";
import { capText } from "./text.ts";

/** Why an attempt failed: the reason, the HTTP status when there was an answer, and the message of the attempt. */
export type Failure = {
  readonly reason: FailureReason;
  readonly status?: number | undefined;
  readonly message?: string | undefined;
};

const BY_STATUS: Readonly<Record<number, string>> = {
  400: "The receiver refuses the body as malformed (400): compare the template with what it expects.",
  401: "The receiver does not accept the credentials (401): check the Authorization header and its variables.",
  402: "The receiver asks for payment (402): check the account there.",
  403: "The receiver forbids the call (403): check the credentials and what they are allowed to do.",
  404: "Nothing answers at this path (404): check the URL.",
  405: "The receiver does not take this HTTP method (405): check the endpoint's method.",
  407: "A proxy on the way asks for credentials (407): the operator sets them in OVERWATCH_EGRESS_PROXY or OVERWATCH_EGRESS_PROXIES.",
  408: "The receiver gave up waiting for the request (408): it may be overloaded.",
  413: "The body is too large for the receiver (413): shorten the template.",
  415: "The receiver does not take this content type (415): check the Content-Type header.",
  422: "The receiver refuses the body's content (422): compare the template with what it expects.",
};

/** What a person can do about an address that may not be called. */
export const BLOCKED_ADDRESS_ADVICE =
  "Use a public address, or let the operator add it to OVERWATCH_EGRESS_ALLOW_CIDRS.";

const BY_REASON: Readonly<Record<FailureReason, string>> = {
  dns: "The host name does not resolve: check its spelling and the DNS of this machine.",
  blocked_address: `The address may not be called from here. ${BLOCKED_ADDRESS_ADVICE}`,
  connect: "No connection can be made: check that the receiver runs, the port, and firewalls in between.",
  tls: "TLS fails: check that the certificate is valid, not expired, issued for this host name, and that its authority is known.",
  timeout: "The receiver does not answer in time: check its load, or raise timeout_seconds.",
  reset: "The receiver breaks the connection before its answer is complete: check its log and any proxy in between.",
  redirect: "The receiver answers with a redirect, which is not followed: set the URL to the final address.",
  client_error: "The receiver refuses the request: check the URL, the headers and the template.",
  server_error: "The receiver fails on its side: check its log.",
  rate_limited: "The receiver asks for fewer requests (429): lower the endpoint's rate_limit.",
  gone: "The receiver says that this address is gone for good (410): set a new URL, then enable the endpoint.",
  token:
    "The token endpoint of the endpoint's auth gives no access token: check token_url, client_id, client_secret and scope.",
  render:
    "A delivery could not be rendered, so nothing was sent and it was given up: mend what the message names in the template, the URL or the headers, then retry what was given up for the reason render.",
};

/** What is wrong and what a person can do about it, in one or two sentences of at most 500 characters. */
export function diagnose(failure: Failure): string {
  const advice = (failure.status === undefined ? undefined : BY_STATUS[failure.status]) ?? BY_REASON[failure.reason];
  const said = failure.message?.trim() ?? "";
  return said === "" ? advice : capText(`${advice} Last failure: ${said}`, 500);
}
