import type { EndpointWire } from "../../../../server/src/api/contract.ts";

/** Where an endpoint stands: its circuit, its switch and its pace in one word. */
export type EndpointState = "sending" | "slowed" | "catching_up" | "trying" | "open" | "held" | "disabled";

type Standing = Pick<EndpointWire, "enabled" | "circuit" | "pace">;

/** The words of the states. */
export const STATE_WORDS = {
  sending: "Sending",
  slowed: "Slowed",
  catching_up: "Catching up",
  trying: "Half-open",
  open: "Circuit open",
  held: "Paused",
  disabled: "Disabled",
} as const satisfies Record<EndpointState, string>;

/** What each state means for what waits. */
export const STATE_SENTENCES: Readonly<Record<EndpointState, string>> = {
  sending: "The circuit is closed: everything goes out as it comes.",
  slowed: "The circuit is closed, but fewer requests go out than the settings allow.",
  catching_up:
    "The circuit has just closed: what waited goes out one at a time, then faster with every round of good answers.",
  trying: "The circuit is half-open: one delivery is let through to see whether the receiver is back.",
  open: "The circuit is open: nothing is sent, deliveries are parked, no retry is spent and nothing is lost.",
  held: "A person holds the circuit open: deliveries are parked until somebody closes it. Nothing is lost.",
  disabled: "Nothing is sent until somebody enables it. What waits is parked and kept.",
};

/** Why fewer requests go out than the settings allow. */
export const PACE_WORDS: Readonly<Record<NonNullable<EndpointWire["pace"]["reason"]>, string>> = {
  rate_limited: "The receiver asks for fewer requests (429).",
  overloaded: "The receiver says that it is overloaded (503).",
  slow: "Its answers take much longer than usual.",
  catching_up: "The pace grows by itself.",
};

/** Where an endpoint stands. */
export function stateOf({ enabled, circuit, pace }: Standing): EndpointState {
  if (!enabled || circuit.state === "disabled") return "disabled";
  if (circuit.state === "half_open") return "trying";
  if (circuit.state === "open") return circuit.held_by === null ? "open" : "held";
  if (pace.reason === null) return "sending";
  return pace.reason === "catching_up" ? "catching_up" : "slowed";
}

/** The event types, in the order of the docs. */
export const EVENT_TYPES = [
  "incident.created",
  "incident.updated",
  "incident.escalated",
  "incident.acknowledged",
  "incident.unacknowledged",
  "incident.assigned",
  "incident.note_added",
  "incident.resolved",
  "incident.reopened",
  "incident.merged",
  "endpoint.circuit_opened",
  "endpoint.circuit_closed",
  "endpoint.disabled",
  "integration.silent",
  "test.ping",
] as const;

/** An event type or a wildcard, as a subscription names them. */
export const SUBSCRIPTIONS: readonly string[] = ["*", "incident.*", "endpoint.*", "integration.*", ...EVENT_TYPES];
