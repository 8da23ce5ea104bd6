// ServiceNow, Table API, table incident: https://developer.servicenow.com/dev.do#!/reference/api/latest/rest/c_TableAPI
// `short_description` has 160 characters, `description` 4,000, `correlation_id` and
// `correlation_display` 100; urgency and impact are "1" to "3", and priority follows from both.

import type { JsonObject } from "../../core/json.ts";
import { HAS_LINK, HAS_URL, LABELS, SOURCE, standsIn, titleWithin } from "../phrases.ts";
import { JSON_HEADERS, type Preset } from "../preset.ts";

const TABLE = "https://INSTANCE.service-now.com/api/now/table/incident";

const CHANGE = { method: "PATCH", url: `${TABLE}/{{ link.sys_id }}` } as const;

const PRIORITY: JsonObject = {
  urgency: "{{ {'critical': '1', 'high': '1', 'medium': '2', 'low': '2', 'info': '3'}[incident.severity] }}",
  impact: "{{ {'critical': '1', 'high': '2', 'medium': '2', 'low': '3', 'info': '3'}[incident.severity] }}",
};

const RESOLVED: JsonObject = {
  state: "6",
  close_code: "Resolved by caller",
  close_notes: "Incident #{{ incident.number }} is resolved in Overwatch.",
};

/** Opens a record in ServiceNow's incident table, changes and resolves it. */
export const servicenow: Preset = {
  name: "servicenow",
  title: "ServiceNow",
  variables: [
    { name: "credentials", about: "The base64 of user:password, of a user who may write to the incident table" },
  ],
  endpoints: [
    {
      title: "Open, change and resolve an incident",
      urlHint: TABLE,
      method: "POST",
      headers: { Authorization: "Basic {{credentials}}", Accept: "application/json", ...JSON_HEADERS },
      events: [
        "incident.created",
        "incident.escalated",
        "incident.acknowledged",
        "incident.resolved",
        "incident.reopened",
        "incident.merged",
      ],
      rateLimit: null,
      template: {
        short_description: `#{{ incident.number }} {{ ${titleWithin(140)} }}`,
        description:
          "Incident #{{ incident.number }} of Overwatch, from {{ " +
          `${SOURCE} }}\n\n{{ incident.description.truncate(1000) }}\n\nLabels: {{ ${LABELS} }}` +
          `{% if ${HAS_URL} %}\n{{ incident.url }}{% endif %}` +
          `{% if ${HAS_LINK} %}\n{{ incident.links[0].href }}{% endif %}${standsIn("\n")}`,
        ...PRIORITY,
        correlation_id: "{{ incident.id }}",
        correlation_display: "Overwatch",
      },
      capture: { sys_id: "json.result.sys_id" },
      overrides: {
        "incident.escalated": { ...CHANGE, template: PRIORITY },
        "incident.acknowledged": { ...CHANGE, template: { state: "2" } },
        "incident.reopened": { ...CHANGE, template: { state: "2", close_code: "", close_notes: "" } },
        "incident.resolved": { ...CHANGE, template: RESOLVED },
        "incident.merged": { ...CHANGE, template: RESOLVED },
      },
    },
  ],
  notes: [
    "critical to info become the priorities 1 to 5 of ServiceNow's own matrix of urgency and impact.",
    "The answer to opening names the record; `capture` keeps its `sys_id`, and the later events change that record with PATCH.",
    "States are those of the base system: 2 is In Progress, 6 is Resolved, which wants a resolution code and notes. Where your instance has other codes, change `close_code`.",
    "A delivery that is repeated after a lost answer opens a second record; a unique index or a coalescing import set prevents it.",
    "Text goes to `description`, which is plain. `work_notes` and `comments` read `[code]` as HTML: do not put alert text there.",
  ],
};
