import type { ReadContext, Reading } from "../../core/signal.ts";
import { elements, entriesAt, isMissing, member, requireText, type Spot, textAt } from "../reading.ts";
import { httpLink, type LabelEntry, makeSignal, severityOf } from "../signal-draft.ts";
import { firstTime } from "../source-time.ts";
import { joined } from "./issue.ts";
import { SEVERITY_WORDS, statusOf } from "./words.ts";

/** Reads an incident of the legacy channel, or of a workflow template in its shape (which sends `version`). */
export function readIncident(root: Spot, context: ReadContext): Reading {
  const variant = isMissing(member(root, "version")) ? "legacy" : "legacy_workflow";
  const word = textAt(member(root, "current_state"));
  if (word?.toLowerCase() === "test" || textAt(member(root, "event_type")) === "NOTIFICATION") {
    const ids = textAt(member(root, "incident_id"));
    const message = "a channel test of New Relic";
    return { kind: "ignored", variant, reason: "test", message, externalIds: ids === null ? [] : [ids] };
  }
  const id = requireText(member(root, "incident_id"));
  const state = statusOf(word);
  const condition = joined(member(root, "condition_name"));
  const details = joined(member(root, "details"));
  const severity = severityOf(member(root, "severity").value, SEVERITY_WORDS, incidentLabels(root));
  const signal = makeSignal({
    externalId: id,
    dedup: [{ path: "$.incident_id", text: id }],
    status: state.status,
    severity: severity.severity,
    title: [...new Set([condition, details])].filter((text) => text !== null).join(": ") || `New Relic incident ${id}`,
    description: details,
    labels: severity.labels,
    links: LINKS.map(([name, text]) => httpLink(member(root, name).value, text)),
    sourceTime: firstTime([member(root, "timestamp").value], context.receivedAt),
  });
  const warnings = [...state.warnings, ...severity.warnings];
  return { kind: "signals", variant, signals: [signal], heartbeat: false, warnings };
}

const LINKS = [
  ["incident_url", "Incident"],
  ["incident_acknowledge_url", "Acknowledge"],
  ["violation_chart_url", "Chart"],
  ["violation_callback_url", "Violation"],
  ["runbook_url", "Runbook"],
  ["policy_url", "Policy"],
] as const;

const LABELS = [
  "policy_name",
  "condition_name",
  "account_name",
  "account_id",
  "condition_id",
  "owner",
  "severity",
] as const;

function incidentLabels(root: Spot): readonly LabelEntry[] {
  const targets = elements(member(root, "targets"));
  return [
    ...LABELS.map((name): LabelEntry => [name, joined(member(root, name))]),
    ["targets", joined({ path: "$.targets", value: targets.map((target) => textAt(member(target, "name"))) })],
    ...targets.flatMap((target) => entriesAt(member(target, "labels"))),
    ...entriesAt(member(root, "metadata")),
  ];
}
