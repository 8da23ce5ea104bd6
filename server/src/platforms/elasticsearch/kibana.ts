import type { Severity } from "../../core/severity.ts";
import type { ReadContext, Reading, SignalStatus } from "../../core/signal.ts";
import { entriesAt, firstText, isMissing, member, memberAt, type Spot, textAt, UnreadableError } from "../reading.ts";
import { httpLink, type LabelEntry, type SignalDraft, severityOf } from "../signal-draft.ts";
import { readTimeOr } from "../source-time.ts";

/**
 * Where a value may stand: first the names of our template, then what people write by themselves, which are Kibana's
 * variables nested or flat, its old variable names and the ECS fields of its alerts.
 */
const PLACES = {
  ruleId: ["rule_id", "ruleId", "rule.id", "kibana.alert.rule.uuid", "alertId"],
  ruleName: ["rule_name", "ruleName", "rule.name", "kibana.alert.rule.name", "alertName"],
  ruleUrl: ["rule_url", "ruleUrl", "rule.url"],
  ruleTags: ["rule_tags", "ruleTags", "rule.tags", "kibana.alert.rule.tags", "tags"],
  space: ["space_id", "spaceId", "rule.spaceId", "kibana.space_ids"],
  alertId: ["alert_id", "alert.id", "alertInstanceId", "instance_id", "kibana.alert.instance.id"],
  alertUuid: ["alert_uuid", "alertUuid", "alert.uuid", "kibana.alert.uuid"],
  alertUrl: ["alert_url", "alertUrl", "context.alertDetailsUrl", "context.link", "kibana.alert.url", "url"],
  actionGroup: ["action_group", "actionGroup", "alert.actionGroup", "alertActionGroup", "kibana.alert.action_group"],
  status: ["status", "state", "kibana.alert.status"],
  severity: ["severity", "kibana.alert.severity", "priority"],
  title: ["title"],
  text: ["message", "reason", "description", "context.message", "context.reason", "kibana.alert.reason"],
  isFlapping: ["flapping", "alert.flapping", "kibana.alert.flapping"],
  date: ["date", "timestamp", "@timestamp"],
  startedAt: ["start", "kibana.alert.start"],
  endedAt: ["end", "kibana.alert.end"],
} as const;

type Field = keyof typeof PLACES;

/** Action groups that say "over". */
const RESOLVED_WORDS: ReadonlySet<string> = new Set(["recovered", "resolved", "recovery", "ok", "closed"]);

/** Words of `severity`, and the action groups of rule types that have several levels. */
export const SEVERITY_WORDS: Readonly<Record<string, Severity>> = {
  critical: "critical",
  high: "high",
  medium: "medium",
  warning: "medium",
  low: "low",
  info: "info",
  major: "high",
  minor: "medium",
  "slo.burnrate.alert": "critical",
  "slo.burnrate.high": "high",
  "slo.burnrate.medium": "medium",
  "slo.burnrate.low": "low",
  "metrics.threshold.fired": "high",
  "metrics.threshold.warning": "medium",
  "metrics.inventory_threshold.fired": "high",
  "metrics.inventory_threshold.warning": "medium",
};

/** Alert ids of rules that have one alert only, which add nothing to the rule's name. */
const SINGLE_ALERT_IDS: ReadonlySet<string> = new Set(["*", "query matched", "all documents"]);

/** The first place that has the field; Kibana leaves a variable that it does not know empty. */
export function kibanaField(root: Spot, field: Field): Spot {
  const spots = PLACES[field].map((place) => placeAt(root, place));
  return spots.find((spot) => textAt(spot) !== null || Array.isArray(spot.value)) ?? spots[0] ?? root;
}

function placeAt(root: Spot, place: string): Spot {
  const flat = member(root, place);
  return isMissing(flat) ? memberAt(root, ...place.split(".")) : flat;
}

/** True where a payload names a Kibana rule, in our template or in one of the user's own. */
export function isKibana(root: Spot): boolean {
  return (
    firstText(kibanaField(root, "ruleId"), kibanaField(root, "ruleName"), kibanaField(root, "actionGroup")) !== null
  );
}

/** What Kibana's connector sends from its Test tab, where variables stay as they are written. */
export function readConnectorTest(root: Spot): Reading | null {
  const literal = [kibanaField(root, "ruleId"), kibanaField(root, "ruleName")].find((spot) =>
    textAt(spot)?.startsWith("{{"),
  );
  if (literal === undefined) return null;
  const message = "A test of the connector: its variables are not filled in; it opens no incident.";
  return { kind: "ignored", variant: "kibana", reason: "test", message, externalIds: [] };
}

/** What one Kibana alert says; `element` is the alert, `root` the message around it, which may be the same. */
export function kibanaDraft(
  root: Spot,
  element: Spot,
  context: ReadContext,
  forced: SignalStatus | null = null,
): { readonly draft: SignalDraft; readonly warnings: readonly string[] } {
  const ruleId = [element, root].map((spot) => kibanaField(spot, "ruleId")).find((spot) => textAt(spot) !== null);
  const ruleName = firstText(kibanaField(root, "ruleName"), kibanaField(element, "ruleName"));
  const rule = ruleId ?? kibanaField(root, "ruleName");
  if (textAt(rule) === null) {
    throw new UnreadableError(`${root.path}.rule_id`, "Neither rule_id nor rule_name is there; paste our template.");
  }
  const alertId = kibanaField(element, "alertId");
  const uuid = kibanaField(element, "alertUuid");
  const series = textAt(alertId) === null ? uuid : alertId;
  const status = forced ?? statusOf(element);
  const read = severityOf(severityWord(root, element), SEVERITY_WORDS);
  const fallback = titleOf(ruleName ?? textAt(rule) ?? "", textAt(alertId));
  const draft: SignalDraft = {
    externalId: textAt(uuid) ?? textAt(series) ?? textAt(rule) ?? "",
    dedup: [rule, series].flatMap((spot) => {
      const text = textAt(spot);
      return text === null ? [] : [{ path: spot.path, text }];
    }),
    status,
    severity: read.severity,
    title: firstText(kibanaField(element, "title")) ?? fallback,
    description: textAt(kibanaField(element, "text")),
    labels: [...read.labels, ...labelsOf(root, element)],
    links: [
      httpLink(kibanaField(element, "alertUrl").value, "Alert"),
      httpLink(kibanaField(root, "ruleUrl").value, "Rule"),
    ],
    sourceTime: sourceTimeOf(root, element, status, context.receivedAt),
  };
  return { draft, warnings: read.warnings };
}

function statusOf(element: Spot): SignalStatus {
  const words = [kibanaField(element, "status"), kibanaField(element, "actionGroup")].map(
    (spot) => textAt(spot)?.toLowerCase() ?? "",
  );
  return words.some((word) => RESOLVED_WORDS.has(word)) ? "resolved" : "firing";
}

/** A written severity counts before the action group, which is a level only in some rule types. */
function severityWord(root: Spot, element: Spot): string | null {
  const written = firstText(kibanaField(element, "severity"), kibanaField(root, "severity"));
  const group = textAt(kibanaField(element, "actionGroup"));
  if (written !== null || group === null) return written;
  return Object.hasOwn(SEVERITY_WORDS, group.toLowerCase()) ? group : null;
}

/** Built from what a recovery carries too, since Kibana's context is empty by then. */
function titleOf(ruleName: string, alertId: string | null): string {
  return alertId === null || SINGLE_ALERT_IDS.has(alertId) ? ruleName : `${ruleName}: ${alertId}`;
}

function labelsOf(root: Spot, element: Spot): readonly LabelEntry[] {
  const field = (name: string, ...spots: readonly Spot[]): readonly LabelEntry[] => {
    const text = firstText(...spots);
    return text === null ? [] : [[name, text]];
  };
  return [
    ...field("rule_id", kibanaField(element, "ruleId"), kibanaField(root, "ruleId")),
    ...field("rule_name", kibanaField(root, "ruleName"), kibanaField(element, "ruleName")),
    ...field("alert_id", kibanaField(element, "alertId")),
    ...field("action_group", kibanaField(element, "actionGroup")),
    ...field("space_id", kibanaField(root, "space")),
    ...field("flapping", kibanaField(element, "isFlapping")),
    ...tagsOf(kibanaField(root, "ruleTags")),
    ...entriesAt(member(element, "labels")),
  ];
}

/** Rule tags come as one text with commas or as a list; `key:value` becomes a label, other tags are kept together. */
function tagsOf(spot: Spot): readonly LabelEntry[] {
  const list: readonly unknown[] = Array.isArray(spot.value) ? spot.value : (textAt(spot)?.split(",") ?? []);
  const tags = list.filter((tag) => typeof tag === "string").map((tag) => tag.trim());
  const pairs = tags.flatMap((tag): readonly LabelEntry[] => {
    const colon = tag.indexOf(":");
    return colon > 0 && colon < tag.length - 1 ? [[tag.slice(0, colon), tag.slice(colon + 1)]] : [];
  });
  const plain = tags.filter((tag) => tag !== "" && !tag.includes(":"));
  return plain.length === 0 ? pairs : [...pairs, ["tags", plain.join(",")]];
}

/** Start or end of the alert where the message has them, else the time at which the rule ran; never in the future. */
function sourceTimeOf(root: Spot, element: Spot, status: SignalStatus, receivedAt: number): number {
  const date = readTimeOr(kibanaField(root, "date").value, receivedAt);
  const startedAt = readTimeOr(kibanaField(element, "startedAt").value, date);
  if (status !== "resolved") return Math.min(startedAt, receivedAt);
  return Math.min(Math.max(startedAt, readTimeOr(kibanaField(element, "endedAt").value, date)), receivedAt);
}
