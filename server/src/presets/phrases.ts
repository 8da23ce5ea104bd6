import type { EventType } from "../core/event.ts";

// Parts of templates that several presets share. Each is template text or a CEL expression, as its comment says. What an
// alert says is untrusted: it is cut first, escaped then, and cut again where escaping makes it longer.

/** Template text: what happened, such as "New incident". */
export const HEADLINE =
  "{{ default({" +
  "'incident.created': 'New incident', " +
  "'incident.updated': 'Incident updated', " +
  "'incident.escalated': 'Incident escalated', " +
  "'incident.acknowledged': 'Incident acknowledged', " +
  "'incident.unacknowledged': 'Acknowledgement taken back', " +
  "'incident.assigned': 'Incident assigned', " +
  "'incident.note_added': 'Note added', " +
  "'incident.resolved': 'Incident resolved', " +
  "'incident.reopened': 'Incident reopened', " +
  "'incident.merged': 'Incident merged into another', " +
  "'test.ping': 'Test by Overwatch'" +
  "}[event.type], event.type) }}";

/** Template text: one emoji, a tick once it is resolved, else the severity's colour. */
export const SIGN =
  "{{ incident.status == 'resolved' ? '✅' : " +
  "{'critical': '🔴', 'high': '🟠', 'medium': '🟡', 'low': '🔵', 'info': '⚪'}[incident.severity] }}";

/** Template text: how many of the alerts are firing. */
export const FIRING = "{{ incident.firing_count }} of {{ incident.alert_count }} firing";

/** Expression: the name of the integration that it came from. */
export const SOURCE = "default(integration.name, 'opened by hand').truncate(100)";

/** Expression: who has it. */
export const ASSIGNEE = "default(incident.assignee, 'nobody').truncate(100)";

/** Expression: the labels on one line, or a dash. */
export const LABELS =
  "(incident.labels.size() == 0 ? '–' : " +
  "incident.labels.map(k, k.truncate(100) + ': ' + incident.labels[k].truncate(200)).join(', ').truncate(400))";

/** Expression, true when the incident has a link that is short enough for a message. */
export const HAS_LINK = "incident.links.size() > 0 && incident.links[0].href.size() <= 500";

/** Expression, true when Overwatch knows the incident's own address. */
export const HAS_URL = "default(incident.url, '') != ''";

/**
 * Template text: that this goes to a fallback, and in whose place; nothing in any other delivery. `before` stands in
 * front of it, `escaping` is what the receiver needs behind an expression.
 */
export function standsIn(before: string, escaping = ""): string {
  const name = `{{ failover.endpoint_name.truncate(60)${escaping} }}`;
  return `{% if default(failover.endpoint_name, '') != '' %}${before}⚠ In place of ${name}, which cannot be reached{% endif %}`;
}

/** Expression: the title cut so that it fits whether a receiver counts characters or UTF-16 units. */
export function titleWithin(limit: number): string {
  const half = Math.floor(limit / 2);
  return `incident.title.truncate(incident.title.re(r'[^\\x{0}-\\x{FFFF}]') ? ${half} : ${limit})`;
}

const MARKS = ["*", "`", "|", "<", ">", "[", "]"];

/**
 * Calls that escape Markdown. Underscores and `#` inside a line stay: they are common in addresses, which would break,
 * and can do no more than slant a word.
 */
export const ESCAPE_MARKDOWN = [
  ".replace('\\\\', '\\\\\\\\')",
  ...MARKS.map((mark) => `.replace('${mark}', '\\\\${mark}')`),
  ".replace('\\n#', '\\n\\\\#').re_replace('^#', '\\\\#')",
].join("");

/** The events that people want to read in a chat; updates and notes are left out. */
export const CHAT_EVENTS: readonly EventType[] = [
  "incident.created",
  "incident.escalated",
  "incident.acknowledged",
  "incident.assigned",
  "incident.resolved",
  "incident.reopened",
];
