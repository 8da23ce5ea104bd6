import { type Alert, resolveByHand } from "./alert.ts";
import {
  EDITABLE_FIELDS,
  type EditableField,
  type Incident,
  type IncidentChange,
  nameIncident,
  withFact,
  withFields,
  withLine,
  withUpdateDue,
} from "./incident.ts";
import { mergeIncidents } from "./incident-merge.ts";
import {
  alertsToGoBack,
  isUnresolvedAgain,
  type MergeRecord,
  type UnmergeState,
  unmergeIncidents,
} from "./incident-unmerge.ts";
import { type Severity, worseSeverity } from "./severity.ts";
import { EMPTY_TALLY } from "./tally.ts";

/** What a person, or a program in a person's name, does to an incident; times in epoch milliseconds. */
export type IncidentAction =
  | { readonly kind: "acknowledge" | "unacknowledge" | "resolve" | "reopen" }
  | { readonly kind: "assign"; readonly assignee: string | null }
  | { readonly kind: "note"; readonly text: string }
  | {
      readonly kind: "edit";
      readonly fields: { readonly title?: string; readonly description?: string; readonly severity?: Severity };
    }
  | { readonly kind: "snooze"; readonly until: number }
  | { readonly kind: "unsnooze" | "unmerge" }
  | { readonly kind: "merge"; readonly intoId: string };

/** What an action is decided on. */
export type ActionState = {
  readonly change: IncidentChange;
  /** The firing alerts of the incident, for `resolve`. */
  readonly firing: readonly Alert[];
  /** Another unresolved incident of the same group, for `reopen` and `unmerge`. */
  readonly rival: Incident | null;
  /** The incident to merge into, for `merge`, or that it was merged into, for `unmerge`; null when there is none. */
  readonly target: IncidentChange | null;
  /** All its alerts, for `merge`; null when they are too many to be written down. */
  readonly alertIds: readonly string[] | null;
  /** What was written down of the merge, and what else taking it back is decided on, for `unmerge`. */
  readonly merge: (Omit<UnmergeState, "source" | "target" | "record"> & { readonly record: MergeRecord | null }) | null;
};

/** What an action did; an action that was done already changes nothing. */
export type ActionResult =
  | {
      readonly ok: true;
      readonly changes: readonly IncidentChange[];
      readonly alerts: readonly Alert[];
      /** True when the alerts of the incident become those of the target. */
      readonly movesAlerts: boolean;
    }
  | { readonly ok: false; readonly refused: string };

/** Decides on an action; doing twice what can be done once is no error and changes nothing. */
export function decideAction(state: ActionState, action: IncidentAction, actor: string, now: number): ActionResult {
  const { incident } = state.change;
  const isResolved = incident.status === "resolved";
  switch (action.kind) {
    case "acknowledge":
      if (isResolved) return refuse(`${nameIncident(incident)} is resolved; reopen it first`);
      return done(acknowledge(state.change, actor, now));
    case "unacknowledge":
      if (isResolved) return refuse(`${nameIncident(incident)} is resolved; reopen it first`);
      return done(incident.status === "open" ? state.change : unacknowledge(state.change, actor, now));
    case "resolve":
      return isResolved ? done(state.change) : resolve(state, actor, now);
    case "reopen":
      return isResolved ? reopen(state, actor, now) : done(state.change);
    case "assign":
      return done(assign(state.change, action.assignee, actor, now));
    case "note":
      return done(addNote(state.change, action.text, actor, now));
    case "edit":
      return done(edit(state.change, action.fields, actor, now));
    case "snooze":
      if (isResolved) return refuse(`${nameIncident(incident)} is resolved and cannot be snoozed`);
      if (action.until <= now) return refuse("an incident is snoozed until a time in the future");
      return done(snooze(state.change, action.until, actor, now));
    case "unsnooze":
      return done(unsnooze(state.change, actor, now));
    case "merge":
      return merge(state, actor, now);
    case "unmerge":
      return unmerge(state, actor, now);
  }
}

function acknowledge(change: IncidentChange, actor: string, now: number): IncidentChange {
  const { status, acknowledgedBy } = change.incident;
  const line = { at: now, kind: "acknowledged", actor, text: `Acknowledged by ${actor}` } as const;
  if (status === "acknowledged") {
    if (!acknowledgedBy?.startsWith("integration:")) return change;
    // From here on it is the person's, and its source cannot take it back.
    return withLine(withFields(change, { acknowledgedBy: actor, updatedAt: now }), line);
  }
  const fields = { status: "acknowledged", acknowledgedAt: now, acknowledgedBy: actor, updatedAt: now } as const;
  return withFact(withLine(withFields(change, fields), line), "incident.acknowledged", null, now);
}

function unacknowledge(change: IncidentChange, actor: string, now: number): IncidentChange {
  const fields = { status: "open", acknowledgedAt: null, acknowledgedBy: null, updatedAt: now } as const;
  const line = { at: now, kind: "unacknowledged", actor, text: `Acknowledgement taken back by ${actor}` } as const;
  return withFact(withLine(withFields(change, fields), line), "incident.unacknowledged", null, now);
}

function resolve(state: ActionState, actor: string, now: number): ActionResult {
  const alerts = state.firing.map((alert) => resolveByHand(alert, now));
  const resolved = withFields(
    { ...state.change, tally: EMPTY_TALLY },
    {
      status: "resolved",
      resolvedAt: now,
      resolvedBy: actor,
      updatedAt: now,
      firingCount: 0,
      snoozedUntil: null,
      // A person's word ends flapping: what comes next is told of again.
      flapping: false,
      stateChanges: [],
      updateDueAt: null,
      lastUpdateEventAt: now,
    },
  );
  const still =
    alerts.length === 0 ? "" : `; ${alerts.length === 1 ? "1 alert was" : `${alerts.length} alerts were`} still firing`;
  const told = withLine(resolved, { at: now, kind: "resolved", actor, text: `Resolved by ${actor}${still}` });
  return { ok: true, changes: [withFact(told, "incident.resolved", null, now)], alerts, movesAlerts: false };
}

function reopen(state: ActionState, actor: string, now: number): ActionResult {
  const { incident } = state.change;
  if (incident.mergedIntoId !== null)
    return refuse(`${nameIncident(incident)} was merged into another and cannot be reopened`);
  if (state.rival !== null) return refuse(`${nameIncident(state.rival)} of the same group is unresolved already`);
  const fields = {
    status: "open",
    resolvedAt: null,
    resolvedBy: null,
    acknowledgedAt: null,
    acknowledgedBy: null,
    updatedAt: now,
    updateDueAt: null,
    lastUpdateEventAt: now,
    flapping: false,
    stateChanges: [],
  } as const;
  const line = { at: now, kind: "reopened", actor, text: `Reopened by ${actor}` } as const;
  return done(withFact(withLine(withFields(state.change, fields), line), "incident.reopened", null, now));
}

function assign(change: IncidentChange, assignee: string | null, actor: string, now: number): IncidentChange {
  if (change.incident.assignee === assignee) return change;
  const text = assignee === null ? `Assignment removed by ${actor}` : `Assigned to ${assignee} by ${actor}`;
  const details = { from: change.incident.assignee, to: assignee };
  const told = withLine(withFields(change, { assignee, updatedAt: now }), {
    at: now,
    kind: "assigned",
    actor,
    text,
    details,
  });
  return withFact(told, "incident.assigned", null, now);
}

function addNote(change: IncidentChange, text: string, actor: string, now: number): IncidentChange {
  const told = withLine(withFields(change, { updatedAt: now }), { at: now, kind: "note", actor, text });
  return withFact(told, "incident.note_added", null, now, { note: { text, actor } });
}

function edit(
  change: IncidentChange,
  fields: Partial<Pick<Incident, EditableField>>,
  actor: string,
  now: number,
): IncidentChange {
  const { incident } = change;
  const changed = EDITABLE_FIELDS.filter((field) => fields[field] !== undefined && fields[field] !== incident[field]);
  if (changed.length === 0) return change;
  const editedFields = [...new Set([...incident.editedFields, ...changed])];
  const set = Object.fromEntries(changed.map((field) => [field, fields[field]]));
  const told = withLine(withFields(change, { ...set, editedFields, updatedAt: now }), {
    at: now,
    kind: "edited",
    actor,
    text: `${changed.join(", ")} set by ${actor}`,
    details: Object.fromEntries(changed.map((field) => [field, fields[field] ?? null])),
  });
  const { severity } = told.incident;
  const isRaised = severity !== incident.severity && worseSeverity(severity, incident.severity) === severity;
  if (isRaised && incident.status !== "resolved") return withFact(told, "incident.escalated", null, now);
  return withUpdateDue(told, now);
}

function snooze(change: IncidentChange, until: number, actor: string, now: number): IncidentChange {
  if (change.incident.snoozedUntil === until) return change;
  const updateDueAt = Math.max(until, change.incident.flapping ? (change.incident.updateDueAt ?? 0) : 0);
  const text = `Snoozed by ${actor}: no updates until ${new Date(until).toISOString()}`;
  const fields = { snoozedUntil: until, updateDueAt, lastUpdateEventAt: now, updatedAt: now };
  const told = withLine(withFields(change, fields), { at: now, kind: "snoozed", actor, text });
  return withFact(told, "incident.updated", null, now);
}

/** What changed while it was snoozed is told of at once: the update that the snooze held back is due now. */
function unsnooze(change: IncidentChange, actor: string, now: number): IncidentChange {
  if (change.incident.snoozedUntil === null) return change;
  const line = { at: now, kind: "snooze_ended", actor, text: `Snooze taken back by ${actor}` } as const;
  const told = withLine(withFields(change, { snoozedUntil: null, updateDueAt: null, updatedAt: now }), line);
  return withUpdateDue(told, now);
}

function merge(state: ActionState, actor: string, now: number): ActionResult {
  const { change, target } = state;
  if (target === null) return refuse("the incident to merge into does not exist");
  if (target.incident.id === change.incident.id) return refuse("an incident cannot be merged into itself");
  if (change.incident.mergedIntoId === target.incident.id) return done(change);
  if (change.incident.mergedIntoId !== null)
    return refuse(`${nameIncident(change.incident)} was merged into another already`);
  if (target.incident.status === "resolved") {
    return refuse(`${nameIncident(target.incident)} is resolved; merge into an unresolved incident`);
  }
  return {
    ok: true,
    changes: mergeIncidents(change, target, state.alertIds, actor, now),
    alerts: [],
    movesAlerts: true,
  };
}

function unmerge({ change, target, rival, merge: merged }: ActionState, actor: string, now: number): ActionResult {
  const { incident } = change;
  if (incident.mergedIntoId === null) return done(change);
  if (target === null || merged === null) return refuse("the incident that it was merged into does not exist any more");
  const { record } = merged;
  if (record === null) {
    return refuse(`what ${nameIncident(incident)} was before it was merged is not known: it had too many alerts`);
  }
  if (target.incident.mergedIntoId !== null) {
    return refuse(`${nameIncident(target.incident)} was merged into another itself; take that back first`);
  }
  const state = { ...merged, source: change, target, record };
  if (rival !== null && isUnresolvedAgain(record, alertsToGoBack(state))) {
    return refuse(`${nameIncident(rival)} of the same group is unresolved already`);
  }
  return { ok: true, ...unmergeIncidents(state, actor, now), movesAlerts: false };
}

function done(change: IncidentChange): ActionResult {
  return { ok: true, changes: [change], alerts: [], movesAlerts: false };
}

function refuse(refused: string): ActionResult {
  return { ok: false, refused };
}
