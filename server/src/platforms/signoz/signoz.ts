import { COMMON_SEVERITY_WORDS, type Severity, severityRank } from "../../core/severity.ts";
import type { ReadContext, Reading, Signal } from "../../core/signal.ts";
import {
  type Aside,
  annotationOf,
  type GroupAlert,
  type GroupDialect,
  labelIdentity,
  labelOf,
  readGroup,
} from "../alertmanager-shape.ts";
import { definePlatform } from "../platform.ts";
import { isMissing, member, memberAt, readPayload, requireObject, type Spot, UnreadableError } from "../reading.ts";
import { httpLink, type SignalDraft } from "../signal-draft.ts";
import { hmacHeader } from "../verification.ts";

// SigNoz's webhook channel, which sends Alertmanager's body version 4:
// https://signoz.io/docs/alerts-management/notification-channel/webhook/
// Smallest body: {"alerts":[{"status":"firing","labels":{"alertname":"X","ruleId":"…"},"fingerprint":"…"}]}

/** The names of SigNoz's thresholds, which it also writes into `severity`. */
const SEVERITY_WORDS: Readonly<Record<string, Severity>> = {
  ...COMMON_SEVERITY_WORDS,
  critical: "critical",
  error: "high",
  warning: "medium",
  info: "info",
};

/** Labels that change while one condition goes on, so that they do not name it. */
const VOLATILE: ReadonlySet<string> = new Set([
  "alertname",
  "threshold.name",
  "severity",
  "nodata",
  "noData",
  "lastSeen",
  "ruleSource",
]);

const DIALECT: GroupDialect = {
  variant: "alertmanager",
  severities: SEVERITY_WORDS,
  severityLabels: ["severity", "threshold.name"],
  aside,
  refine,
};

/** SigNoz. */
export const signoz = definePlatform({
  name: "signoz",
  title: "SigNoz",
  signature: hmacHeader({ header: "x-overwatch-signature", prefix: "sha256=" }),
  canSign: false,
  overloadStatus: 503,
  deliveryIdHeader: null,
  defaultRateLimit: null,
  read: (payload, context) => readPayload(payload, (root) => readSignoz(requireObject(root), context)),
});

function readSignoz(root: Spot, context: ReadContext): Reading {
  const alerts = member(root, "alerts");
  if (!Array.isArray(alerts.value)) {
    throw new UnreadableError(alerts.path, "Not the body of SigNoz's webhook channel: `alerts` is no array.");
  }
  const reading = readGroup(root, context, DIALECT);
  return reading.kind === "signals" ? { ...reading, signals: foldThresholds(reading.signals) } : reading;
}

/** A test of a rule is labelled, a test of a channel has a name and a summary of its own. */
function aside(alert: GroupAlert): Aside | null {
  if (labelOf(alert, "testalert")?.toLowerCase() === "true") return "test";
  const isChannelTest =
    labelOf(alert, "ruleId") === null &&
    labelOf(alert, "alertname")?.startsWith("Test Alert (") === true &&
    annotationOf(alert, "summary")?.startsWith("Test alert fired from SigNoz") === true;
  return isChannelTest ? "test" : null;
}

function refine(alert: GroupAlert, draft: SignalDraft): SignalDraft {
  const summary = annotationOf(alert, "summary");
  // SigNoz's prefilled summary says nothing of the rule, the rule's name does.
  const isStock = summary === null || summary.startsWith("The rule threshold is set to");
  const description = draft.description ?? null;
  return {
    ...draft,
    dedup: identity(alert) ?? draft.dedup,
    title: isStock ? (labelOf(alert, "alertname") ?? draft.title) : draft.title,
    description:
      isStock && summary !== null ? [summary, description].filter((text) => text !== null).join("\n\n") : description,
    labels: [...(draft.labels ?? [])].filter(([name]) => !name.startsWith("annotation._")),
    links: [
      httpLink(memberAt(alert.spot, "annotations", "related_logs").value, "Related logs"),
      httpLink(memberAt(alert.spot, "annotations", "related_traces").value, "Related traces"),
      ...(draft.links ?? []),
    ],
  };
}

/**
 * The rule and its series. A volatile label by which SigNoz splits its notifications does name the condition, since
 * each part is then resolved in a message of its own. Null without a rule id.
 */
function identity(alert: GroupAlert): SignalDraft["dedup"] | null {
  const ruleId = labelOf(alert, "ruleId");
  if (ruleId === null) return null;
  const grouped = member(alert.root, "groupLabels");
  const isPart = (name: string) => name !== "ruleId" && (!VOLATILE.has(name) || !isMissing(member(grouped, name)));
  const labels = member(alert.spot, "labels");
  const series = labelIdentity(labels, isPart);
  const rule = { path: member(labels, "ruleId").path, text: ruleId };
  return series.text === "" ? [rule] : [rule, series];
}

/**
 * One signal for each condition: where one threshold of a series fires and another one has ended, the condition goes
 * on, with the worst severity that fires and dated by its latest change.
 */
function foldThresholds(signals: readonly Signal[]): readonly Signal[] {
  const folded = new Map<string, Signal>();
  for (const signal of signals) {
    const before = folded.get(signal.dedupKey);
    folded.set(signal.dedupKey, before === undefined ? signal : fold(before, signal));
  }
  return [...folded.values()];
}

function fold(one: Signal, other: Signal): Signal {
  const sourceTime = Math.max(one.sourceTime, other.sourceTime);
  if (one.status !== other.status) return { ...(one.status === "firing" ? one : other), sourceTime };
  return { ...(severityRank(one.severity) <= severityRank(other.severity) ? one : other), sourceTime };
}
