import type { Signal, SignalStatus } from "../../core/signal.ts";
import { elements, firstText, member, memberAt, requireText, type Spot, textAt } from "../reading.ts";
import { httpLink, type LabelEntry, makeSignal, severityOf } from "../signal-draft.ts";
import { SEVERITY_WORDS, severityWord } from "./words.ts";

/** One event of either version, brought to the same terms; `incident` may be a mere reference. */
export type IncidentEvent = {
  readonly incident: Spot;
  readonly status: SignalStatus;
  /** Epoch milliseconds. */
  readonly sourceTime: number;
  readonly note: string;
};

/** The signal of an event, and the warnings of reading it; the incident's id names the condition. */
export function incidentSignal(event: IncidentEvent): {
  readonly signal: Signal;
  readonly warnings: readonly string[];
} {
  const { incident, status } = event;
  const at = (...path: readonly string[]) => textAt(memberAt(incident, ...path));
  const idSpot = member(incident, "id");
  const id = requireText(idSpot);
  const priority = at("priority", "summary") ?? at("priority", "name");
  const word = severityWord(priority, at("urgency"));
  const severity = severityOf(word, SEVERITY_WORDS, incidentLabels(incident, priority));
  const signal = makeSignal({
    externalId: id,
    dedup: [{ path: idSpot.path, text: id }],
    status,
    severity: severity.severity,
    title: at("title") ?? at("description") ?? at("summary") ?? `PagerDuty incident ${id}`,
    description: at("body", "details") ?? at("first_trigger_log_entry", "channel", "details"),
    labels: severity.labels,
    links: [
      httpLink(member(incident, "html_url").value, "PagerDuty"),
      httpLink(memberAt(incident, "conference_bridge", "conference_url").value, "Conference"),
      httpLink(memberAt(incident, "resolve_reason", "incident", "html_url").value, "Merged into"),
    ],
    sourceTime: event.sourceTime,
    note: status === "noted" ? event.note : null,
  });
  return { signal, warnings: severity.warnings };
}

function incidentLabels(incident: Spot, priority: string | null): readonly LabelEntry[] {
  const at = (...path: readonly string[]) => textAt(memberAt(incident, ...path));
  const fields = elements(member(incident, "custom_fields")).map((field): LabelEntry => {
    const value = member(field, "value").value;
    return [firstText(member(field, "name"), member(field, "id")) ?? "", value];
  });
  const teams = elements(member(incident, "teams")).map((team) => textAt(member(team, "summary")));
  return [
    ["service", at("service", "name") ?? at("service", "summary")],
    ["service_id", at("service", "id")],
    ["team", teams.filter((team) => team !== null).join(", ") || null],
    ["urgency", at("urgency")],
    ["priority", priority],
    ["incident_number", at("incident_number") ?? at("number")],
    ["incident_key", at("incident_key")],
    ["escalation_policy", at("escalation_policy", "summary")],
    ["merged_into", at("resolve_reason", "incident", "id")],
    ...fields,
  ];
}
