// A receiver of one's own: every value that templates know, bounded so that the body always fits.

import { JSON_HEADERS, type Preset } from "../preset.ts";
import {
  ALERTS_IN_SHORT,
  IN_PLACE_OF,
  INCIDENT_EVENTS,
  WHOLE_ALERT,
  WHOLE_INCIDENT,
  WHOLE_INTEGRATION,
} from "../whole-incident.ts";

/** Every field, to change as needed. */
export const generic: Preset = {
  name: "generic",
  title: "Any other receiver",
  variables: [{ name: "api_token", about: "What the receiver wants behind `Bearer`; drop the header if nothing" }],
  endpoints: [
    {
      title: "Send everything",
      urlHint: "https://RECEIVER/notifications",
      method: "POST",
      headers: { Authorization: "Bearer {{api_token}}", ...JSON_HEADERS },
      events: INCIDENT_EVENTS,
      rateLimit: null,
      template: {
        event: { id: "{{ event.id }}", type: "{{ event.type }}", created_at: "{{ event.created_at }}" },
        incident: WHOLE_INCIDENT,
        alert: WHOLE_ALERT,
        alerts: ALERTS_IN_SHORT,
        integration: WHOLE_INTEGRATION,
        endpoint: { id: "{{ endpoint.id }}", name: "{{ endpoint.name }}" },
        failover: IN_PLACE_OF,
      },
    },
  ],
  notes: [
    "Delete what you do not need; every expression is checked when you save.",
    "Requests are signed by Standard Webhooks in any case; the examples in `examples/verify` check the signature.",
    "Labels beyond 8,000 characters in all and links beyond 10,000 are left out, and descriptions are cut at 6,000, so that the body always fits.",
    'Without a template the body is `{"type","timestamp","data":{…}}`, which also has the text of a note that was added.',
  ],
};
