import { NO_CHANGES, saveChanges } from "../announce/save-changes.ts";
import { settleDue } from "../core/incident-due.ts";
import { DEFAULT_TRIAGE_POLICY } from "../core/integration.ts";
import { readLatestStateEvents } from "../store/events.ts";
import { isAnyIncidentDue, lockDueIncidents } from "../store/incidents.ts";
import { readTriageIntegrations } from "../store/triage-integrations.ts";
import type { BatchDeps } from "./batch.ts";
import { hasDeliveries, NOTHING_DONE, type PeriodicResult } from "./periodic-result.ts";

const MOST_INCIDENTS = 200;

/** Tells of held back changes, and ends snoozes and flapping, of as many incidents as one transaction takes. */
export async function settleDueIncidents(deps: BatchDeps): Promise<PeriodicResult> {
  if (!(await isAnyIncidentDue(deps.database, deps.clock.now()))) return NOTHING_DONE;
  return deps.database.transaction(async (tx) => {
    const now = deps.clock.now();
    const due = await lockDueIncidents(tx, now, MOST_INCIDENTS);
    if (due.length === 0) return NOTHING_DONE;
    const keys = due.map(({ organizationId, integrationId: id }) => ({ organizationId, id }));
    const integrations = new Map((await readTriageIntegrations(tx, distinct(keys))).map((one) => [one.id, one]));
    const flapping = due.filter((incident) => incident.flapping);
    const told = flapping.length > 0 ? await readLatestStateEvents(tx, flapping) : new Map();
    const changes = due.map((incident) => {
      const policy = { ...DEFAULT_TRIAGE_POLICY, ...integrations.get(incident.integrationId)?.triage };
      const state = told.get(incident.id) === "incident.resolved" ? "resolved" : "unresolved";
      return settleDue(incident, state, policy, now);
    });
    const saved = await saveChanges(tx, deps, {
      ...NO_CHANGES,
      changedIncidents: changes.map(({ incident }) => incident),
      facts: changes.flatMap(({ facts }) => facts),
      timeline: changes.flatMap(({ timeline }) => timeline),
    });
    return {
      rows: due.length,
      isFull: due.length === MOST_INCIDENTS,
      hasDeliveries: hasDeliveries(saved.announcements),
      changed: due.map(({ organizationId, id }) => ({ organizationId, id })),
    };
  });
}

function distinct<Key extends { readonly id: string }>(keys: readonly Key[]): readonly Key[] {
  return [...new Map(keys.map((key) => [key.id, key])).values()];
}
