// PagerDuty, Events API v2: https://developer.pagerduty.com/docs/send-alert-event. `summary` has at most
// 1,024 characters, `dedup_key` 255, an event 512 KB; `summary`, `source` and `severity` are required and not empty.

import { HAS_URL, SOURCE, standsIn, titleWithin } from "../phrases.ts";
import { JSON_HEADERS, type Preset } from "../preset.ts";
import { labelsWithin } from "../whole-incident.ts";

/** Triggers, acknowledges and resolves a PagerDuty alert. */
export const pagerdutyEventsV2: Preset = {
  name: "pagerduty_events_v2",
  title: "PagerDuty (Events API v2)",
  variables: [{ name: "routing_key", about: "The integration key of an Events API v2 integration, 32 characters" }],
  endpoints: [
    {
      title: "Trigger, acknowledge and resolve",
      urlHint: "https://events.pagerduty.com/v2/enqueue",
      method: "POST",
      headers: JSON_HEADERS,
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
        routing_key: "{{ routing_key }}",
        event_action:
          "{{ incident.status == 'resolved' ? 'resolve' : " +
          "event.type == 'incident.acknowledged' ? 'acknowledge' : 'trigger' }}",
        dedup_key: "{{ incident.id }}",
        client: "Overwatch",
        payload: {
          summary: `#{{ incident.number }} {{ ${titleWithin(1_000)} }}`,
          source:
            "{% if default(incident.labels.host, '') != '' %}{{ incident.labels.host.truncate(250) }}" +
            `{% else %}{{ ${SOURCE} }}{% endif %}`,
          severity:
            "{{ {'critical': 'critical', 'high': 'error', 'medium': 'warning', 'low': 'warning', 'info': 'info'}" +
            "[incident.severity] }}",
          timestamp: "{{ event.created_at }}",
          custom_details: {
            description: `{{ incident.description.truncate(8000) }}${standsIn("\n")}`,
            severity: "{{ incident.severity }}",
            status: "{{ incident.status }}",
            alerts: "{{ incident.alert_count }}",
            firing: "{{ incident.firing_count }}",
            labels: `{{ ${labelsWithin("incident", 8_000)} }}`,
          },
        },
        links:
          `{{ (${HAS_URL} ? [{'href': incident.url, 'text': 'Open in Overwatch'}] : []) + ` +
          "incident.links.filter(l, l.href.size() <= 1000).map(l, {'href': l.href, 'text': l.text.truncate(100)}) }}",
      },
    },
  ],
  notes: [
    "One endpoint does all three: the incident's id is the `dedup_key`, `event_action` follows the event.",
    "critical, high, medium, low, info become critical, error, warning, warning, info.",
    "`incident.merged` resolves the PagerDuty alert of the incident that was merged away.",
    "The Events API cannot take an acknowledgement back, so `incident.unacknowledged` is not sent.",
    "A test send triggers a real PagerDuty alert; resolve it there.",
  ],
};
