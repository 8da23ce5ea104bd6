import { type Alert, type AlertChange, applySignal } from "../core/alert.ts";
import { closedWindowName, nameGroup } from "../core/grouping.ts";
import { type Incident, nameIncident, unchanged, withFields, withLine } from "../core/incident.ts";
import { type Cause, followAlert, openIncident } from "../core/incident-signals.ts";
import type { TriagePolicy } from "../core/integration.ts";
import { type Placement, placeAlert } from "../core/placement.ts";
import type { Signal } from "../core/signal.ts";
import { EMPTY_TALLY } from "../core/tally.ts";
import { integrationActor } from "../core/timeline.ts";
import type { TriageIntegration } from "../store/triage-integrations.ts";
import { type Decision, explainChange } from "./explain.ts";
import { alertKey, changeOf, currentOf, putAlert, putChange, type World } from "./world.ts";

/** What a signal is folded under; times in epoch milliseconds. */
export type FoldContext = {
  readonly integration: TriageIntegration;
  readonly policy: TriagePolicy;
  readonly receiptId: string;
  readonly receivedAt: number;
  readonly now: number;
  readonly isReplay: boolean;
  readonly nextId: () => string;
};

/** What was decided about one signal, for the trace. */
export type Folded = {
  readonly signal: Signal;
  readonly decision: Decision;
  readonly why: string;
  readonly alertId: string | null;
  readonly incidentId: string | null;
  readonly isRepeat: boolean;
};

/** Folds one signal into the world: its alert, the alert's incident, what has to be told. */
export function foldSignal(world: World, signal: Signal, context: FoldContext): Folded {
  const { integration } = context;
  const key = alertKey({
    organizationId: integration.organizationId,
    integrationId: integration.id,
    dedupKey: signal.dedupKey,
  });
  const before = world.alerts.get(key) ?? null;
  if (signal.status === "noted") return foldNote(world, signal, before, context);
  const change = applySignal(before, signal, {
    organizationId: integration.organizationId,
    integrationId: integration.id,
    newId: before?.id ?? context.nextId(),
    receivedAt: context.receivedAt,
    isCounted: !context.isReplay,
  });
  const own = incidentOf(world, change.after);
  if (change.after.status === "firing" && (own === null || own.status === "resolved")) {
    return foldFiring(world, signal, change, own, context);
  }
  const needsGroup = before === null || change.kind === "fired";
  const after = needsGroup ? { ...change.after, groupKey: groupNameOf(change.after, context).key } : change.after;
  putAlert(world, after);
  let isEscalated = false;
  if (own !== null) {
    const followed = followAlert(changeOf(world, own), before, after, causeOf(context));
    isEscalated = followed.facts.some((fact) => fact.type === "incident.escalated");
    putChange(world, followed);
  }
  const { decision, why } = explainChange(change, own, isEscalated);
  return { signal, decision, why, alertId: after.id, incidentId: after.incidentId, isRepeat: change.isRepeat };
}

function foldFiring(
  world: World,
  signal: Signal,
  change: AlertChange,
  own: Incident | null,
  context: FoldContext,
): Folded {
  const group = groupNameOf(change.after, context);
  const alert: Alert = { ...change.after, groupKey: group.key };
  const current = currentOf(world, alert.organizationId, alert.groupKey);
  const place = placeAlert(alert, { own, current }, context.policy, context.integration.grouping, context.now);
  const placed = putPlaced(world, alert, change.before, own, place, context);
  const missing =
    group.missing.length > 0 ? `; it has no label ${group.missing.join(", ")}, which counts as empty` : "";
  return {
    signal,
    decision: DECISION_OF_PLACE[place.kind],
    why: `the alert fires, and ${place.why}${missing}`,
    alertId: placed.id,
    incidentId: placed.incidentId,
    isRepeat: false,
  };
}

const DECISION_OF_PLACE = {
  open: "opened",
  join: "joined",
  reopen: "reopened",
  stay: "refired",
} as const satisfies Record<Placement["kind"], Decision>;

function putPlaced(
  world: World,
  alert: Alert,
  before: Alert | null,
  own: Incident | null,
  place: Placement,
  context: FoldContext,
): Alert {
  const cause = causeOf(context);
  if (place.kind === "open") {
    if (place.outgrown !== null) giveNameAway(world, place.outgrown);
    const placed = { ...alert, incidentId: context.nextId() };
    putAlert(world, placed);
    putChange(world, openIncident(placed.incidentId, placed, place.previous, cause));
    return placed;
  }
  const placed = { ...alert, incidentId: place.incident.id };
  putAlert(world, placed);
  const member = place.incident.id === own?.id ? before : null;
  putChange(world, followAlert(changeOf(world, place.incident), member, placed, cause));
  return placed;
}

function giveNameAway(world: World, incident: Incident): void {
  const name = closedWindowName(incident.groupKey, incident.createdAt);
  putChange(world, withFields(changeOf(world, incident), { groupKey: name }));
}

function foldNote(world: World, signal: Signal, alert: Alert | null, context: FoldContext): Folded {
  const incident = alert === null ? null : incidentOf(world, alert);
  if (alert === null || incident === null) {
    const why = "it is a note, and no incident of this alert is known";
    return { signal, decision: "ignored", why, alertId: alert?.id ?? null, incidentId: null, isRepeat: false };
  }
  const text = signal.note ?? signal.title;
  const line = { at: context.now, kind: "source_note", actor: integrationActor(context.integration.id), text } as const;
  if (!context.isReplay) {
    const noted = withLine(unchanged(incident, world.tallies.get(incident.id) ?? EMPTY_TALLY), line);
    world.timeline.push(...noted.timeline);
  }
  const why = `it is a note on ${nameIncident(incident)} and changes no state`;
  return { signal, decision: "noted", why, alertId: alert.id, incidentId: incident.id, isRepeat: context.isReplay };
}

function incidentOf(world: World, alert: Alert): Incident | null {
  return alert.incidentId === null ? null : (world.incidents.get(alert.incidentId) ?? null);
}

function groupNameOf(alert: Alert, context: FoldContext) {
  return nameGroup(context.integration.grouping, context.integration.id, alert);
}

function causeOf(context: FoldContext): Cause {
  return {
    policy: context.policy,
    now: context.now,
    actor: integrationActor(context.integration.id),
    actorName: context.integration.name,
    receiptId: context.receiptId,
  };
}
