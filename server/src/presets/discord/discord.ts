// Discord, execute webhook: https://discord.com/developers/docs/resources/webhook#execute-webhook.
// An embed's title has at most 256 characters, its description 4,096, a field's value 1,024, a footer 2,048, all text
// of the embeds together 6,000; values of fields may not be empty.

import {
  ASSIGNEE,
  CHAT_EVENTS,
  ESCAPE_MARKDOWN,
  FIRING,
  HAS_LINK,
  HAS_URL,
  HEADLINE,
  LABELS,
  SIGN,
  SOURCE,
  standsIn,
} from "../phrases.ts";
import { JSON_HEADERS, type Preset } from "../preset.ts";

const field = (name: string, value: string, inline = true) => ({ name, value, inline });

/** A message in a Discord channel. */
export const discord: Preset = {
  name: "discord",
  title: "Discord",
  variables: [{ name: "webhook_token", about: "The last part of the webhook's URL, behind its number" }],
  endpoints: [
    {
      title: "Post a message",
      urlHint: "https://discord.com/api/webhooks/WEBHOOK_ID/{{webhook_token}}?wait=true",
      method: "POST",
      headers: JSON_HEADERS,
      events: CHAT_EVENTS,
      rateLimit: { requests: 30, per_seconds: 60 },
      template: {
        allowed_mentions: { parse: [] },
        embeds: [
          {
            title: `${SIGN} ${HEADLINE} · #{{ incident.number }}`,
            description:
              `**{{ incident.title.truncate(250)${ESCAPE_MARKDOWN} }}**` +
              "{% if incident.description != '' %}\n" +
              `{{ incident.description.truncate(1300)${ESCAPE_MARKDOWN}.truncate(1400) }}{% endif %}` +
              `{% if ${HAS_URL} %}\n[Open in Overwatch]({{ incident.url }}){% endif %}` +
              `{% if ${HAS_LINK} %}\n[{{ incident.links[0].text.truncate(60)${ESCAPE_MARKDOWN} }}]` +
              "({{ incident.links[0].href.replace(' ', '%20').replace('(', '%28').replace(')', '%29') }}){% endif %}" +
              standsIn("\n", ESCAPE_MARKDOWN),
            color:
              "{{ incident.status == 'resolved' ? 3066993 : {'critical': 14495300, 'high': 16096779, " +
              "'medium': 16632654, 'low': 5793266, 'info': 10070709}[incident.severity] }}",
            timestamp: "{{ event.created_at }}",
            fields: [
              field("Severity", "{{ incident.severity }}"),
              field("Status", "{{ incident.status }}"),
              field("Alerts", FIRING),
              field("Assigned to", `{{ ${ASSIGNEE}${ESCAPE_MARKDOWN} }}`),
              field("Opened", "<t:{{ int(timestamp(incident.created_at)) }}:f>"),
              field("Source", `{{ ${SOURCE}${ESCAPE_MARKDOWN} }}`),
              field("Labels", `{{ ${LABELS}${ESCAPE_MARKDOWN}.truncate(500) }}`, false),
            ],
          },
        ],
      },
    },
  ],
  notes: [
    "Make the webhook in the channel's settings under Integrations.",
    "`allowed_mentions` is empty, so `@everyone`, `@here`, roles and names in alert text notify nobody; Markdown of alerts is escaped.",
    "`wait=true` makes Discord answer once the message is stored; without it a message may be lost unseen.",
    "Discord takes about 30 messages a minute from a webhook, which `rate_limit` keeps; at a 429 Overwatch waits as long as Discord says.",
  ],
};
