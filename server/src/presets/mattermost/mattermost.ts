// Mattermost, incoming webhooks with attachments: https://developers.mattermost.com/integrate/reference/message-attachments/
// A post has at most 16,383 characters; attachments are kept in the post's properties, which older
// servers bound to 8,000 characters. Text, pretext and fields are Markdown, and names behind @ in them notify.

import {
  ASSIGNEE,
  CHAT_EVENTS,
  ESCAPE_MARKDOWN,
  FIRING,
  HAS_LINK,
  HEADLINE,
  LABELS,
  SIGN,
  SOURCE,
  standsIn,
} from "../phrases.ts";
import { JSON_HEADERS, type Preset } from "../preset.ts";

// A zero-width space behind the @ keeps it from being a mention and looks the same.
const QUIET = ".replace('@', '@\\u200b')";
const ESCAPE = `${ESCAPE_MARKDOWN}${QUIET}`;

const field = (title: string, value: string, short = true) => ({ title, value, short });

/** A message in a Mattermost channel. */
export const mattermost: Preset = {
  name: "mattermost",
  title: "Mattermost",
  variables: [{ name: "webhook_key", about: "The last part of the incoming webhook's URL" }],
  endpoints: [
    {
      title: "Post a message",
      urlHint: "https://MATTERMOST/hooks/{{webhook_key}}",
      method: "POST",
      headers: JSON_HEADERS,
      events: CHAT_EVENTS,
      rateLimit: null,
      template: {
        attachments: [
          {
            fallback: `${SIGN} ${HEADLINE}: {{ incident.title.truncate(150)${QUIET} }}`,
            color:
              "{{ incident.status == 'resolved' ? '#2ecc71' : {'critical': '#dd2e44', 'high': '#f59e0b', " +
              "'medium': '#fdcb4e', 'low': '#5865f2', 'info': '#99aab5'}[incident.severity] }}",
            title: `${SIGN} ${HEADLINE} · #{{ incident.number }}`,
            title_link: "{{ default(incident.url, '') }}",
            text:
              `**{{ incident.title.truncate(250)${ESCAPE} }}**` +
              `{% if incident.description != '' %}\n\n{{ incident.description.truncate(1300)${ESCAPE}.truncate(1400) }}{% endif %}` +
              `{% if ${HAS_LINK} %}\n\n[{{ incident.links[0].text.truncate(60)${ESCAPE} }}]` +
              "({{ incident.links[0].href.replace('(', '%28').replace(' ', '%20').replace(')', '%29') }}){% endif %}" +
              standsIn("\n\n", ESCAPE),
            fields: [
              field("Severity", "{{ incident.severity }}"),
              field("Status", "{{ incident.status }}"),
              field("Alerts", FIRING),
              field("Assigned to", `{{ ${ASSIGNEE}${ESCAPE} }}`),
              field("Opened", "{{ format_time(incident.created_at, 'YYYY-MM-DD HH:mm') }} UTC"),
              field("Source", `{{ ${SOURCE}${ESCAPE} }}`),
              field("Labels", `{{ ${LABELS}${ESCAPE}.truncate(500) }}`, false),
            ],
          },
        ],
      },
    },
  ],
  notes: [
    "Make the webhook under Integrations, Incoming Webhooks; MATTERMOST is your server's name.",
    "A zero-width space behind every @ of alert text keeps `@channel`, `@all` and names from notifying; Markdown of alerts is escaped.",
    "A server on an internal address must be allowed by `OVERWATCH_EGRESS_ALLOW_CIDRS`.",
  ],
};
