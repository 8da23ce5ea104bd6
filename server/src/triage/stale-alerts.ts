import { RACED_CONSTRAINTS, saveChanges } from "../announce/save-changes.ts";
import { resolveAsStale } from "../core/alert.ts";
import { followAlert } from "../core/incident-signals.ts";
import { DEFAULT_TRIAGE_POLICY } from "../core/integration.ts";
import { OVERWATCH_ACTOR } from "../core/timeline.ts";
import { lockStaleAlerts, readTallies } from "../store/alerts.ts";
import { lockIncidents } from "../store/incidents.ts";
import type { TriageIntegration } from "../store/triage-integrations.ts";
import type { BatchDeps } from "./batch.ts";
import { hasDeliveries, NOTHING_DONE, type PeriodicResult } from "./periodic-result.ts";
import { changeOf, createWorld, putChange } from "./world.ts";

const MOST_ALERTS = 200;

/** Resolves firing alerts of an integration of which nothing was heard for its `stale_after_seconds`. */
export function resolveStaleAlerts(deps: BatchDeps, integration: TriageIntegration): Promise<PeriodicResult> {
  const policy = { ...DEFAULT_TRIAGE_POLICY, ...integration.triage };
  const staleSeconds = policy.stale_after_seconds;
  if (staleSeconds === null) return Promise.resolve(NOTHING_DONE);
  return deps.database.transaction(
    async (tx) => {
      const now = deps.clock.now();
      const { organizationId, id } = integration;
      const alerts = await lockStaleAlerts(tx, organizationId, id, now - staleSeconds * 1000, MOST_ALERTS);
      const keys = alerts.flatMap((alert) =>
        alert.incidentId === null ? [] : [{ organizationId, id: alert.incidentId }],
      );
      const incidents = keys.length > 0 ? await lockIncidents(tx, keys, []) : [];
      const tallies = incidents.length > 0 ? await readTallies(tx, incidents) : new Map();
      const world = createWorld([], incidents, tallies);
      const cause = {
        policy,
        now,
        actor: OVERWATCH_ACTOR,
        actorName: "Overwatch",
        reason: `Resolved by Overwatch: nothing was heard of it for ${staleSeconds} seconds`,
      };
      const resolved = alerts.map((alert) => {
        const after = resolveAsStale(alert);
        const incident = world.incidents.get(alert.incidentId ?? "");
        if (incident !== undefined) putChange(world, followAlert(changeOf(world, incident), alert, after, cause));
        return after;
      });
      const changed = [...world.changedIncidents].flatMap((key) => world.incidents.get(key) ?? []);
      const saved = await saveChanges(tx, deps, {
        newAlerts: [],
        changedAlerts: resolved,
        newIncidents: [],
        changedIncidents: changed,
        facts: world.facts,
        timeline: world.timeline,
      });
      return {
        rows: alerts.length,
        isFull: alerts.length === MOST_ALERTS,
        hasDeliveries: hasDeliveries(saved.announcements),
        changed: changed.map((incident) => ({ organizationId, id: incident.id })),
      };
    },
    { retryOn: RACED_CONSTRAINTS },
  );
}
