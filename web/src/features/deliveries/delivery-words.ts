import type { DeliveryWire } from "../../../../server/src/api/contract.ts";

/** Why attempts fail, each with what it means. */
export const REASON_HINTS = {
  dns: "the host name does not resolve",
  blocked_address: "the address is internal, and the operator has not allowed it",
  connect: "no connection was made",
  tls: "the certificate or the handshake was refused",
  timeout: "no complete answer in time",
  reset: "the connection broke before the answer was complete",
  redirect: "the receiver sends elsewhere, which is not followed",
  client_error: "the receiver refused it (4xx)",
  server_error: "the receiver failed (5xx)",
  rate_limited: "the receiver asks for less (429)",
  gone: "the receiver says that it is no more (410)",
  render: "URL, header or template cannot be rendered for this event",
  token: "no access token could be had",
} as const;

/** Every reason. */
export const FAILURE_REASONS = Object.keys(REASON_HINTS) as readonly (keyof typeof REASON_HINTS)[];

/** What a reason means; attempts whose node died have one of their own. */
export function reasonHint(reason: string): string {
  if (reason === "lost") return "the node stopped before it could write down how the attempt ended";
  return Object.hasOwn(REASON_HINTS, reason) ? REASON_HINTS[reason as keyof typeof REASON_HINTS] : "";
}

/** Why a delivery was called off. */
export const CANCEL_WORDS: Readonly<Record<NonNullable<DeliveryWire["cancel_reason"]>, string>> = {
  by_hand: "by a person",
  endpoint_deleted: "its endpoint was deleted",
  collapsed: "a later one of its incident says it all",
  resent: "it was sent again under a fresh id",
  failed_over: "the fallback has it",
};
