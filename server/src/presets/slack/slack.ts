// Slack, incoming webhooks with Block Kit: https://docs.slack.dev/reference/block-kit/blocks.
// A section's text has at most 3,000 characters, a field 2,000, ten fields a section; & < > are escaped in all text.

import {
  ASSIGNEE,
  CHAT_EVENTS,
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

const field = (name: string, value: string) => ({ type: "mrkdwn", text: `*${name}*\n${value}` });

const OPENED =
  "<!date^{{ int(timestamp(incident.created_at)) }}^{date_short_pretty} {time}|" +
  "{{ format_time(incident.created_at, 'YYYY-MM-DD HH:mm') }} UTC>";

/** A message in a Slack channel. */
export const slack: Preset = {
  name: "slack",
  title: "Slack",
  variables: [
    { name: "webhook_token", about: "The last part of the incoming webhook's URL, behind the third slash of its path" },
  ],
  endpoints: [
    {
      title: "Post a message",
      urlHint: "https://hooks.slack.com/services/TEAM/APP/{{webhook_token}}",
      method: "POST",
      headers: JSON_HEADERS,
      events: CHAT_EVENTS,
      rateLimit: { requests: 1, per_seconds: 1 },
      template: {
        text: `${SIGN} ${HEADLINE}: {{ incident.title.truncate(150).escape_slack() }}`,
        blocks: [
          {
            type: "section",
            text: {
              type: "mrkdwn",
              text:
                `${SIGN} *${HEADLINE} · #{{ incident.number }}*\n` +
                "{{ incident.title.truncate(250).escape_slack().truncate(500) }}" +
                "{% if incident.description != '' %}\n" +
                "{{ incident.description.truncate(800).escape_slack().truncate(1200) }}{% endif %}" +
                standsIn("\n", ".escape_slack()"),
            },
          },
          {
            type: "section",
            fields: [
              field("Severity", "{{ incident.severity }}"),
              field("Status", "{{ incident.status }}"),
              field("Alerts", FIRING),
              field("Assigned to", `{{ ${ASSIGNEE}.escape_slack() }}`),
              field("Source", `{{ ${SOURCE}.escape_slack() }}`),
              field("Labels", `{{ ${LABELS}.escape_slack().truncate(800) }}`),
            ],
          },
          {
            type: "context",
            elements: [
              {
                type: "mrkdwn",
                text:
                  `Opened ${OPENED}` +
                  `{% if ${HAS_URL} %} · <{{ incident.url.escape_slack() }}|Open in Overwatch>{% endif %}` +
                  `{% if ${HAS_LINK} %} · <{{ incident.links[0].href.escape_slack().replace('|', '%7C') }}|` +
                  "{{ incident.links[0].text.truncate(60).escape_slack() }}>{% endif %}",
              },
            ],
          },
        ],
      },
    },
  ],
  notes: [
    "Make an app with an incoming webhook at api.slack.com/apps; one webhook posts to one channel.",
    "& < > of alerts are escaped, so `<!channel>`, `<@U…>` and links in alert text notify nobody and lead nowhere.",
    "Slack takes one message a second from a webhook, which `rate_limit` keeps; at a 429 Overwatch waits as long as Slack says.",
    "Messages of one incident stand one below the other, not in a thread: a webhook does not tell Slack's message id.",
  ],
};
