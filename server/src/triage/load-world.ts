import type { Alert, AlertKey } from "../core/alert.ts";
import { nameGroup } from "../core/grouping.ts";
import type { Incident } from "../core/incident.ts";
import type { Signal } from "../core/signal.ts";
import { EMPTY_TALLY, type Tally, tallyChange } from "../core/tally.ts";
import type { Queryable } from "../runtime/database.ts";
import { lockAlertsByKey, readTallies } from "../store/alerts.ts";
import { type GroupKey, lockIncidents, lockIncidentsOfAlerts } from "../store/incidents.ts";
import type { TriageIntegration } from "../store/triage-integrations.ts";
import { alertKey, createWorld, groupKey, MOST_MERGES, type World } from "./world.ts";

/** The signals of one receipt with the integration that reads them. */
export type Wanted = { readonly integration: TriageIntegration; readonly signals: readonly Signal[] };

/**
 * Reads and locks all that the signals can touch, in a handful of statements however many they are; the first two, which
 * are enough for nearly all batches, are sent before anything is waited for.
 */
export async function loadWorld(tx: Queryable, wanted: readonly Wanted[]): Promise<World> {
  const keys = new Map<string, AlertKey>();
  for (const { integration, signals } of wanted) {
    for (const { dedupKey } of signals) {
      const key = { organizationId: integration.organizationId, integrationId: integration.id, dedupKey };
      keys.set(alertKey(key), key);
    }
  }
  if (keys.size === 0) return createWorld([], [], new Map());
  const groups = groupsOf(wanted);
  const [alerts, incidents] = await Promise.all([
    lockAlertsByKey(tx, [...keys.values()]),
    lockIncidentsOfAlerts(tx, [...keys.values()], [...groups.values()]),
  ]);
  const all = await loadRelated(tx, incidents, formerGroups(wanted, alerts, groups));
  return createWorld(alerts, all, await loadTallies(tx, alerts, all));
}

/** Every group in which one of the signals could place its alert. */
function groupsOf(wanted: readonly Wanted[]): ReadonlyMap<string, GroupKey> {
  const groups = new Map<string, GroupKey>();
  for (const { integration, signals } of wanted) {
    for (const signal of signals) putGroup(groups, integration, signal);
  }
  return groups;
}

/** The groups of the alerts as they are known, where these are others: an old signal does not change their labels. */
function formerGroups(
  wanted: readonly Wanted[],
  alerts: readonly Alert[],
  asked: ReadonlyMap<string, GroupKey>,
): readonly GroupKey[] {
  const integrations = new Map(wanted.map(({ integration }) => [integration.id, integration]));
  const groups = new Map<string, GroupKey>();
  for (const alert of alerts) {
    const integration = integrations.get(alert.integrationId);
    if (integration !== undefined) putGroup(groups, integration, alert);
  }
  return [...groups].flatMap(([name, group]) => (asked.has(name) ? [] : [group]));
}

function putGroup(
  groups: Map<string, GroupKey>,
  integration: TriageIntegration,
  content: Pick<Alert, "dedupKey" | "labels">,
): void {
  const { organizationId } = integration;
  const { key } = nameGroup(integration.grouping, integration.id, content);
  groups.set(groupKey(organizationId, key), { organizationId, groupKey: key });
}

/** The incidents, those of further groups, and what any of them was merged into. */
async function loadRelated(
  tx: Queryable,
  incidents: readonly Incident[],
  groups: readonly GroupKey[],
): Promise<readonly Incident[]> {
  const found = new Map<string, Incident>();
  const take = (incidents: readonly Incident[]) => {
    for (const incident of incidents) found.set(incident.id, incident);
  };
  take(incidents);
  if (groups.length > 0) take(await lockIncidents(tx, [], groups));
  for (let hops = 0; hops < MOST_MERGES; hops++) {
    const targets = [...found.values()].flatMap(({ organizationId, mergedIntoId }) =>
      mergedIntoId === null || found.has(mergedIntoId) ? [] : [{ organizationId, id: mergedIntoId }],
    );
    if (targets.length === 0) break;
    const merged = await lockIncidents(tx, targets, []);
    take(merged);
    take(await lockIncidents(tx, [], merged));
  }
  return [...found.values()];
}

/** Tallies come from the loaded alerts where these are all that fire, else from the database. */
async function loadTallies(
  tx: Queryable,
  alerts: readonly Alert[],
  incidents: readonly Incident[],
): Promise<ReadonlyMap<string, Tally>> {
  const tallies = new Map<string, Tally>();
  const loaded = new Map<string, number>();
  for (const alert of alerts) {
    if (alert.incidentId === null || alert.status !== "firing") continue;
    tallies.set(alert.incidentId, tallyChange(tallies.get(alert.incidentId) ?? EMPTY_TALLY, null, alert));
    loaded.set(alert.incidentId, (loaded.get(alert.incidentId) ?? 0) + 1);
  }
  const partial = incidents.filter((incident) => incident.firingCount !== (loaded.get(incident.id) ?? 0));
  if (partial.length === 0) return tallies;
  const counted = await readTallies(tx, partial);
  for (const { id } of partial) tallies.set(id, counted.get(id) ?? EMPTY_TALLY);
  return tallies;
}
