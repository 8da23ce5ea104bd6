import { SEVERITIES, type Severity, severityRank } from "../../core/severity.ts";
import type { ReadContext, Reading } from "../../core/signal.ts";
import { member, type Spot } from "../reading.ts";
import { httpLink, makeSignal, type SignalDraft, severityOf } from "../signal-draft.ts";
import { firstTime } from "../source-time.ts";
import { firstVariable, tagLabels, variableText } from "./tags.ts";
import { SEVERITY_WORDS, type TitleParts } from "./title.ts";

/** What one variant's reader found out; `word` is the severity word. */
export type Findings = Pick<SignalDraft, "externalId" | "dedup" | "status" | "description"> & {
  readonly word: string | null;
  readonly link?: string | undefined;
  readonly monitor?: string;
  readonly warnings: readonly string[];
};

/** Makes the reading from what the three variants have in common: test notifications, severity, labels, links and time. */
export function conclude(
  root: Spot,
  context: ReadContext,
  variant: string,
  title: TitleParts,
  found: Findings,
): Reading {
  const externalIds = found.externalId === "" ? [] : [found.externalId];
  if (title.isTest) {
    const message = "a monitor's test notification";
    return { kind: "ignored", variant, reason: "test", message, externalIds };
  }
  const at = (name: string) => variableText(member(root, name));
  const scope = { path: "$.title", value: title.scope };
  const read = severityOf(found.word, SEVERITY_WORDS, [
    ["host", firstVariable(member(root, "host"), member(root, "hostname"))],
    ["monitor_id", found.monitor === "" ? null : found.monitor],
    ["metric", at("alert_metric")],
    ...tagLabels(scope, member(root, "alert_scope"), member(root, "tags")),
  ]);
  const signal = makeSignal({
    ...found,
    severity: isWarning(title, found) ? milder(read.severity) : read.severity,
    title: title.text === "" ? `Datadog alert ${found.externalId}` : title.text,
    labels: read.labels,
    links: [httpLink(at("link") ?? found.link, "Datadog"), httpLink(at("snapshot"), "Snapshot")],
    sourceTime: firstTime(
      ["last_updated", "last_updated_posix", "date", "date_posix"].map((name) => member(root, name).value),
      context.receivedAt,
    ),
  });
  return {
    kind: "signals",
    variant,
    signals: [signal],
    heartbeat: false,
    warnings: [...found.warnings, ...read.warnings],
  };
}

/** True when a priority, which is the monitor's and not the transition's, must give way to a warning threshold. */
function isWarning(title: TitleParts, found: Findings): boolean {
  const isPriority = found.word !== null && /^p[1-5]$/i.test(found.word);
  return isPriority && (title.transition === "warn" || title.transition === "re-warn");
}

function milder(severity: Severity): Severity {
  return SEVERITIES[severityRank(severity) + 1] ?? severity;
}
