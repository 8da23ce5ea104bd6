// Opsgenie, Alert API v2: https://docs.opsgenie.com/docs/alert-api, and Jira Service Management, integration events:
// https://developer.atlassian.com/cloud/jira/service-desk-ops/rest/v1/api-group-integration-events.
// `message` has at most 130 characters, `alias` and `entity` 512, `description` 15,000, `source` 100, `details` 8,000
// together, 20 tags of 50 each.

import type { JsonObject } from "../../core/json.ts";
import type { Override } from "../../core/override.ts";
import { LABELS, SOURCE, standsIn, titleWithin } from "../phrases.ts";
import { JSON_HEADERS, type Preset } from "../preset.ts";
import { labelsWithin } from "../whole-incident.ts";

const CREATE: JsonObject = {
  // What looks like HTML would be shown as such; in a pager's short text an entity would be shown as it stands.
  message: `#{{ incident.number }} {{ ${titleWithin(110)}.replace('<', '‹').replace('>', '›') }}`,
  alias: "{{ incident.id }}",
  description:
    "Incident #{{ incident.number }} of Overwatch\n" +
    "{{ incident.description.truncate(6000).escape_slack().truncate(7000) }}\n" +
    `Labels: {{ ${LABELS}.escape_slack().truncate(800) }}` +
    "{% if default(incident.url, '') != '' %}\n{{ incident.url.escape_slack() }}{% endif %}" +
    standsIn("\n", ".escape_slack()"),
  tags: ["overwatch", "{{ incident.severity }}"],
  details: `{{ ${labelsWithin("incident", 3_500)} }}`,
  entity: "{{ default(incident.labels.host, '').truncate(250) }}",
  source: `Overwatch: {{ ${SOURCE}.truncate(40) }}`,
  priority: "{{ {'critical': 'P1', 'high': 'P2', 'medium': 'P3', 'low': 'P4', 'info': 'P5'}[incident.severity] }}",
};

const ALERTS = "https://api.opsgenie.com/v2/alerts";

const act = (action: "acknowledge" | "close"): Override => ({
  url: `${ALERTS}/{{ incident.id }}/${action}?identifierType=alias`,
  template: {
    source: `Overwatch: {{ ${SOURCE}.truncate(40) }}`,
    note: "Incident #{{ incident.number }} is {{ incident.status }} in Overwatch.",
  },
});

/** Opens, acknowledges and closes an Opsgenie alert, which the incident's id names as alias. */
export const opsgenie: Preset = {
  name: "opsgenie",
  title: "Opsgenie and Jira Service Management",
  variables: [{ name: "api_key", about: "The key of an API integration that may create and update alerts" }],
  endpoints: [
    {
      title: "Create, acknowledge and close alerts",
      urlHint: ALERTS,
      method: "POST",
      headers: { Authorization: "GenieKey {{api_key}}", ...JSON_HEADERS },
      events: [
        "incident.created",
        "incident.escalated",
        "incident.acknowledged",
        "incident.resolved",
        "incident.reopened",
        "incident.merged",
      ],
      rateLimit: null,
      template: CREATE,
      overrides: {
        "incident.acknowledged": act("acknowledge"),
        "incident.resolved": act("close"),
        "incident.merged": act("close"),
      },
    },
  ],
  notes: [
    "Opsgenie has one address for creating and others for acknowledging and closing, which `overrides` hold; the alias in them is the incident's id.",
    "Accounts in the EU begin with https://api.eu.opsgenie.com, Jira Service Management with https://api.atlassian.com/jsm/ops/integration/v2; the rest of the addresses and the bodies are the same.",
    "An escalation of an alert that is open is counted by Opsgenie; it does not change the priority.",
    "critical to info become P1 to P5. HTML in alert text is shown, not rendered.",
  ],
};
