import type { Alert } from "./alert.ts";
import { SEVERITIES, type Severity, severityRank } from "./severity.ts";

/** How many alerts of an incident fire, by severity (worst first), and how many of those their source acknowledged. */
export type Tally = { readonly bySeverity: readonly number[]; readonly acknowledged: number };

/** The tally of an incident of which nothing fires. */
export const EMPTY_TALLY: Tally = { bySeverity: SEVERITIES.map(() => 0), acknowledged: 0 };

/** The tally after one member changed; null stands for not being a member. */
export function tallyChange(tally: Tally, before: Alert | null, after: Alert | null): Tally {
  const bySeverity = [...tally.bySeverity];
  let acknowledged = tally.acknowledged;
  for (const [alert, step] of [
    [before, -1],
    [after, 1],
  ] as const) {
    if (alert?.status !== "firing") continue;
    const rank = severityRank(alert.severity);
    bySeverity[rank] = (bySeverity[rank] ?? 0) + step;
    if (alert.acknowledged) acknowledged += step;
  }
  return { bySeverity, acknowledged };
}

/** The tallies of two incidents that become one. */
export function addTallies(one: Tally, other: Tally): Tally {
  return {
    bySeverity: one.bySeverity.map((count, rank) => count + (other.bySeverity[rank] ?? 0)),
    acknowledged: one.acknowledged + other.acknowledged,
  };
}

/** How many alerts fire. */
export function firingCount(tally: Tally): number {
  return tally.bySeverity.reduce((sum, count) => sum + count, 0);
}

/** The worst severity that fires, or null when nothing does. */
export function worstFiring(tally: Tally): Severity | null {
  const rank = tally.bySeverity.findIndex((count) => count > 0);
  return SEVERITIES[rank] ?? null;
}
