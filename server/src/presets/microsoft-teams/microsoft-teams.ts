// Microsoft Teams, Workflows webhook with Adaptive Card 1.4:
// https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using and
// https://adaptivecards.io/explorer/. A message has at most 28 KB. TextBlock reads Markdown, the runs of
// RichTextBlock do not: what alerts say stands in runs alone.

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

const line = (name: string, value: string) => ({
  type: "RichTextBlock",
  spacing: "Small",
  inlines: [
    { type: "TextRun", text: `${name}: `, weight: "Bolder" },
    { type: "TextRun", text: value },
  ],
});

const OPEN = "{'type': 'Action.OpenUrl', 'title': 'Open in Overwatch', 'url': incident.url}";
const LINK = "{'type': 'Action.OpenUrl', 'title': incident.links[0].text.truncate(40), 'url': incident.links[0].href}";

const CARD = {
  $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
  type: "AdaptiveCard",
  version: "1.4",
  msteams: { width: "Full" },
  body: [
    {
      type: "Container",
      bleed: true,
      style:
        "{{ incident.status == 'resolved' ? 'good' : {'critical': 'attention', 'high': 'warning', " +
        "'medium': 'warning', 'low': 'accent', 'info': 'emphasis'}[incident.severity] }}",
      items: [
        {
          type: "TextBlock",
          text: `${SIGN} ${HEADLINE} · #{{ incident.number }}`,
          weight: "Bolder",
          size: "Medium",
          wrap: true,
        },
      ],
    },
    {
      type: "RichTextBlock",
      inlines: [{ type: "TextRun", text: "{{ incident.title.truncate(300) }}", weight: "Bolder" }],
    },
    {
      type: "RichTextBlock",
      isVisible: "{{ incident.description != '' }}",
      inlines: [{ type: "TextRun", text: "{{ incident.description.truncate(1500) }}" }],
    },
    line("Severity", "{{ incident.severity }}"),
    line("Status", "{{ incident.status }}"),
    line("Alerts", FIRING),
    line("Assigned to", `{{ ${ASSIGNEE} }}`),
    line("Opened", "{{ format_time(incident.created_at, 'YYYY-MM-DD HH:mm') }} UTC"),
    line("Source", `{{ ${SOURCE} }}${standsIn(" ")}`),
    line("Labels", `{{ ${LABELS} }}`),
  ],
  actions: `{{ (${HAS_URL} ? [${OPEN}] : []) + (${HAS_LINK} ? [${LINK}] : []) }}`,
};

/** A card in a Teams channel or chat. */
export const microsoftTeams: Preset = {
  name: "microsoft_teams",
  title: "Microsoft Teams",
  variables: [{ name: "signature", about: "The value behind `sig=` in the workflow's URL, decoded if it has %xx" }],
  endpoints: [
    {
      title: "Post a card",
      urlHint:
        "https://ENVIRONMENT.environment.api.powerplatform.com/powerautomate/automations/direct/workflows/WORKFLOW" +
        "/triggers/manual/paths/invoke?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig={{signature}}",
      method: "POST",
      headers: JSON_HEADERS,
      events: CHAT_EVENTS,
      rateLimit: null,
      template: {
        type: "message",
        attachments: [{ contentType: "application/vnd.microsoft.card.adaptive", contentUrl: null, content: CARD }],
      },
    },
  ],
  notes: [
    "In Teams, open the channel's menu, Workflows, and take “Post to a channel when a webhook request is received”. The connectors of before are retired.",
    "Take the workflow's whole URL as it is and replace only what stands behind `sig=` by the variable.",
    "The workflow answers 202 before it posts, so a success here says that it was accepted; its run history shows the rest.",
    "Alert text stands in plain runs, which know no Markdown, links or mentions.",
  ],
};
