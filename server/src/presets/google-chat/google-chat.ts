// Google Chat, incoming webhooks with cardsV2: https://developers.google.com/workspace/chat/quickstart/webhooks and
// https://developers.google.com/workspace/chat/api/reference/rest/v1/cards. A card has at most 32 KB and
// 100 widgets; texts of widgets are read as HTML.

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
import type { Preset } from "../preset.ts";

const line = (topLabel: string, text: string) => ({ decoratedText: { topLabel, text, wrapText: true } });

/** A card in a Google Chat space. */
export const googleChat: Preset = {
  name: "google_chat",
  title: "Google Chat",
  variables: [
    { name: "webhook_key", about: "The value behind `key=` in the webhook's URL" },
    { name: "webhook_token", about: "The value behind `token=` in the webhook's URL" },
  ],
  endpoints: [
    {
      title: "Post a card",
      urlHint:
        "https://chat.googleapis.com/v1/spaces/SPACE/messages?key={{webhook_key}}&token={{webhook_token}}" +
        "&messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD",
      method: "POST",
      headers: { "Content-Type": "application/json; charset=UTF-8" },
      events: CHAT_EVENTS,
      rateLimit: { requests: 1, per_seconds: 1 },
      template: {
        thread: { threadKey: "{{ incident.id }}" },
        fallbackText: `${SIGN} ${HEADLINE} · #{{ incident.number }}`,
        cardsV2: [
          {
            cardId: "incident",
            card: {
              header: {
                title: `${SIGN} ${HEADLINE}`,
                subtitle: "#{{ incident.number }} · {{ incident.severity }} · {{ incident.status }}",
              },
              sections: [
                {
                  widgets: [
                    {
                      textParagraph: {
                        text:
                          "<b>{{ incident.title.truncate(300).escape_slack() }}</b>" +
                          "{% if incident.description != '' %}<br>" +
                          "{{ incident.description.truncate(1500).escape_slack().replace('\\n', '<br>') }}{% endif %}" +
                          `{% if ${HAS_URL} %}<br><a href="{{ incident.url.escape_html() }}">Open in Overwatch</a>{% endif %}` +
                          `{% if ${HAS_LINK} %}<br><a href="{{ incident.links[0].href.escape_html() }}">` +
                          "{{ incident.links[0].text.truncate(60).escape_slack() }}</a>{% endif %}" +
                          standsIn("<br>", ".escape_slack()"),
                      },
                    },
                    line("Alerts", FIRING),
                    line("Assigned to", `{{ ${ASSIGNEE}.escape_slack() }}`),
                    line("Opened", "{{ format_time(incident.created_at, 'YYYY-MM-DD HH:mm') }} UTC"),
                    line("Source", `{{ ${SOURCE}.escape_slack() }}`),
                    line("Labels", `{{ ${LABELS}.escape_slack() }}`),
                  ],
                },
              ],
            },
          },
        ],
      },
    },
  ],
  notes: [
    "Make the webhook in the space's menu under Apps & integrations; SPACE and the two values are parts of its URL.",
    "All messages of one incident go to one thread of the space; where threads are off they stand alone.",
    "& < > of alerts are escaped, so HTML and `<users/all>` in alert text do nothing; the card's header holds no alert text.",
    "Google Chat takes one message a second in a space, which `rate_limit` keeps; all webhooks of a space share it.",
  ],
};
