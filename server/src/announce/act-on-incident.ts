import { type Incident, type IncidentChange, unchanged } from "../core/incident.ts";
import { type ActionState, decideAction, type IncidentAction } from "../core/incident-actions.ts";
import { MOST_MERGED_ALERTS, readMergeRecord } from "../core/incident-unmerge.ts";
import { DEFAULT_TRIAGE_POLICY, type TriagePolicy } from "../core/integration.ts";
import { EMPTY_TALLY } from "../core/tally.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Database, Queryable, Transaction } from "../runtime/database.ts";
import { lockAlertsOfIncident, moveAlerts, readAlertIds, readTallies } from "../store/alerts.ts";
import { findIncident, type IncidentKey, lockIncidents } from "../store/incidents.ts";
import { readLastMerge } from "../store/timeline.ts";
import { readTriageIntegrations } from "../store/triage-integrations.ts";
import { NO_CHANGES, RACED_CONSTRAINTS, type SaveDeps, saveChanges } from "./save-changes.ts";

/** What acting on an incident needs. */
export type ActDeps = SaveDeps & { readonly database: Database; readonly clock: Clock };

/** The incident after an action, or why nothing was done. */
export type ActResult =
  | {
      readonly ok: true;
      readonly incident: Incident;
      /** False when there was nothing to do. */
      readonly isChanged: boolean;
      /** True when deliveries were made, so that the deliver stage can be woken. */
      readonly hasDeliveries: boolean;
    }
  | { readonly ok: false; readonly kind: "not_found" }
  | { readonly ok: false; readonly kind: "stale"; readonly version: number }
  | { readonly ok: false; readonly kind: "refused"; readonly message: string };

/**
 * Acts on an incident in a person's name: loads, decides, saves and announces in one transaction. `actor` is what the
 * timeline calls whoever acts. With `expectedVersion` nothing is done when the incident has another version by now.
 */
export function actOnIncident(
  deps: ActDeps,
  organizationId: string,
  incidentId: string,
  action: IncidentAction,
  actor: string,
  expectedVersion: number | null = null,
): Promise<ActResult> {
  return deps.database.transaction(
    (tx) => act(tx, deps, { organizationId, id: incidentId }, action, actor, expectedVersion),
    {
      retryOn: RACED_CONSTRAINTS,
    },
  );
}

async function act(
  tx: Transaction,
  deps: ActDeps,
  key: IncidentKey,
  action: IncidentAction,
  actor: string,
  expectedVersion: number | null,
): Promise<ActResult> {
  const state = await loadState(tx, key, action);
  if (state === null) return { ok: false, kind: "not_found" };
  const before = state.change.incident;
  if (expectedVersion !== null && before.version !== expectedVersion) {
    return { ok: false, kind: "stale", version: before.version };
  }
  const result = decideAction(state, action, actor, deps.clock.now());
  if (!result.ok) return { ok: false, kind: "refused", message: result.refused };
  const changed = result.changes.filter(({ incident }) => incident !== before && incident !== state.target?.incident);
  if (changed.length === 0) return { ok: true, incident: before, isChanged: false, hasDeliveries: false };
  if (result.movesAlerts && state.target !== null)
    await moveAlerts(tx, key.organizationId, key.id, state.target.incident.id);
  const saved = await saveChanges(tx, deps, {
    ...NO_CHANGES,
    changedAlerts: result.alerts,
    changedIncidents: changed.map(({ incident }) => incident),
    facts: changed.flatMap(({ facts }) => facts),
    timeline: changed.flatMap(({ timeline }) => timeline),
  });
  const incident = await findIncident(tx, key.organizationId, key.id);
  if (incident === null) return { ok: false, kind: "not_found" };
  const hasDeliveries = saved.announcements.some(({ endpoints }) => endpoints.some(({ matched }) => matched));
  return { ok: true, incident, isChanged: true, hasDeliveries };
}

async function loadState(tx: Queryable, key: IncidentKey, action: IncidentAction): Promise<ActionState | null> {
  const { organizationId, id } = key;
  const needsAlerts = action.kind === "resolve" || action.kind === "merge";
  const targetId = await findTargetId(tx, key, action);
  const isUnmerge = action.kind === "unmerge" && targetId !== null;
  // Alerts before incidents, as triage locks them; read once more below, since one may have joined in between.
  if (needsAlerts) await lockAlertsOfIncident(tx, organizationId, id, true);
  if (isUnmerge) await lockAlertsOfIncident(tx, organizationId, targetId, false);
  const keys = targetId === null ? [key] : [key, { organizationId, id: targetId }];
  const locked = await lockIncidents(tx, keys, []);
  const incident = locked.find((one) => one.id === id);
  if (incident === undefined) return null;
  const firing = needsAlerts ? await lockAlertsOfIncident(tx, organizationId, id, true) : [];
  const alertIds = action.kind === "merge" ? await readAlertIds(tx, key, MOST_MERGED_ALERTS + 1) : null;
  const isBack = action.kind === "reopen" || isUnmerge;
  const rivals = isBack ? await lockIncidents(tx, [], [incident]) : [];
  const tallies = targetId === null ? null : await readTallies(tx, keys);
  const target = locked.find((one) => one.id === targetId);
  const changeOf = (one: Incident): IncidentChange => unchanged(one, tallies?.get(one.id) ?? EMPTY_TALLY);
  return {
    change: changeOf(incident),
    firing,
    rival: rivals.find((one) => one.id !== id && one.status !== "resolved") ?? null,
    // Somebody may have taken it back while this waited for the lock.
    target: target === undefined || (isUnmerge && incident.mergedIntoId !== targetId) ? null : changeOf(target),
    alertIds,
    merge: isUnmerge
      ? {
          record: readMergeRecord(await readLastMerge(tx, organizationId, id, targetId)),
          alerts: await lockAlertsOfIncident(tx, organizationId, targetId, false),
          policy: await readPolicy(tx, organizationId, target?.integrationId),
        }
      : null,
  };
}

/** The policy of an integration; that of all who set none when there is no such integration, as with one opened by hand. */
async function readPolicy(tx: Queryable, organizationId: string, id: string | undefined): Promise<TriagePolicy> {
  const [integration] = id === undefined ? [] : await readTriageIntegrations(tx, [{ organizationId, id }]);
  return { ...DEFAULT_TRIAGE_POLICY, ...integration?.triage };
}

async function findTargetId(tx: Queryable, key: IncidentKey, action: IncidentAction): Promise<string | null> {
  if (action.kind === "merge") return action.intoId;
  if (action.kind !== "unmerge") return null;
  return (await findIncident(tx, key.organizationId, key.id))?.mergedIntoId ?? null;
}
