import type { EventType } from "../core/event.ts";
import type { JsonObject } from "../core/json.ts";

// The rendered body may have 256 KiB, whatever an alert says: each part below is bounded so that all of them fit.

/** Expression: the labels of a record as an object, or an empty one when they are beyond so many characters in all. */
export function labelsWithin(record: "incident" | "alert", limit: number): string {
  const labels = `${record}.labels`;
  // The join must not grow beyond what an expression may make, so each label is looked at before.
  const isShort = `${labels}.all(k, k.size() + ${labels}[k].size() <= 2000)`;
  return `${isShort} && ${labels}.map(k, k + ${labels}[k]).join('').size() <= ${limit} ? ${labels} : {}`;
}

const LINKS = "json(incident.links).size() <= 10000 ? incident.links : []";

/** Template: every field of the incident that templates know. */
export const WHOLE_INCIDENT: JsonObject = {
  id: "{{ incident.id }}",
  number: "{{ incident.number }}",
  title: "{{ incident.title }}",
  description: "{{ incident.description.truncate(6000) }}",
  severity: "{{ incident.severity }}",
  status: "{{ incident.status }}",
  flapping: "{{ incident.flapping }}",
  integration_id: "{{ incident.integration_id }}",
  group_key: "{{ incident.group_key.truncate(1000) }}",
  alert_count: "{{ incident.alert_count }}",
  firing_count: "{{ incident.firing_count }}",
  labels: `{{ ${labelsWithin("incident", 8_000)} }}`,
  links: `{{ ${LINKS} }}`,
  assignee: "{{ incident.assignee }}",
  created_at: "{{ incident.created_at }}",
  updated_at: "{{ incident.updated_at }}",
  acknowledged_at: "{{ incident.acknowledged_at }}",
  resolved_at: "{{ incident.resolved_at }}",
  url: "{{ default(incident.url, null) }}",
};

/** Template: the alert that the event is about, or null. */
export const WHOLE_ALERT =
  "{{ default(alert.id, '') == '' ? dyn(null) : dyn({" +
  "'id': alert.id, 'dedup_key': alert.dedup_key, 'external_id': default(alert.external_id, null), " +
  "'status': alert.status, 'severity': alert.severity, 'title': alert.title, " +
  "'description': alert.description.truncate(2000), " +
  `'labels': ${labelsWithin("alert", 3_000)}, ` +
  "'first_seen_at': alert.first_seen_at, 'last_seen_at': alert.last_seen_at, " +
  "'firing_since': default(alert.firing_since, null)}) }}";

/** Template: the incident's alerts in short. */
export const ALERTS_IN_SHORT =
  "{{ alerts.map(a, {'id': a.id, 'status': a.status, 'severity': a.severity, 'title': a.title.truncate(150)}) }}";

/** Template: the integration that it came from, or null. */
export const WHOLE_INTEGRATION = "{{ integration }}";

/** The events that speak of an incident. */
export const INCIDENT_EVENTS: readonly EventType[] = [
  "incident.created",
  "incident.updated",
  "incident.escalated",
  "incident.acknowledged",
  "incident.unacknowledged",
  "incident.assigned",
  "incident.note_added",
  "incident.resolved",
  "incident.reopened",
  "incident.merged",
];

/** Template text: in whose place a fallback hears this, or null. */
export const IN_PLACE_OF =
  "{{ default(failover.endpoint_name, '') == '' ? dyn(null) : " +
  "{'endpoint_id': failover.endpoint_id, 'endpoint_name': failover.endpoint_name} }}";
