import type { Alert } from "./alert.ts";
import {
  type Incident,
  type IncidentChange,
  nameIncident,
  withFact,
  withFields,
  withLine,
  withStateChange,
  withUpdateDue,
} from "./incident.ts";
import type { TriagePolicy } from "./integration.ts";
import type { JsonObject } from "./json.ts";
import { EMPTY_TALLY, firingCount, type Tally, tallyChange, worstFiring } from "./tally.ts";
import { OVERWATCH_ACTOR } from "./timeline.ts";

/** How two incidents were before they were merged, as the merge wrote it down; times in epoch milliseconds. */
export type MergeRecord = {
  readonly status: Incident["status"];
  readonly snoozedUntil: number | null;
  readonly targetLabels: Readonly<Record<string, string>>;
  /** False when the target was kept unresolved by a person alone: none of its alerts fired. */
  readonly didTargetFire: boolean;
  /** The alerts that went over. */
  readonly alertIds: readonly string[];
};

/** More alerts are not written down with a merge, which then is for good. */
export const MOST_MERGED_ALERTS = 500;

/** The record as it stands in the details of a line of the timeline; null for more alerts than are written down. */
export function writeMergeRecord(
  source: Incident,
  target: Incident,
  alertIds: readonly string[] | null,
): JsonObject | null {
  if (alertIds === null || alertIds.length > MOST_MERGED_ALERTS) return null;
  const { status, snoozedUntil } = source;
  const snoozed = snoozedUntil === null ? null : new Date(snoozedUntil).toISOString();
  return {
    status,
    snoozed_until: snoozed,
    target_labels: target.labels,
    target_firing_count: target.firingCount,
    alert_ids: alertIds,
  };
}

/** Reads what `writeMergeRecord` wrote; null when there is none. */
export function readMergeRecord(details: JsonObject): MergeRecord | null {
  const { before } = details;
  if (typeof before !== "object" || before === null) return null;
  const { status, snoozed_until, target_labels, target_firing_count, alert_ids } = before as JsonObject;
  if (status !== "open" && status !== "acknowledged" && status !== "resolved") return null;
  if (!Array.isArray(alert_ids) || typeof target_labels !== "object" || target_labels === null) return null;
  return {
    status,
    snoozedUntil: typeof snoozed_until === "string" ? Date.parse(snoozed_until) : null,
    targetLabels: target_labels as Readonly<Record<string, string>>,
    didTargetFire: target_firing_count !== 0,
    alertIds: alert_ids.map(String),
  };
}

/** What taking a merge back is decided on. */
export type UnmergeState = {
  readonly source: IncidentChange;
  readonly target: IncidentChange;
  readonly record: MergeRecord;
  /** How the target's integration wants its alerts treated. */
  readonly policy: TriagePolicy;
  /** All alerts that are the target's now. */
  readonly alerts: readonly Alert[];
};

/**
 * Which of the target's alerts go back: those that had come over, and those that came later of the source's group, which
 * would have been the source's without the merge.
 */
export function alertsToGoBack({ source, target, record, alerts }: UnmergeState): readonly Alert[] {
  const moved = new Set(record.alertIds);
  const isOwnGroup = source.incident.groupKey !== target.incident.groupKey;
  return alerts.filter(({ id, groupKey }) => moved.has(id) || (isOwnGroup && groupKey === source.incident.groupKey));
}

/** Takes a merge back: returns the source and the target, changed, and the alerts that are the source's again. */
export function unmergeIncidents(
  state: UnmergeState,
  actor: string,
  now: number,
): { readonly changes: readonly [IncidentChange, IncidentChange]; readonly alerts: readonly Alert[] } {
  const back = alertsToGoBack(state);
  const changes = [unmergeSource(state, back, actor, now), unmergeTarget(state, back, actor, now)] as const;
  return { changes, alerts: back.map((alert) => ({ ...alert, incidentId: state.source.incident.id })) };
}

/** True when the source is worked on again: it was when it was merged and something of it fires, or it has no alerts. */
export function isUnresolvedAgain(record: MergeRecord, back: readonly Alert[]): boolean {
  if (back.some(({ status }) => status === "firing")) return true;
  return record.status !== "resolved" && back.length === 0;
}

function unmergeSource(state: UnmergeState, back: readonly Alert[], actor: string, now: number): IncidentChange {
  const { source, target, record } = state;
  const { incident } = source;
  const tally = back.reduce((sum, alert) => tallyChange(sum, null, alert), EMPTY_TALLY);
  const isUnresolved = isUnresolvedAgain(record, back);
  const snoozedUntil = isUnresolved && (record.snoozedUntil ?? 0) > now ? record.snoozedUntil : null;
  const restored = withFields(
    { ...source, tally },
    {
      mergedIntoId: null,
      alertCount: back.length,
      firingCount: firingCount(tally),
      severity: severityOf(incident, tally),
      snoozedUntil,
      updateDueAt: snoozedUntil,
      lastUpdateEventAt: now,
      updatedAt: now,
      ...(isUnresolved
        ? { status: record.status === "acknowledged" ? "acknowledged" : "open", resolvedAt: null, resolvedBy: null }
        : {}),
    },
  );
  const rest = isUnresolved || record.status === "resolved" ? "" : "; none of its alerts fires any more";
  const from = { id: target.incident.id, number: target.incident.number };
  const text = `Taken out of ${nameIncident(target.incident)} again by ${actor}${rest}`;
  const told = withLine(restored, { at: now, kind: "unmerged", actor, text, details: { from } });
  return isUnresolved ? withFact(told, "incident.reopened", null, now) : told;
}

function unmergeTarget(state: UnmergeState, back: readonly Alert[], actor: string, now: number): IncidentChange {
  const { source, target } = state;
  const { incident } = target;
  const tally = back.reduce((sum, alert) => tallyChange(sum, alert, null), target.tally);
  const restored = withFields(
    { ...target, tally },
    {
      alertCount: Math.max(0, incident.alertCount - back.length),
      firingCount: firingCount(tally),
      // What came in while they were one stays counted here.
      signalCount: Math.max(0, incident.signalCount - source.incident.signalCount),
      labels: labelsOf(state, back),
      severity: severityOf(incident, tally),
      updatedAt: now,
    },
  );
  const text = `${nameIncident(source.incident)} was taken out of this one again by ${actor}`;
  const out = { id: source.incident.id, number: source.incident.number };
  const told = withLine(restored, { at: now, kind: "unmerged", actor, text, details: { out } });
  if (incident.status === "resolved") return told;
  return isOver(state, restored) ? resolveTarget(told, state.policy, now) : withUpdateDue(told, now);
}

/**
 * True when the target would have been resolved long ago, had it not been for the alerts that went back: its own fired,
 * and are resolved by now. What a person alone kept unresolved stays so.
 */
function isOver({ record, policy }: UnmergeState, { incident }: IncidentChange): boolean {
  const isEachResolved = incident.alertCount > 0 && incident.firingCount === 0;
  return isEachResolved && record.didTargetFire && policy.auto_resolve;
}

function resolveTarget(change: IncidentChange, policy: TriagePolicy, now: number): IncidentChange {
  const fields = { status: "resolved", resolvedAt: now, resolvedBy: OVERWATCH_ACTOR, snoozedUntil: null } as const;
  const text = "Resolved: none of the alerts that it kept fires any more";
  const line = { at: now, kind: "resolved", actor: OVERWATCH_ACTOR, text } as const;
  return withStateChange(withLine(withFields(change, fields), line), "incident.resolved", null, policy, now);
}

function severityOf(incident: Incident, tally: Tally): Incident["severity"] {
  if (incident.editedFields.includes("severity")) return incident.severity;
  return worstFiring(tally) ?? incident.severity;
}

/** The labels that the target had, but for those that an alert which stays has not. */
function labelsOf({ target, record, alerts }: UnmergeState, back: readonly Alert[]): Incident["labels"] {
  const gone = new Set(back.map(({ id }) => id));
  const stay = alerts.filter(({ id }) => !gone.has(id));
  const kept = Object.entries(record.targetLabels).filter(
    ([name, value]) => target.incident.labels[name] === value || stay.every(({ labels }) => labels[name] === value),
  );
  return Object.fromEntries(kept);
}
