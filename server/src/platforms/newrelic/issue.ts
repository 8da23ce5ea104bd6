import type { ReadContext, Reading, SignalStatus } from "../../core/signal.ts";
import { elements, entriesAt, firstText, member, requireText, type Spot, textAt } from "../reading.ts";
import { httpLink, type LabelEntry, makeSignal, severityOf } from "../signal-draft.ts";
import { firstTime } from "../source-time.ts";
import { SEVERITY_WORDS, statusOf } from "./words.ts";

/** Reads an issue: the documented sample (`issueId`) and the workflows template (`id`), with the members of both. */
export function readIssue(root: Spot, context: ReadContext, variant: "documented" | "workflow"): Reading {
  const idSpot = member(root, variant === "documented" ? "issueId" : "id");
  const id = requireText(idSpot);
  const trigger = textAt(member(root, "trigger"));
  const state = statusOf(textAt(member(root, "state")));
  const isMerge = trigger === "MERGE_REQUEST" && state.status !== "resolved";
  const priority = firstText(member(root, "priority"), member(root, "severity"));
  const severity = severityOf(priority, SEVERITY_WORDS, issueLabels(root, priority));
  const signal = makeSignal({
    externalId: id,
    dedup: [{ path: idSpot.path, text: id }],
    status: isMerge ? "noted" : state.status,
    severity: severity.severity,
    title: joined(member(root, "title")) ?? `New Relic issue ${id}`,
    description: joined(member(root, "description")) ?? joined(member(root, "details")),
    labels: severity.labels,
    links: LINKS.map(([name, text]) => httpLink(member(root, name).value, text)),
    sourceTime: issueTime(root, state.status, context.receivedAt),
    note: isMerge ? "New Relic merged this issue into another one" : null,
  });
  const warnings = [...state.warnings, ...severity.warnings];
  return { kind: "signals", variant, signals: [signal], heartbeat: false, warnings };
}

const LINKS = [
  ["issueUrl", "Issue"],
  ["issuePageUrl", "Issue"],
  ["issueAcknowledgeUrl", "Acknowledge"],
  ["violationChartUrl", "Chart"],
  ["runbookUrl", "Runbook"],
] as const;

const LABELS = [
  ["policy_name", ["policyName", "alertPolicyNames"]],
  ["condition_name", ["conditionName", "alertConditionNames"]],
  ["entities", ["impactedEntities"]],
  ["workflow", ["workflowName"]],
  ["sources", ["sources"]],
  ["trigger", ["trigger"]],
  ["is_correlated", ["isCorrelated"]],
  ["total_incidents", ["totalIncidents"]],
] as const;

function issueLabels(root: Spot, priority: string | null): readonly LabelEntry[] {
  const named = LABELS.map(([label, names]): LabelEntry => {
    const texts = names.map((name) => joined(member(root, name)));
    return [label, texts.find((text) => text !== null)];
  });
  const tags = entriesAt(member(root, "tags")).map(([key, value]): LabelEntry => [key, joined({ path: "", value })]);
  // Templates may copy `accumulations.tag.<name>` to members of such names.
  const flat = entriesAt(root)
    .filter(([key]) => /^(accumulations\.)?tags?\../.test(key))
    .map(([key, value]): LabelEntry => [key.replace(/^(accumulations\.)?tags?\./, ""), joined({ path: "", value })]);
  return [["priority", priority], ...named, ...tags, ...flat];
}

/**
 * When the issue came into its state. Only a firing may take the time of creation: another state without a time of its
 * own takes the time of receipt, lest it seem as old as its firing.
 */
function issueTime(root: Spot, status: SignalStatus, receivedAt: number): number {
  const own = status === "resolved" ? "closedAt" : status === "acknowledged" ? "acknowledgedAt" : "activatedAt";
  const times = [member(root, "updatedAt").value, member(root, own).value];
  if (status === "firing") return firstTime([...times, member(root, "createdAt").value], receivedAt);
  const created = firstTime([member(root, "createdAt").value], receivedAt);
  return Math.max(created, firstTime(times, receivedAt));
}

/** The text at the place, of an array its texts joined with commas, each once. */
export function joined(spot: Spot): string | null {
  if (!Array.isArray(spot.value)) return textAt(spot);
  const texts = elements(spot)
    .map(textAt)
    .filter((text) => text !== null);
  return texts.length === 0 ? null : [...new Set(texts)].join(", ");
}
