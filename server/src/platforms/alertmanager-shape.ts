import type { JsonValue } from "../core/json.ts";
import type { Severity } from "../core/severity.ts";
import type { ReadContext, Reading, Signal } from "../core/signal.ts";
import { capText } from "../core/text.ts";
import {
  entriesAt,
  firstText,
  isMissing,
  kindOf,
  member,
  memberAt,
  requireAlerts,
  requireObject,
  type Spot,
  textAt,
  UnreadableError,
} from "./reading.ts";
import { httpLink, type LabelEntry, makeSignal, type SignalDraft, severityOf } from "./signal-draft.ts";
import { readTime } from "./source-time.ts";

/** One alert of a group; `sourceTime` in epoch milliseconds. */
export type GroupAlert = {
  readonly spot: Spot;
  readonly root: Spot;
  readonly status: "firing" | "resolved";
  readonly sourceTime: number;
};

/** Why an alert of a group makes no signal. */
export type Aside = "test" | "heartbeat" | "not_an_alert";

/** What one product does differently with the body that it took over from Alertmanager. */
export type GroupDialect = {
  readonly variant: string;
  /** Severity words that mean something else than in the common table. */
  readonly severities: Readonly<Record<string, Severity>>;
  /** The label names that may carry the severity, the first that is set counts. */
  readonly severityLabels: readonly string[];
  /** Tells whether an alert is no condition at all; null for an ordinary alert. */
  aside(alert: GroupAlert): Aside | null;
  /** Replaces what the product says in other fields. */
  refine(alert: GroupAlert, draft: SignalDraft): SignalDraft;
};

const HEARTBEATS: ReadonlySet<string> = new Set(["watchdog", "deadmansswitch", "deadmanswitch"]);
const ASIDE_MESSAGES: Readonly<Record<Aside, string>> = {
  test: "A test notification; it opens no incident.",
  heartbeat: "A sign of life; it opens no incident.",
  not_an_alert: "No alert that could open an incident.",
};
const MAX_WARNINGS = 20;

/** The text of an alert's label, or null. */
export function labelOf(alert: GroupAlert, name: string): string | null {
  return textAt(memberAt(alert.spot, "labels", name));
}

/** The text of an alert's annotation, or null. */
export function annotationOf(alert: GroupAlert, name: string): string | null {
  return textAt(memberAt(alert.spot, "annotations", name));
}

/** Tells Prometheus's always-firing and helper alerts apart from real ones; a heartbeat that resolved is no sign of life. */
export function prometheusAside(alert: GroupAlert): Aside | null {
  const name = labelOf(alert, "alertname")?.toLowerCase() ?? "";
  if (HEARTBEATS.has(name)) return alert.status === "firing" ? "heartbeat" : "not_an_alert";
  return name === "infoinhibitor" ? "not_an_alert" : null;
}

/**
 * Reads an Alertmanager group alert by alert, never by the status of the group. Throws `UnreadableError` where an
 * alert lacks its status or labels.
 */
export function readGroup(root: Spot, context: ReadContext, dialect: GroupDialect): Reading {
  const { alerts: spots, warnings } = requireAlerts(member(root, "alerts"));
  const alerts = spots.map((spot) => decodeAlert(root, spot, context.receivedAt));
  const asides = alerts.map((alert) => dialect.aside(alert));
  const found = new Set<string>([...warnings, ...truncation(root)]);
  const signals: Signal[] = [];
  for (const [index, alert] of alerts.entries()) {
    if (asides[index] !== null) continue;
    const read = severityOf(
      firstText(...dialect.severityLabels.map((name) => memberAt(alert.spot, "labels", name))),
      dialect.severities,
    );
    if (found.size < MAX_WARNINGS) for (const warning of read.warnings) found.add(warning);
    signals.push(makeSignal(dialect.refine(alert, draftOf(alert, read.severity, read.labels))));
  }
  if (signals.length > 0) {
    const heartbeat = asides.includes("heartbeat");
    return { kind: "signals", variant: dialect.variant, signals, heartbeat, warnings: [...found] };
  }
  const reason = (["test", "heartbeat"] as const).find((one) => asides.includes(one)) ?? "not_an_alert";
  const externalIds = alerts.map((alert) => externalIdOf(alert));
  return { kind: "ignored", variant: dialect.variant, reason, message: ASIDE_MESSAGES[reason], externalIds };
}

function decodeAlert(root: Spot, spot: Spot, receivedAt: number): GroupAlert {
  requireObject(spot);
  requireObject(member(spot, "labels"));
  const status = statusAt(member(spot, "status"));
  return { spot, root, status, sourceTime: sourceTimeOf(spot, status, receivedAt) };
}

function statusAt(spot: Spot): "firing" | "resolved" {
  const word = textAt(spot)?.toLowerCase();
  if (word === "firing" || word === "resolved") return word;
  const is = word === undefined ? kindOf(spot) : JSON.stringify(capText(word, 64));
  throw new UnreadableError(spot.path, `${spot.path} must be "firing" or "resolved", is ${is}`);
}

/** Start of a firing alert, end of a resolved one, which is never before its start. */
function sourceTimeOf(spot: Spot, status: "firing" | "resolved", receivedAt: number): number {
  const startedAt = timeAt(member(spot, "startsAt"));
  if (status === "firing") return startedAt ?? receivedAt;
  // Without a start the firing signal was dated by its receipt, which may be later than this end.
  if (startedAt === null) return receivedAt;
  const endedAt = timeAt(member(spot, "endsAt"));
  return Math.max(startedAt, endedAt === null || endedAt > receivedAt ? receivedAt : endedAt);
}

function timeAt(spot: Spot): number | null {
  const time = readTime(spot.value, Number.NaN);
  return time === null || Number.isNaN(time) ? null : time;
}

function draftOf(alert: GroupAlert, severity: Severity, labels: readonly LabelEntry[]): SignalDraft {
  const { spot, root } = alert;
  const name = labelOf(alert, "alertname");
  return {
    externalId: externalIdOf(alert),
    dedup: [identityOf(spot)],
    status: alert.status,
    severity,
    title: annotationOf(alert, "summary") ?? name ?? "Alert without a name",
    description: annotationOf(alert, "description") ?? annotationOf(alert, "message"),
    labels: [...labels, ...labelsOf(alert)],
    links: [
      httpLink(member(spot, "generatorURL").value, "Source"),
      httpLink(memberAt(spot, "annotations", "runbook_url").value, "Runbook"),
      httpLink(memberAt(spot, "annotations", "dashboard_url").value, "Dashboard"),
      httpLink(member(root, "externalURL").value, "Alertmanager"),
    ],
    sourceTime: alert.sourceTime,
  };
}

function externalIdOf(alert: GroupAlert): string {
  return textAt(member(alert.spot, "fingerprint")) ?? labelOf(alert, "alertname") ?? "";
}

/** The sender's fingerprint, else the sorted labels, from which Alertmanager would compute it. */
function identityOf(spot: Spot): { readonly path: string; readonly text: string } {
  const fingerprint = member(spot, "fingerprint");
  const text = textAt(fingerprint);
  if (text !== null) return { path: fingerprint.path, text };
  const identity = labelIdentity(member(spot, "labels"));
  if (identity.text !== "") return identity;
  throw new UnreadableError(identity.path, `${identity.path} must have a label where there is no fingerprint`);
}

/** Names a condition by its labels, whatever their order; labels for which `isPart` is false do not count. */
export function labelIdentity(
  labels: Spot,
  isPart: (name: string) => boolean = () => true,
): { readonly path: string; readonly text: string } {
  const pairs = entriesAt(labels)
    .map(([name]) => [name, textAt(member(labels, name))] as const)
    .filter((pair): pair is readonly [string, string] => pair[1] !== null && isPart(pair[0]))
    .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .sort();
  return { path: labels.path, text: pairs.join(",") };
}

function escaped(text: string): string {
  return text.replace(/[\\,=]/g, (found) => `\\${found}`);
}

const SHOWN_ELSEWHERE: ReadonlySet<string> = new Set([
  "summary",
  "description",
  "message",
  "runbook_url",
  "dashboard_url",
]);

/** An alert's labels, its route's as `route.<name>` and what else it is annotated with as `annotation.<name>`. */
function labelsOf(alert: GroupAlert): readonly LabelEntry[] {
  const annotations = entriesAt(member(alert.spot, "annotations")).filter(([name]) => !SHOWN_ELSEWHERE.has(name));
  return [
    ...shown(entriesAt(member(alert.spot, "labels")), ""),
    ...shown(entriesAt(member(alert.root, "routeLabels")), "route."),
    ...shown(annotations, "annotation."),
  ];
}

function shown(entries: readonly LabelEntry[], prefix: string): readonly LabelEntry[] {
  return entries
    .filter(([name, value]) => value !== "" && !name.startsWith("__"))
    .map(([name, value]): readonly [string, JsonValue | undefined] => [`${prefix}${name}`, value]);
}

function truncation(root: Spot): readonly string[] {
  const spot = member(root, "truncatedAlerts");
  const count = isMissing(spot) ? 0 : Number(textAt(spot));
  return count > 0 ? [`the sender left out ${count} further alerts (truncatedAlerts)`] : [];
}
