import type { Alert } from "../core/alert.ts";
import { nameGroup } from "../core/grouping.ts";
import type { Incident } from "../core/incident.ts";
import type { Signal } from "../core/signal.ts";
import { EMPTY_TALLY, type Tally, tallyChange } from "../core/tally.ts";
import type { Queryable } from "../runtime/database.ts";
import { lockAlertsByKey, readTallies } from "../store/alerts.ts";
import { type GroupKey, type IncidentKey, lockIncidents } from "../store/incidents.ts";
import type { TriageIntegration } from "../store/triage-integrations.ts";
import { alertKey, createWorld, groupKey, MOST_MERGES, type World } from "./world.ts";

/** The signals of one receipt with the integration that reads them. */
export type Wanted = { readonly integration: TriageIntegration; readonly signals: readonly Signal[] };

/** Reads and locks all that the signals can touch, in a handful of statements however many they are. */
export async function loadWorld(tx: Queryable, wanted: readonly Wanted[]): Promise<World> {
  const keys = new Map<string, Pick<Alert, "organizationId" | "integrationId" | "dedupKey">>();
  for (const { integration, signals } of wanted) {
    for (const { dedupKey } of signals) {
      const key = { organizationId: integration.organizationId, integrationId: integration.id, dedupKey };
      keys.set(alertKey(key), key);
    }
  }
  if (keys.size === 0) return createWorld([], [], new Map());
  const alerts = await lockAlertsByKey(tx, [...keys.values()]);
  const incidents = await loadIncidents(tx, namedIncidents(alerts), groupsOf(wanted, alerts));
  return createWorld(alerts, incidents, await loadTallies(tx, alerts, incidents));
}

function namedIncidents(alerts: readonly Alert[]): readonly IncidentKey[] {
  const named = new Map<string, IncidentKey>();
  for (const { organizationId, incidentId } of alerts) {
    if (incidentId !== null) named.set(incidentId, { organizationId, id: incidentId });
  }
  return [...named.values()];
}

/** Every group in which one of the alerts could be placed: by what the signal says and by what is known already. */
function groupsOf(wanted: readonly Wanted[], alerts: readonly Alert[]): readonly GroupKey[] {
  const known = new Map(alerts.map((alert) => [alertKey(alert), alert]));
  const groups = new Map<string, GroupKey>();
  const add = (integration: TriageIntegration, content: Pick<Alert, "dedupKey" | "labels">) => {
    const { organizationId } = integration;
    const { key } = nameGroup(integration.grouping, integration.id, content);
    groups.set(groupKey(organizationId, key), { organizationId, groupKey: key });
  };
  for (const { integration, signals } of wanted) {
    for (const signal of signals) {
      add(integration, signal);
      const alert = known.get(
        alertKey({
          organizationId: integration.organizationId,
          integrationId: integration.id,
          dedupKey: signal.dedupKey,
        }),
      );
      if (alert !== undefined) add(integration, alert);
    }
  }
  return [...groups.values()];
}

async function loadIncidents(
  tx: Queryable,
  keys: readonly IncidentKey[],
  groups: readonly GroupKey[],
): Promise<readonly Incident[]> {
  const found = new Map<string, Incident>();
  const take = (incidents: readonly Incident[]) => {
    for (const incident of incidents) found.set(incident.id, incident);
  };
  take(await lockIncidents(tx, keys, groups));
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
