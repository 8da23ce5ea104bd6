import type { Alert } from "./alert.ts";
import {
  type Incident,
  type IncidentChange,
  nameIncident,
  unchanged,
  withFact,
  withFields,
  withLine,
  withStateChange,
  withUpdateDue,
} from "./incident.ts";
import type { TriagePolicy } from "./integration.ts";
import { severityRank, worseSeverity } from "./severity.ts";
import { EMPTY_TALLY, firingCount, tallyChange, worstFiring } from "./tally.ts";

/** Who caused a change of an incident and under which policy; `now` in epoch milliseconds. */
export type Cause = {
  readonly policy: TriagePolicy;
  readonly now: number;
  /** As in the timeline: `integration:<id>` or `overwatch`. */
  readonly actor: string;
  /** How the actor is called in sentences. */
  readonly actorName: string;
  /** Why an alert was resolved, when it was not its source that said so. */
  readonly reason?: string;
  /** The receipt whose signal it is. */
  readonly receiptId?: string;
};

/** Opens an incident for a firing alert; `previous` is the one that it follows, null for the first. */
export function openIncident(id: string, alert: Alert, previous: Incident | null, cause: Cause): IncidentChange {
  const { now } = cause;
  const incident: Incident = {
    organizationId: alert.organizationId,
    id,
    number: 0,
    integrationId: alert.integrationId,
    groupKey: alert.groupKey,
    status: "open",
    severity: alert.severity,
    title: titleOf(alert),
    description: alert.description,
    labels: alert.labels,
    links: alert.links,
    flapping: false,
    alertCount: 1,
    firingCount: 1,
    signalCount: 1,
    assignee: null,
    editedFields: [],
    previousIncidentId: previous?.id ?? null,
    mergedIntoId: null,
    snoozedUntil: null,
    stateChanges: previous?.stateChanges ?? [],
    eventSequence: 0,
    updateDueAt: null,
    lastUpdateEventAt: null,
    createdAt: now,
    updatedAt: now,
    acknowledgedAt: null,
    acknowledgedBy: null,
    resolvedAt: null,
    resolvedBy: null,
    version: 1,
  };
  const follows = previous === null ? "" : `; it follows ${nameIncident(previous)}`;
  const opened = withLine(unchanged(incident, tallyChange(EMPTY_TALLY, null, alert)), {
    at: now,
    kind: "opened",
    actor: cause.actor,
    text: `Opened by ${cause.actorName}: ${titleOf(alert)}${follows}`,
    details: {
      alert_id: alert.id,
      severity: alert.severity,
      ...(cause.receiptId === undefined ? {} : { receipt_id: cause.receiptId }),
    },
  });
  return followAcknowledgement(
    withStateChange(opened, "incident.created", alert, cause.policy, now),
    null,
    alert,
    cause,
  );
}

/**
 * Lets an incident follow one of its alerts: counters, severity, content, acknowledgement, resolution and reopening.
 * `before` is the member as it was, null when the alert joins.
 */
export function followAlert(start: IncidentChange, before: Alert | null, after: Alert, cause: Cause): IncidentChange {
  const tally = tallyChange(start.tally, before, after);
  let next: IncidentChange = { ...start, tally };
  next = withFields(next, {
    firingCount: firingCount(tally),
    alertCount: start.incident.alertCount + (before === null ? 1 : 0),
    signalCount:
      start.incident.signalCount + Math.max(0, after.signalCount - (before?.signalCount ?? after.signalCount - 1)),
  });
  next = tellOfMember(next, before, after, cause);
  if (next.incident.status === "resolved" && after.status === "firing") next = reopen(next, after, cause);
  next = followContent(next, before, after);
  next = followSeverity(next, start.incident, after, cause);
  next = followAcknowledgement(next, before, after, cause);
  if (before?.status === "firing" && after.status === "resolved") next = followResolution(next, after, cause);
  if (next.facts.length === start.facts.length && isVisiblyChanged(start.incident, next.incident)) {
    next = withUpdateDue(next, cause.now);
  }
  if (next.incident !== start.incident)
    next = withFields(next, { updatedAt: Math.max(cause.now, start.incident.updatedAt) });
  return next;
}

function tellOfMember(change: IncidentChange, before: Alert | null, after: Alert, cause: Cause): IncidentChange {
  const details = { count: 1, titles: [titleOf(after)], alert_id: after.id };
  const line = { at: cause.now, actor: cause.actor, details };
  if (before === null) {
    return withLine(change, { ...line, kind: "alerts_joined", text: `An alert joined: ${titleOf(after)}` });
  }
  if (change.incident.alertCount < 2 || before.status === after.status) return change;
  if (after.status === "firing") {
    return withLine(change, { ...line, kind: "alerts_refired", text: `An alert fired again: ${titleOf(after)}` });
  }
  return withLine(change, { ...line, kind: "alerts_resolved", text: `An alert was resolved: ${titleOf(after)}` });
}

function reopen(change: IncidentChange, alert: Alert, cause: Cause): IncidentChange {
  const open = withFields(change, {
    status: "open",
    resolvedAt: null,
    resolvedBy: null,
    acknowledgedAt: null,
    acknowledgedBy: null,
  });
  const text = `Reopened by ${cause.actorName}: ${titleOf(alert)} fires again`;
  const line = withLine(open, {
    at: cause.now,
    kind: "reopened",
    actor: cause.actor,
    text,
    details: { alert_id: alert.id },
  });
  // The event has to show the severity of what fires now, not of what fired before.
  const severity = isEdited(change.incident, "severity")
    ? change.incident.severity
    : (worstFiring(change.tally) ?? alert.severity);
  return withStateChange(withFields(line, { severity }), "incident.reopened", alert, cause.policy, cause.now);
}

function followContent(change: IncidentChange, before: Alert | null, after: Alert): IncidentChange {
  const { incident } = change;
  if (incident.alertCount > 1) {
    if (before !== null && before.labels === after.labels) return change;
    const labels = commonLabels(incident.labels, after.labels);
    return labels === incident.labels ? change : withFields(change, { labels });
  }
  if (before !== null && sameContent(before, after)) return change;
  return withFields(change, {
    title: isEdited(incident, "title") ? incident.title : titleOf(after),
    description: isEdited(incident, "description") ? incident.description : after.description,
    labels: after.labels,
    links: after.links,
  });
}

function followSeverity(change: IncidentChange, start: Incident, alert: Alert, cause: Cause): IncidentChange {
  const { incident, tally } = change;
  const severity = worstFiring(tally);
  if (severity === null || severity === incident.severity || isEdited(incident, "severity")) return change;
  const next = withFields(change, { severity });
  const isRaised = worseSeverity(severity, incident.severity) === severity;
  const line = { at: cause.now, actor: cause.actor, details: { from: incident.severity, to: severity } };
  if (!isRaised) {
    return withLine(next, {
      ...line,
      kind: "severity_lowered",
      text: `Severity lowered from ${incident.severity} to ${severity}`,
    });
  }
  const told = withLine(next, {
    ...line,
    kind: "severity_raised",
    text: `Severity raised from ${incident.severity} to ${severity} by ${cause.actorName}: ${titleOf(alert)}`,
  });
  // What nobody was told of as open cannot escalate: a reopening shows the new severity itself.
  if (start.status === "resolved") return told;
  return withFact(told, "incident.escalated", alert, cause.now);
}

function followAcknowledgement(
  change: IncidentChange,
  before: Alert | null,
  after: Alert,
  cause: Cause,
): IncidentChange {
  const { incident, tally } = change;
  const wasAcknowledged = before?.acknowledged ?? false;
  const line = { at: cause.now, actor: cause.actor, details: { alert_id: after.id } };
  if (after.acknowledged && !wasAcknowledged && incident.status === "open") {
    const fields = { status: "acknowledged", acknowledgedAt: cause.now, acknowledgedBy: cause.actor } as const;
    const text = `Acknowledged in ${cause.actorName}`;
    const told = withLine(withFields(change, fields), { ...line, kind: "acknowledged", text });
    return withFact(told, "incident.acknowledged", after, cause.now);
  }
  const isLost = wasAcknowledged && !after.acknowledged && after.status === "firing" && tally.acknowledged === 0;
  // Only what a source acknowledged can a source take back: a person's acknowledgement stays.
  if (isLost && incident.status === "acknowledged" && incident.acknowledgedBy === cause.actor) {
    const fields = { status: "open", acknowledgedAt: null, acknowledgedBy: null } as const;
    const text = `The acknowledgement was taken back in ${cause.actorName}`;
    const told = withLine(withFields(change, fields), { ...line, kind: "unacknowledged", text });
    return withFact(told, "incident.unacknowledged", after, cause.now);
  }
  return change;
}

function followResolution(change: IncidentChange, alert: Alert, cause: Cause): IncidentChange {
  if (firingCount(change.tally) > 0 || change.incident.status === "resolved" || !cause.policy.auto_resolve)
    return change;
  const fields = { status: "resolved", resolvedAt: cause.now, resolvedBy: cause.actor, snoozedUntil: null } as const;
  const what =
    change.incident.alertCount > 1 ? `all ${change.incident.alertCount} alerts are resolved` : "its alert is resolved";
  const text = cause.reason ?? `Resolved by ${cause.actorName}: ${what}`;
  const told = withLine(withFields(change, fields), {
    at: cause.now,
    kind: "resolved",
    actor: cause.actor,
    text,
    details: { alert_id: alert.id },
  });
  return withStateChange(told, "incident.resolved", alert, cause.policy, cause.now);
}

function isEdited(incident: Incident, field: Incident["editedFields"][number]): boolean {
  return incident.editedFields.includes(field);
}

function titleOf(alert: Alert): string {
  return alert.title === "" ? alert.dedupKey : alert.title;
}

function sameContent(one: Alert, other: Alert): boolean {
  return (
    one.title === other.title &&
    one.description === other.description &&
    (one.labels === other.labels || JSON.stringify(one.labels) === JSON.stringify(other.labels)) &&
    (one.links === other.links || JSON.stringify(one.links) === JSON.stringify(other.links))
  );
}

/** The labels that two alerts or incidents share; the first object itself when it shares all of its. */
export function commonLabels(
  one: Readonly<Record<string, string>>,
  other: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const kept = Object.entries(one).filter(([name, value]) => Object.hasOwn(other, name) && other[name] === value);
  return kept.length === Object.keys(one).length ? one : Object.fromEntries(kept);
}

function isVisiblyChanged(before: Incident, after: Incident): boolean {
  return (
    before.alertCount !== after.alertCount ||
    before.firingCount !== after.firingCount ||
    severityRank(before.severity) !== severityRank(after.severity) ||
    before.title !== after.title ||
    before.description !== after.description ||
    before.labels !== after.labels ||
    before.links !== after.links
  );
}
