import type { DeliveryWire } from "../../../server/src/api/contract.ts";

/** Where a delivery can stand. */
export type DeliveryState = DeliveryWire["status"];

/** The states of a delivery, in the order in which people look for them. */
export const DELIVERY_STATES = ["exhausted", "parked", "pending", "in_flight", "succeeded", "cancelled"] as const;

/** The states in the order in which a ledger adds them up. */
export const LEDGER_STATES = ["succeeded", "pending", "in_flight", "parked", "exhausted", "cancelled"] as const;

/** The words of the states, the same on every page. */
export const DELIVERY_STATE_WORDS = {
  pending: "Pending",
  in_flight: "In flight",
  parked: "Parked",
  succeeded: "Succeeded",
  exhausted: "Exhausted",
  cancelled: "Cancelled",
} as const satisfies Record<DeliveryState, string>;

/** What the states mean. */
export const DELIVERY_STATE_HINTS: Readonly<Record<DeliveryState, string>> = {
  pending: "It waits for its next attempt",
  in_flight: "It is being sent now",
  parked: "It waits because its endpoint cannot be sent to; nothing is lost",
  succeeded: "The receiver has answered 2xx",
  exhausted: "Its retries are used up; it is kept and can be retried",
  cancelled: "It was called off",
};
