import type { ReadContext, Reading, SignalStatus } from "../../core/signal.ts";
import { capText } from "../../core/text.ts";
import {
  elements,
  entriesAt,
  firstText,
  kindOf,
  member,
  memberAt,
  requireText,
  type Spot,
  textAt,
  UnreadableError,
} from "../reading.ts";
import { httpLink, type LabelEntry, makeSignal, severityOf } from "../signal-draft.ts";
import { SEVERITY_WORDS } from "./severity-words.ts";

/** Legacy states; `paused` and `pending` are no news of the condition itself. */
const STATES: Readonly<Record<string, SignalStatus | "pending">> = {
  alerting: "firing",
  no_data: "firing",
  ok: "resolved",
  paused: "noted",
  pending: "pending",
};

/** True for the body of the alerting that Grafana removed with version 11. */
export function isLegacy(root: Spot): boolean {
  return ["ruleId", "evalMatches", "ruleName"].some((key) => member(root, key).value !== undefined);
}

/** Reads a legacy notification, which carries one rule's state and no time; throws `UnreadableError`. */
export function readLegacy(root: Spot, context: ReadContext): Reading {
  const ruleId = requireText(member(root, "ruleId"));
  const status = statusAt(member(root, "state"));
  const name = firstText(member(root, "ruleName"), member(root, "title")) ?? `Rule ${ruleId}`;
  const message = textAt(member(root, "message"));
  const ignored = { kind: "ignored", variant: "legacy", externalIds: [ruleId] } as const;
  if (name === "Test notification" && message?.startsWith("Someone is testing") === true) {
    return { ...ignored, reason: "test", message: "A test notification; it opens no incident." };
  }
  if (status === "pending") {
    return { ...ignored, reason: "not_an_alert", message: "The rule is pending: its condition holds not long enough." };
  }
  const read = severityOf(
    firstText(...["severity", "priority", "level"].map((key) => memberAt(root, "tags", key))),
    SEVERITY_WORDS,
  );
  const isNoData = textAt(member(root, "state")) === "no_data";
  const signal = makeSignal({
    externalId: ruleId,
    dedup: identity(root, ruleId),
    status,
    severity: read.severity,
    title: isNoData ? `${name}: no data` : name,
    description: message,
    labels: [...read.labels, ...labels(root)],
    links: [httpLink(member(root, "ruleUrl").value, "Alert rule"), httpLink(member(root, "imageUrl").value, "Image")],
    sourceTime: context.receivedAt,
    note: status === "noted" ? "The alert rule was paused in Grafana; it reports nothing until it is resumed." : null,
  });
  return { kind: "signals", variant: "legacy", signals: [signal], heartbeat: false, warnings: read.warnings };
}

function statusAt(spot: Spot): SignalStatus | "pending" {
  const word = textAt(spot)?.toLowerCase() ?? "";
  const status = Object.hasOwn(STATES, word) ? STATES[word] : undefined;
  if (status !== undefined) return status;
  const is = word === "" ? kindOf(spot) : JSON.stringify(capText(word, 64));
  throw new UnreadableError(spot.path, `${spot.path} must be one of ${Object.keys(STATES).join(", ")}, is ${is}`);
}

/** Rule ids are counted within one Grafana server, organizations included; `orgId` guards against two servers. */
function identity(root: Spot, ruleId: string): readonly { readonly path: string; readonly text: string }[] {
  const orgId = member(root, "orgId");
  const org = textAt(orgId);
  return [
    ...(org === null ? [] : [{ path: orgId.path, text: org }]),
    { path: member(root, "ruleId").path, text: ruleId },
  ];
}

function labels(root: Spot): readonly LabelEntry[] {
  const places = ["orgId", "dashboardId", "panelId"] as const;
  const names = { orgId: "org_id", dashboardId: "dashboard_id", panelId: "panel_id" } as const;
  return [
    ...entriesAt(member(root, "tags")),
    ...places.map((place) => [names[place], member(root, place).value] as const),
    ...elements(member(root, "evalMatches")).map(
      (match) => [`value.${textAt(member(match, "metric")) ?? "?"}`, member(match, "value").value] as const,
    ),
  ];
}
