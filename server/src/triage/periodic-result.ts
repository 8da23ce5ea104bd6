import type { Announcement } from "../announce/announce.ts";

/** What one transaction of periodic work has done, once it is committed. */
export type PeriodicResult = {
  readonly rows: number;
  /** True when there may be more to do at once. */
  readonly isFull: boolean;
  readonly hasDeliveries: boolean;
  /** Incidents that are changed. */
  readonly changed: readonly { readonly organizationId: string; readonly id: string }[];
};

/** True when an announcement made a delivery. */
export function hasDeliveries(announcements: readonly Announcement[]): boolean {
  return announcements.some(({ endpoints }) => endpoints.some(({ matched }) => matched));
}

/** The result of periodic work that found nothing to do. */
export const NOTHING_DONE: PeriodicResult = { rows: 0, isFull: false, hasDeliveries: false, changed: [] };
