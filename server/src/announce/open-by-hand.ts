import { type Incident, unchanged, withLine, withStateChange } from "../core/incident.ts";
import { DEFAULT_TRIAGE_POLICY } from "../core/integration.ts";
import type { Severity } from "../core/severity.ts";
import type { Link } from "../core/signal.ts";
import { EMPTY_TALLY } from "../core/tally.ts";
import { findIncident } from "../store/incidents.ts";
import type { ActDeps } from "./act-on-incident.ts";
import { NO_CHANGES, RACED_CONSTRAINTS, saveChanges } from "./save-changes.ts";

/** What a person says of an incident that no signal has opened. */
export type IncidentByHand = {
  readonly integrationId: string;
  readonly title: string;
  readonly description: string;
  readonly severity: Severity;
  readonly labels: Readonly<Record<string, string>>;
  readonly links: readonly Link[];
};

/**
 * Opens an incident without alerts in a person's name, in a group of its own: no signal ever joins or resolves it.
 * `actor` is what the timeline calls whoever acts.
 */
export function openByHand(
  deps: ActDeps,
  organizationId: string,
  said: IncidentByHand,
  actor: string,
): Promise<{ readonly incident: Incident; readonly hasDeliveries: boolean }> {
  return deps.database.transaction(
    async (tx) => {
      const id = deps.ids.next();
      const now = deps.clock.now();
      const line = { at: now, kind: "opened", actor, text: `Opened by ${actor}: ${said.title}` } as const;
      const opened = withLine(unchanged(blank(organizationId, id, said, now), EMPTY_TALLY), line);
      const change = withStateChange(opened, "incident.created", null, DEFAULT_TRIAGE_POLICY, now);
      const saved = await saveChanges(tx, deps, {
        ...NO_CHANGES,
        newIncidents: [change.incident],
        facts: change.facts,
        timeline: change.timeline,
      });
      const hasDeliveries = saved.announcements.some(({ endpoints }) => endpoints.some(({ matched }) => matched));
      const incident = (await findIncident(tx, organizationId, id)) ?? change.incident;
      return { incident, hasDeliveries };
    },
    { retryOn: RACED_CONSTRAINTS },
  );
}

function blank(organizationId: string, id: string, said: IncidentByHand, now: number): Incident {
  return {
    ...said,
    organizationId,
    id,
    number: 0,
    groupKey: `by_hand:${id}`,
    status: "open",
    flapping: false,
    alertCount: 0,
    firingCount: 0,
    signalCount: 0,
    assignee: null,
    // What a person has written no signal changes.
    editedFields: ["title", "description", "severity"],
    previousIncidentId: null,
    mergedIntoId: null,
    snoozedUntil: null,
    stateChanges: [],
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
}
