// ServiceNow, Table API, table incident: https://developer.servicenow.com/dev.do#!/reference/api/latest/rest/c_TableAPI
// `short_description` has 160 characters, `description` 4,000, `correlation_id` and
// `correlation_display` 100; urgency and impact are "1" to "3", and priority follows from both.

import { HAS_LINK, HAS_URL, LABELS, SOURCE, titleWithin } from "../phrases.ts";
import { JSON_HEADERS, type Preset } from "../preset.ts";

/** Opens a record in ServiceNow's incident table. */
export const servicenow: Preset = {
  name: "servicenow",
  title: "ServiceNow",
  variables: [
    { name: "credentials", about: "The base64 of user:password, of a user who may write to the incident table" },
  ],
  endpoints: [
    {
      title: "Open an incident",
      urlHint: "https://INSTANCE.service-now.com/api/now/table/incident",
      method: "POST",
      headers: { Authorization: "Basic {{credentials}}", Accept: "application/json", ...JSON_HEADERS },
      events: ["incident.created"],
      rateLimit: null,
      template: {
        short_description: `#{{ incident.number }} {{ ${titleWithin(140)} }}`,
        description:
          "Incident #{{ incident.number }} of Overwatch, from {{ " +
          `${SOURCE} }}\n\n{{ incident.description.truncate(1000) }}\n\nLabels: {{ ${LABELS} }}` +
          `{% if ${HAS_URL} %}\n{{ incident.url }}{% endif %}` +
          `{% if ${HAS_LINK} %}\n{{ incident.links[0].href }}{% endif %}`,
        urgency: "{{ {'critical': '1', 'high': '1', 'medium': '2', 'low': '2', 'info': '3'}[incident.severity] }}",
        impact: "{{ {'critical': '1', 'high': '2', 'medium': '2', 'low': '3', 'info': '3'}[incident.severity] }}",
        correlation_id: "{{ incident.id }}",
        correlation_display: "Overwatch",
      },
    },
  ],
  notes: [
    "critical to info become the priorities 1 to 5 of ServiceNow's own matrix of urgency and impact.",
    "This preset opens records and does not close them: the Table API opens with POST and changes with PATCH, and an endpoint has one method; what `capture` keeps is known to the same endpoint alone. `correlation_id` is the incident's id, so a rule in ServiceNow can find the record.",
    "To close as well, send the same fields and `incident.status` to an import set with `coalesce` on `correlation_id` (`POST /api/now/import/TABLE`), subscribed to `incident.resolved` too.",
    "A delivery that is repeated after a lost answer opens a second record; a unique index or a coalescing import set prevents it.",
    "Text goes to `description`, which is plain. `work_notes` and `comments` read `[code]` as HTML: do not put alert text there.",
  ],
};
