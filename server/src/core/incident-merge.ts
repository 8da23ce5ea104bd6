import { type IncidentChange, nameIncident, withFact, withFields, withLine, withUpdateDue } from "./incident.ts";
import { commonLabels } from "./incident-signals.ts";
import { writeMergeRecord } from "./incident-unmerge.ts";
import { worseSeverity } from "./severity.ts";
import { addTallies, EMPTY_TALLY, firingCount, worstFiring } from "./tally.ts";

/**
 * Makes one incident part of another: the alerts and their counts go over, the source is resolved and points at the
 * target. Returns the source and the target, changed; the alerts themselves are moved by whoever saves this. What a merge
 * is taken back by is written down with it, unless `alertIds`, the source's alerts, are null for being too many.
 */
export function mergeIncidents(
  source: IncidentChange,
  target: IncidentChange,
  alertIds: readonly string[] | null,
  actor: string,
  now: number,
): readonly [IncidentChange, IncidentChange] {
  return [mergeSource(source, target, alertIds, actor, now), mergeTarget(source, target, actor, now)];
}

function mergeSource(
  source: IncidentChange,
  target: IncidentChange,
  alertIds: readonly string[] | null,
  actor: string,
  now: number,
): IncidentChange {
  const { incident } = source;
  const merged = withFields(
    { ...source, tally: EMPTY_TALLY },
    {
      status: "resolved",
      mergedIntoId: target.incident.id,
      resolvedAt: incident.resolvedAt ?? now,
      resolvedBy: incident.resolvedBy ?? actor,
      alertCount: 0,
      firingCount: 0,
      snoozedUntil: null,
      flapping: false,
      stateChanges: [],
      updateDueAt: null,
      updatedAt: now,
    },
  );
  const into = { id: target.incident.id, number: target.incident.number };
  const text = `Merged into ${nameIncident(target.incident)} by ${actor}`;
  const before = writeMergeRecord(incident, target.incident, alertIds);
  const details = before === null ? { into } : { into, before };
  const told = withLine(merged, { at: now, kind: "merged", actor, text, details });
  return withFact(told, "incident.merged", null, now, { merged_into: into });
}

function mergeTarget(source: IncidentChange, target: IncidentChange, actor: string, now: number): IncidentChange {
  const { incident } = target;
  const tally = addTallies(target.tally, source.tally);
  const severity = incident.editedFields.includes("severity")
    ? incident.severity
    : (worstFiring(tally) ?? incident.severity);
  const merged = withFields(
    { ...target, tally },
    {
      alertCount: incident.alertCount + source.incident.alertCount,
      firingCount: firingCount(tally),
      signalCount: incident.signalCount + source.incident.signalCount,
      labels: commonLabels(incident.labels, source.incident.labels),
      severity,
      updatedAt: now,
    },
  );
  const text = `${nameIncident(source.incident)} was merged into this one by ${actor}`;
  const from = { id: source.incident.id, number: source.incident.number };
  const told = withLine(merged, { at: now, kind: "merged", actor, text, details: { from } });
  const isRaised = severity !== incident.severity && worseSeverity(severity, incident.severity) === severity;
  return isRaised ? withFact(told, "incident.escalated", null, now) : withUpdateDue(told, now);
}
