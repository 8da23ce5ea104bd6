import { flappingEndsAt } from "./flapping.ts";
import { type Incident, type IncidentChange, unchanged, withFact, withFields, withLine } from "./incident.ts";
import type { TriagePolicy } from "./integration.ts";
import { EMPTY_TALLY } from "./tally.ts";
import { OVERWATCH_ACTOR } from "./timeline.ts";

/**
 * Does what is due for an incident by time alone (epoch milliseconds): ends a snooze, ends flapping, tells of changes
 * that were held back. `toldState` is what endpoints heard last of its state: `resolved`, or unresolved.
 */
export function settleDue(
  incident: Incident,
  toldState: "resolved" | "unresolved",
  policy: TriagePolicy,
  now: number,
): IncidentChange {
  let change = unchanged(incident, EMPTY_TALLY);
  if (incident.snoozedUntil !== null && incident.snoozedUntil <= now) {
    const line = { at: now, kind: "snooze_ended", actor: OVERWATCH_ACTOR, text: "The snooze is over" } as const;
    change = withLine(withFields(change, { snoozedUntil: null }), line);
  }
  if (incident.flapping) return settleFlapping(change, toldState, policy, now);
  return tellUpdate(change, now);
}

function settleFlapping(
  change: IncidentChange,
  toldState: "resolved" | "unresolved",
  policy: TriagePolicy,
  now: number,
): IncidentChange {
  const endsAt = flappingEndsAt(change.incident.stateChanges, policy);
  if (endsAt > now) return withFields(change, { updateDueAt: endsAt });
  const calm = withLine(withFields(change, { flapping: false, stateChanges: [] }), {
    at: now,
    kind: "flapping_ended",
    actor: OVERWATCH_ACTOR,
    text: `No longer flapping: it is ${change.incident.status}`,
  });
  const told = tellUpdate(calm, now);
  // Whoever hears only openings and resolutions must learn how it ended.
  const isResolved = change.incident.status === "resolved";
  if (isResolved && toldState === "unresolved") return withFact(told, "incident.resolved", null, now);
  if (!isResolved && toldState === "resolved") return withFact(told, "incident.reopened", null, now);
  return told;
}

function tellUpdate(change: IncidentChange, now: number): IncidentChange {
  return withFact(withFields(change, { updateDueAt: null, lastUpdateEventAt: now }), "incident.updated", null, now);
}
