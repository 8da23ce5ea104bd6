import type { Alert } from "./alert.ts";
import { type Incident, NO_INTEGRATION } from "./incident.ts";
import type { JsonObject } from "./json.ts";
import type { Link } from "./signal.ts";

/** RFC 3339 in UTC with milliseconds, as every time on the wire is written; null stays null. */
export function wireTime(ms: number): string;
export function wireTime(ms: number | null): string | null;
export function wireTime(ms: number | null): string | null {
  if (ms === null) return null;
  const second = Math.floor(ms / 1000);
  if (second !== lastSecond) {
    lastText = new Date(second * 1000).toISOString().slice(0, -4);
    lastSecond = second;
  }
  return `${lastText}${String(Math.floor(ms) - second * 1000).padStart(3, "0")}Z`;
}

// Most times of a batch lie within one second; to write its date once is a tenth of the work.
let lastSecond = Number.NaN;
let lastText = "";

/** An incident as the API answers it and as events carry it; `publicUrl` is how the outside reaches the console. */
export function viewIncident(incident: Incident, publicUrl: string): JsonObject {
  return {
    id: incident.id,
    number: incident.number,
    url: `${publicUrl}/incidents/${incident.id}`,
    title: incident.title,
    description: incident.description,
    severity: incident.severity,
    status: incident.status,
    flapping: incident.flapping,
    integration_id: incident.integrationId === NO_INTEGRATION ? null : incident.integrationId,
    group_key: incident.groupKey,
    alert_count: incident.alertCount,
    firing_count: incident.firingCount,
    signal_count: incident.signalCount,
    labels: incident.labels,
    links: viewLinks(incident.links),
    assignee: incident.assignee,
    edited_fields: incident.editedFields,
    previous_incident_id: incident.previousIncidentId,
    merged_into_id: incident.mergedIntoId,
    snoozed_until: wireTime(incident.snoozedUntil),
    created_at: wireTime(incident.createdAt),
    updated_at: wireTime(incident.updatedAt),
    acknowledged_at: wireTime(incident.acknowledgedAt),
    acknowledged_by: incident.acknowledgedBy,
    resolved_at: wireTime(incident.resolvedAt),
    resolved_by: incident.resolvedBy,
  };
}

/** An alert as the API answers it and as events carry it; `last_fired_at` and `resolved_at` are the source's times. */
export function viewAlert(alert: Alert): JsonObject {
  return {
    id: alert.id,
    integration_id: alert.integrationId,
    incident_id: alert.incidentId,
    dedup_key: alert.dedupKey,
    external_id: alert.externalId,
    status: alert.status,
    acknowledged: alert.acknowledged,
    severity: alert.severity,
    title: alert.title,
    description: alert.description,
    labels: alert.labels,
    links: viewLinks(alert.links),
    signal_count: alert.signalCount,
    first_seen_at: wireTime(alert.firstSeenAt),
    last_seen_at: wireTime(alert.lastSeenAt),
    firing_since: alert.status === "firing" ? wireTime(alert.firingSince) : null,
    last_fired_at: wireTime(alert.firedAt),
    resolved_at: wireTime(alert.resolvedAt),
  };
}

/** What an event's payload says of the integration. */
export function viewIntegration(integration: {
  readonly id: string;
  readonly name: string;
  readonly platform: string;
}): JsonObject {
  return { id: integration.id, name: integration.name, platform: integration.platform };
}

/** How many of an incident's alerts an event's payload carries. */
export const PAYLOAD_ALERTS = 50;

/** The payload of an event about an incident: the incident, the alert that caused it, its newest alerts, its source. */
export function incidentPayload(
  incident: Incident,
  alert: Alert | null,
  alerts: readonly Alert[],
  integration: { readonly id: string; readonly name: string; readonly platform: string } | null,
  publicUrl: string,
): JsonObject {
  return {
    incident: viewIncident(incident, publicUrl),
    alert: alert === null ? null : viewAlert(alert),
    alerts: alerts.slice(0, PAYLOAD_ALERTS).map(viewAlert),
    integration: integration === null ? null : viewIntegration(integration),
  };
}

function viewLinks(links: readonly Link[]): readonly JsonObject[] {
  return links.map((link) => ({ href: link.href, text: link.text }));
}
