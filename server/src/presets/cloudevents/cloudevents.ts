// CloudEvents 1.0, structured mode over HTTP: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
// `id`, `source`, `specversion` and `type` are required and not empty; `source` and `id` together are unique.

import type { Preset } from "../preset.ts";
import { IN_PLACE_OF, INCIDENT_EVENTS, WHOLE_ALERT, WHOLE_INCIDENT, WHOLE_INTEGRATION } from "../whole-incident.ts";

/** An event for event buses and serverless functions. */
export const cloudevents: Preset = {
  name: "cloudevents",
  title: "CloudEvents 1.0",
  variables: [{ name: "api_token", about: "What the receiver wants behind `Bearer`; drop the header if nothing" }],
  endpoints: [
    {
      title: "Send events",
      urlHint: "https://RECEIVER/events",
      method: "POST",
      headers: {
        Authorization: "Bearer {{api_token}}",
        "Content-Type": "application/cloudevents+json; charset=UTF-8",
      },
      events: INCIDENT_EVENTS,
      rateLimit: null,
      template: {
        specversion: "1.0",
        id: "{{ event.id }}",
        source: "/overwatch/integrations/{{ default(integration.id, 'none') }}",
        type: "overwatch.{{ event.type }}",
        subject: "incidents/{{ incident.id }}",
        time: "{{ event.created_at }}",
        datacontenttype: "application/json",
        data: { incident: WHOLE_INCIDENT, alert: WHOLE_ALERT, integration: WHOLE_INTEGRATION, failover: IN_PLACE_OF },
      },
    },
  ],
  notes: [
    "`id` is the event's, the same on every retry: use it to ignore what you have seen.",
    "`source` names the integration, or `none` for incidents opened by hand. CloudEvents suggests a reverse domain name of yours before the type; put it into the template.",
    "Labels beyond 8,000 characters in all and links beyond 10,000 are left out, and descriptions are cut at 6,000, so that the body always fits.",
  ],
};
