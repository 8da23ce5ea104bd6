import type { Alert, AlertKey } from "../core/alert.ts";
import type { Incident, IncidentChange, IncidentFact } from "../core/incident.ts";
import { EMPTY_TALLY, type Tally } from "../core/tally.ts";
import type { TimelineDraft } from "../core/timeline.ts";

/** The alerts and incidents that a batch touches, as they are now, and what has to be written of them. */
export type World = {
  readonly alerts: Map<string, Alert>;
  readonly incidents: Map<string, Incident>;
  readonly tallies: Map<string, Tally>;
  /** By group: the unresolved incident, else the newest. */
  readonly current: Map<string, string>;
  readonly newAlerts: Set<string>;
  readonly changedAlerts: Set<string>;
  readonly newIncidents: Set<string>;
  readonly changedIncidents: Set<string>;
  readonly facts: IncidentFact[];
  readonly timeline: TimelineDraft[];
};

/** A world that knows these alerts and incidents, and nothing to write yet. */
export function createWorld(
  alerts: readonly Alert[],
  incidents: readonly Incident[],
  tallies: ReadonlyMap<string, Tally>,
): World {
  const world: World = {
    alerts: new Map(alerts.map((alert) => [alertKey(alert), alert])),
    incidents: new Map(incidents.map((incident) => [incident.id, incident])),
    tallies: new Map(tallies),
    current: new Map(),
    newAlerts: new Set(),
    changedAlerts: new Set(),
    newIncidents: new Set(),
    changedIncidents: new Set(),
    facts: [],
    timeline: [],
  };
  for (const incident of incidents) noteCurrent(world, incident);
  return world;
}

/** The key of an alert in a world. */
export function alertKey(alert: AlertKey): string {
  return `${alert.organizationId} ${alert.integrationId} ${alert.dedupKey}`;
}

/** The key of a group in a world. */
export function groupKey(organizationId: string, name: string): string {
  return `${organizationId} ${name}`;
}

/** The incident that stands for a group; of a merged group the one of the group that it became part of. */
export function currentOf(world: World, organizationId: string, name: string): Incident | null {
  let found = world.incidents.get(world.current.get(groupKey(organizationId, name)) ?? "") ?? null;
  for (let hops = 0; found?.mergedIntoId && hops < MOST_MERGES; hops++) {
    const target = world.incidents.get(found.mergedIntoId);
    if (target === undefined) return found;
    found = world.incidents.get(world.current.get(groupKey(organizationId, target.groupKey)) ?? "") ?? target;
  }
  return found;
}

/** A chain of merges is followed so far. */
export const MOST_MERGES = 5;

/** Takes an alert over as it is now. */
export function putAlert(world: World, alert: Alert): void {
  const key = alertKey(alert);
  if (!world.alerts.has(key)) world.newAlerts.add(key);
  else if (!world.newAlerts.has(key)) world.changedAlerts.add(key);
  world.alerts.set(key, alert);
}

/** The point from which an incident of this world changes. */
export function changeOf(world: World, incident: Incident): IncidentChange {
  return { incident, tally: world.tallies.get(incident.id) ?? EMPTY_TALLY, facts: [], timeline: [] };
}

/** Takes a changed or new incident over with what is to be told of it. */
export function putChange(world: World, change: IncidentChange): void {
  const { incident } = change;
  const isNew = !world.incidents.has(incident.id);
  if (isNew) world.newIncidents.add(incident.id);
  else if (!world.newIncidents.has(incident.id)) world.changedIncidents.add(incident.id);
  world.incidents.set(incident.id, incident);
  world.tallies.set(incident.id, change.tally);
  world.facts.push(...change.facts);
  world.timeline.push(...change.timeline);
  noteCurrent(world, incident);
}

function noteCurrent(world: World, incident: Incident): void {
  const key = groupKey(incident.organizationId, incident.groupKey);
  const known = world.incidents.get(world.current.get(key) ?? "");
  const isBetter =
    known === undefined ||
    known.groupKey !== incident.groupKey ||
    incident.status !== "resolved" ||
    (known.status === "resolved" && incident.id > known.id);
  if (isBetter) world.current.set(key, incident.id);
}
