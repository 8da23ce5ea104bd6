import type { DeliveryState } from "../../lib/delivery-states.ts";
import type { FAILURE_REASONS } from "../../lib/failure-words.ts";

/** The filters of deliveries as they stand in the URL. */
export type DeliverySearch = {
  readonly q?: string | undefined;
  readonly status?: readonly DeliveryState[] | undefined;
  readonly reason?: readonly (typeof FAILURE_REASONS)[number][] | undefined;
  readonly endpoint?: string | undefined;
  readonly incident?: string | undefined;
  readonly type?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
};
