import { NO_CHANGES, saveChanges } from "../announce/save-changes.ts";
import { type Incident, unchanged, withFact, withLine } from "../core/incident.ts";
import { EMPTY_TALLY } from "../core/tally.ts";
import type { Transaction } from "../runtime/database.ts";
import type { ApiDeps } from "./deps.ts";

/** What a person says of an incident that no platform reported. */
export type ManualIncident = Pick<
  Incident,
  "organizationId" | "integrationId" | "title" | "description" | "severity" | "labels"
>;

/** Opens an incident by hand and announces it, in the caller's transaction; returns its id. */
export async function openManualIncident(
  tx: Transaction,
  deps: Pick<ApiDeps, "ids" | "metrics" | "clock" | "publicUrl">,
  given: ManualIncident,
  actor: string,
): Promise<string> {
  const now = deps.clock.now();
  const id = deps.ids.next();
  const incident: Incident = {
    ...given,
    id,
    number: 0,
    groupKey: `manual:${id}`,
    status: "open",
    links: [],
    flapping: false,
    alertCount: 0,
    firingCount: 0,
    signalCount: 0,
    assignee: null,
    editedFields: [],
    previousIncidentId: null,
    mergedIntoId: null,
    snoozedUntil: null,
    stateChanges: [],
    eventSequence: 0,
    updateDueAt: null,
    lastUpdateEventAt: now,
    createdAt: now,
    updatedAt: now,
    acknowledgedAt: null,
    acknowledgedBy: null,
    resolvedAt: null,
    resolvedBy: null,
    version: 1,
  };
  const text = `Opened by ${actor}: ${given.title}`;
  const line = { at: now, kind: "opened", actor, text, details: { severity: given.severity } } as const;
  const opened = withFact(withLine(unchanged(incident, EMPTY_TALLY), line), "incident.created", null, now);
  await saveChanges(tx, deps, {
    ...NO_CHANGES,
    newIncidents: [opened.incident],
    facts: opened.facts,
    timeline: opened.timeline,
  });
  return id;
}
