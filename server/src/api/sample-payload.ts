import type { Alert } from "../core/alert.ts";
import type { Incident } from "../core/incident.ts";
import { incidentPayload } from "../core/incident-view.ts";
import type { JsonObject } from "../core/json.ts";

/** What a sample speaks of. */
export type SampleSubject = {
  readonly organizationId: string;
  readonly incidentId: string;
  readonly alertId: string;
  readonly integration: { readonly id: string; readonly name: string; readonly platform: string };
  /** Epoch milliseconds. */
  readonly now: number;
  readonly publicUrl: string;
};

/** The payload of a test event and of a template's preview: an incident as it could be, of which nothing is stored. */
export function samplePayload(subject: SampleSubject): JsonObject {
  const { organizationId, integration, now } = subject;
  const shared = {
    organizationId,
    integrationId: integration.id,
    groupKey: `${integration.id}:sample`,
    severity: "high",
    title: "Sample: error rate of checkout above 5 %",
    description: "This is a test by Overwatch; nothing is wrong.",
    labels: { service: "checkout", environment: "test" },
    links: [{ href: "https://example.com/runbook", text: "Runbook" }],
    signalCount: 1,
    acknowledgedAt: null,
    resolvedAt: null,
  } as const;
  const alert: Alert = {
    ...shared,
    id: subject.alertId,
    dedupKey: "sample",
    externalId: "sample",
    status: "firing",
    acknowledged: false,
    incidentId: subject.incidentId,
    firedAt: now,
    unacknowledgedAt: null,
    firingSince: now,
    firstSeenAt: now,
    lastSeenAt: now,
  };
  const incident: Incident = {
    ...shared,
    id: subject.incidentId,
    number: 1,
    status: "open",
    flapping: false,
    alertCount: 1,
    firingCount: 1,
    assignee: null,
    editedFields: [],
    previousIncidentId: null,
    mergedIntoId: null,
    snoozedUntil: null,
    stateChanges: [],
    eventSequence: 1,
    updateDueAt: null,
    lastUpdateEventAt: null,
    createdAt: now,
    updatedAt: now,
    acknowledgedBy: null,
    resolvedBy: null,
    version: 1,
  };
  return incidentPayload(incident, alert, [alert], integration, subject.publicUrl);
}
