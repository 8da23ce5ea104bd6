import type { IncidentWire } from "../../../../server/src/api/contract.ts";

/** An incident as Markdown, for chats and tickets; what came with alerts cannot become markup. */
export function incidentAsMarkdown(incident: IncidentWire, url: string): string {
  const { number, title, severity, status, description, labels, links } = incident;
  const lines = [
    `### [#${number} ${escapeMarkdown(title)}](${url})`,
    "",
    `- Severity: **${severity}**`,
    `- Status: **${status}**${incident.assignee === null ? "" : `, assigned to ${escapeMarkdown(incident.assignee)}`}`,
    `- Since: ${incident.created_at}`,
    ...(incident.resolved_at === null ? [] : [`- Resolved: ${incident.resolved_at}`]),
    `- Alerts: ${incident.firing_count} firing of ${incident.alert_count}`,
    ...Object.entries(labels).map(([name, value]) => `- ${escapeMarkdown(name)}: ${escapeMarkdown(value)}`),
    ...links.map(({ href, text }) => `- ${escapeMarkdown(text === "" ? href : `${text}: ${href}`)}`),
  ];
  if (description !== "") lines.push("", ...description.split("\n").map((line) => `> ${escapeMarkdown(line)}`));
  return `${lines.join("\n")}\n`;
}

function escapeMarkdown(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>#|@!]/g, (sign) => `\\${sign}`).replaceAll(/[\r\n]+/g, " ");
}
