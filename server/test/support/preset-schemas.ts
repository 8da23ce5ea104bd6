import { type TProperties, type TSchema, Type } from "typebox";

// What receivers document of the bodies that they take, as far as presets use it. Written by hand from the pages that
// the presets name, not derived from the presets. Lengths are those of the documentation; the tests count each
// character both as one character and as its UTF-16 units.

const strict = (properties: TProperties) => Type.Object(properties, { additionalProperties: false });
const text = (maxLength: number, minLength = 1) => Type.String({ minLength, maxLength });
const word = (...words: string[]) => Type.Union(words.map((one) => Type.Literal(one)));
const list = (item: TSchema, maxItems: number, minItems = 1) => Type.Array(item, { minItems, maxItems });
const href = (maxLength: number) => Type.String({ pattern: "^https?://", maxLength });
const time = Type.String({ pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$" });
const uuid = Type.String({ pattern: "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" });
const textMap = Type.Record(Type.String(), Type.String());

/** A receiver's limits: the schema of its body and how many bytes a body may have. */
export type ReceiverLimits = { readonly schema: TSchema; readonly bytes: number };

const mrkdwn = (maxLength: number) => strict({ type: word("mrkdwn"), text: text(maxLength) });

const SLACK = strict({
  text: text(4_000),
  blocks: list(
    Type.Union([
      strict({ type: word("section"), text: mrkdwn(3_000) }),
      strict({ type: word("section"), fields: list(mrkdwn(2_000), 10) }),
      strict({ type: word("context"), elements: list(mrkdwn(3_000), 10) }),
    ]),
    50,
  ),
});

const textRun = strict({
  type: word("TextRun"),
  text: Type.String(),
  weight: Type.Optional(word("Default", "Lighter", "Bolder")),
});
const richText = strict({
  type: word("RichTextBlock"),
  spacing: Type.Optional(word("None", "Small", "Default")),
  isVisible: Type.Optional(Type.Boolean()),
  inlines: list(textRun, 20),
});
const textBlock = strict({
  type: word("TextBlock"),
  text: text(300),
  weight: word("Bolder"),
  size: word("Medium"),
  wrap: Type.Boolean(),
});
const container = strict({
  type: word("Container"),
  bleed: Type.Boolean(),
  style: word("default", "emphasis", "good", "attention", "warning", "accent"),
  items: list(textBlock, 5),
});
const card = strict({
  $schema: word("http://adaptivecards.io/schemas/adaptive-card.json"),
  type: word("AdaptiveCard"),
  version: word("1.4"),
  msteams: strict({ width: word("Full") }),
  body: list(Type.Union([container, richText]), 30),
  actions: list(strict({ type: word("Action.OpenUrl"), title: text(100), url: href(2_048) }), 6, 0),
});
const TEAMS = strict({
  type: word("message"),
  attachments: list(
    strict({ contentType: word("application/vnd.microsoft.card.adaptive"), contentUrl: Type.Null(), content: card }),
    1,
  ),
});

const DISCORD = strict({
  allowed_mentions: strict({ parse: Type.Array(word("everyone", "roles", "users"), { maxItems: 0 }) }),
  embeds: list(
    strict({
      title: text(256),
      description: text(4_096),
      color: Type.Integer({ minimum: 0, maximum: 0xff_ff_ff }),
      timestamp: time,
      fields: list(strict({ name: text(256), value: text(1_024), inline: Type.Boolean() }), 25),
    }),
    10,
  ),
});

const MATTERMOST = strict({
  attachments: list(
    strict({
      fallback: text(500),
      color: Type.String({ pattern: "^#[0-9a-f]{6}$" }),
      title: text(300),
      title_link: Type.String({ pattern: "^(https?://.*)?$", maxLength: 2_048 }),
      text: text(16_383),
      fields: list(strict({ title: text(100), value: text(2_000), short: Type.Boolean() }), 20),
    }),
    20,
  ),
});

const widget = Type.Union([
  strict({ textParagraph: strict({ text: text(16_000) }) }),
  strict({ decoratedText: strict({ topLabel: text(100), text: text(4_000), wrapText: Type.Boolean() }) }),
]);
const GOOGLE_CHAT = strict({
  thread: strict({ threadKey: text(4_000) }),
  fallbackText: text(4_000),
  cardsV2: list(
    strict({
      cardId: text(63),
      card: strict({
        header: strict({ title: text(200), subtitle: text(200) }),
        sections: list(strict({ widgets: list(widget, 100) }), 100),
      }),
    }),
    1,
  ),
});

const PAGERDUTY = strict({
  routing_key: text(32),
  event_action: word("trigger", "acknowledge", "resolve"),
  dedup_key: text(255),
  client: text(255),
  payload: strict({
    summary: text(1_024),
    source: text(1_024),
    severity: word("critical", "error", "warning", "info"),
    timestamp: time,
    custom_details: strict({
      description: Type.String(),
      severity: Type.String(),
      status: Type.String(),
      alerts: Type.Integer(),
      firing: Type.Integer(),
      labels: textMap,
    }),
  }),
  links: list(strict({ href: href(2_048), text: text(1_024) }), 50, 0),
});

const OPSGENIE = Type.Union([
  strict({
    message: text(130),
    alias: text(512),
    description: text(15_000, 0),
    tags: list(text(50), 20),
    details: textMap,
    entity: text(512, 0),
    source: text(100),
    priority: word("P1", "P2", "P3", "P4", "P5"),
  }),
  strict({ source: text(100), note: text(25_000) }),
]);

const priority = { urgency: word("1", "2", "3"), impact: word("1", "2", "3") };
const SERVICENOW_OPENED = strict({
  short_description: text(160),
  description: text(4_000, 0),
  ...priority,
  correlation_id: text(100),
  correlation_display: text(100),
});

const SERVICENOW = Type.Union([
  SERVICENOW_OPENED,
  strict(priority),
  strict({
    state: word("2", "6"),
    close_code: Type.Optional(text(40, 0)),
    close_notes: Type.Optional(text(4_000, 0)),
  }),
]);

const link = strict({ type: word("link"), attrs: strict({ href: href(2_048) }) });
const adfText = strict({ type: word("text"), text: text(32_767), marks: Type.Optional(list(link, 1)) });
const JIRA_CREATED = strict({
  fields: strict({
    project: strict({ key: Type.String({ pattern: "^[A-Z][A-Z0-9_]{1,9}$" }) }),
    issuetype: strict({ name: text(60) }),
    summary: Type.String({ minLength: 1, maxLength: 254, pattern: "^[^\\r\\n]*$" }),
    labels: list(Type.String({ pattern: "^\\S{1,255}$" }), 50),
    description: strict({
      type: word("doc"),
      version: Type.Literal(1),
      content: list(
        Type.Union([
          strict({ type: word("paragraph"), content: list(adfText, 100, 0) }),
          strict({ type: word("codeBlock"), content: list(strict({ type: word("text"), text: text(32_767) }), 1) }),
        ]),
        100,
      ),
    }),
  }),
});

const JIRA = Type.Union([
  JIRA_CREATED,
  strict({ transition: strict({ id: Type.String({ pattern: "^\\d+$" }) }) }),
  strict({
    body: strict({
      type: word("doc"),
      version: Type.Literal(1),
      content: list(strict({ type: word("paragraph"), content: list(adfText, 100) }), 100),
    }),
  }),
]);

const nullableText = Type.Union([Type.String(), Type.Null()]);
const nullableTime = Type.Union([time, Type.Null()]);
const links = Type.Array(strict({ href: href(2_048), text: Type.String() }));
const wholeIncident = strict({
  id: uuid,
  number: Type.Integer(),
  title: Type.String(),
  description: Type.String(),
  severity: word("critical", "high", "medium", "low", "info"),
  status: word("open", "acknowledged", "resolved"),
  flapping: Type.Boolean(),
  integration_id: Type.Union([uuid, Type.Literal(""), Type.Null()]),
  group_key: Type.String(),
  alert_count: Type.Integer(),
  firing_count: Type.Integer(),
  labels: textMap,
  links,
  assignee: nullableText,
  created_at: time,
  updated_at: time,
  acknowledged_at: nullableTime,
  resolved_at: nullableTime,
  url: nullableText,
});
const wholeAlert = Type.Union([
  Type.Null(),
  strict({
    id: uuid,
    dedup_key: Type.String(),
    external_id: nullableText,
    status: Type.String(),
    severity: Type.String(),
    title: Type.String(),
    description: Type.String(),
    labels: textMap,
    first_seen_at: time,
    last_seen_at: time,
    firing_since: nullableTime,
  }),
]);
const wholeIntegration = Type.Union([Type.Null(), strict({ id: uuid, name: Type.String(), platform: text(40) })]);
const shortAlert = strict({ id: uuid, status: Type.String(), severity: Type.String(), title: Type.String() });

const inPlaceOf = Type.Union([Type.Null(), strict({ endpoint_id: uuid, endpoint_name: text(200) })]);

const CLOUDEVENTS = strict({
  specversion: word("1.0"),
  id: text(255),
  source: Type.String({ pattern: "^/[!-~]+$" }),
  type: Type.String({ pattern: "^[a-z_.]+$" }),
  subject: text(255),
  time,
  datacontenttype: word("application/json"),
  data: strict({ incident: wholeIncident, alert: wholeAlert, integration: wholeIntegration, failover: inPlaceOf }),
});

const GENERIC = strict({
  event: strict({ id: uuid, type: text(64), created_at: time }),
  incident: wholeIncident,
  alert: wholeAlert,
  alerts: Type.Array(shortAlert),
  integration: wholeIntegration,
  endpoint: strict({ id: uuid, name: text(200) }),
  failover: inPlaceOf,
});

const KIB = 1_024;
/** What Overwatch itself sends at most. */
const OWN_BYTES = 256 * KIB;

/** The limits of the receiver of each preset. */
export const RECEIVER_LIMITS: Readonly<Record<string, ReceiverLimits>> = {
  slack: { schema: SLACK, bytes: OWN_BYTES },
  microsoft_teams: { schema: TEAMS, bytes: 28 * KIB },
  discord: { schema: DISCORD, bytes: OWN_BYTES },
  mattermost: { schema: MATTERMOST, bytes: OWN_BYTES },
  google_chat: { schema: GOOGLE_CHAT, bytes: 32_000 },
  pagerduty_events_v2: { schema: PAGERDUTY, bytes: OWN_BYTES },
  opsgenie: { schema: OPSGENIE, bytes: OWN_BYTES },
  servicenow: { schema: SERVICENOW, bytes: OWN_BYTES },
  jira: { schema: JIRA, bytes: OWN_BYTES },
  cloudevents: { schema: CLOUDEVENTS, bytes: OWN_BYTES },
  generic: { schema: GENERIC, bytes: OWN_BYTES },
};
