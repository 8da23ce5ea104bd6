import type { DeliveryWire } from "../../../../server/src/api/contract.ts";

/** Why a delivery was called off. */
export const CANCEL_WORDS: Readonly<Record<NonNullable<DeliveryWire["cancel_reason"]>, string>> = {
  by_hand: "by a person",
  endpoint_deleted: "its endpoint was deleted",
  collapsed: "a later one of its incident says it all",
  resent: "it was sent again under a fresh id",
  failed_over: "the fallback has it",
};
