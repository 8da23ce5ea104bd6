/** What a bulk run does with what it selects. */
export const BULK_KINDS = ["retry", "resend", "cancel", "replay_missing"] as const;

/** What a bulk run does: again with the same ids, again with fresh ids, call off, or make what was never made. */
export type BulkKind = (typeof BULK_KINDS)[number];

/** Where a bulk run stands. */
export const BULK_STATES = ["running", "stopped", "finished"] as const;

/** Where a bulk run stands. */
export type BulkState = (typeof BULK_STATES)[number];

/** The states of deliveries that a bulk run may select; what is under way it leaves alone. */
export const SELECTABLE_STATUSES = ["pending", "parked", "succeeded", "exhausted", "cancelled"] as const;

/** A state of deliveries that a bulk run may select. */
export type SelectableStatus = (typeof SELECTABLE_STATUSES)[number];

/** Which deliveries (or events, for those that were never made) are meant; null does not narrow. */
export type Selection = {
  readonly endpointId: string | null;
  readonly integrationId: string | null;
  readonly incidentId: string | null;
  readonly eventType: string | null;
  readonly statuses: readonly SelectableStatus[];
  /** The reason of the last failed attempt. */
  readonly reason: string | null;
  /** When the delivery or event was made, epoch milliseconds: not before, and before. */
  readonly since: number;
  readonly until: number;
};

/** One step of a run: how many it takes, and how long it takes for them, in milliseconds. */
export type BulkStep = { readonly size: number; readonly durationMs: number };

const MOST_A_STEP = 500;

/** The next step of a run of which so many are left; about a second's worth, so that a stop is felt soon. */
export function nextStep(perSecond: number | null, left: number): BulkStep {
  if (perSecond === null) return { size: Math.min(MOST_A_STEP, left), durationMs: 0 };
  const size = Math.min(MOST_A_STEP, Math.max(1, Math.floor(perSecond)), left);
  return { size, durationMs: Math.round((size * 1_000) / perSecond) };
}

/** How long a run of so many takes at a pace, in seconds rounded up; null when no pace is set. */
export function durationOf(count: number, perSecond: number | null): number | null {
  return perSecond === null ? null : Math.ceil(count / perSecond);
}
