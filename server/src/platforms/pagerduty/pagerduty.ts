/**
 * PagerDuty webhooks, https://github.com/PagerDuty/developer-docs/tree/main/docs/webhooks (read 2026-11): V3
 * subscriptions, V2 extensions and the documented sample, which is V2 with V3's event names.
 */
import type { JsonValue } from "../../core/json.ts";
import type { ReadContext, Reading } from "../../core/signal.ts";
import { capText } from "../../core/text.ts";
import { definePlatform } from "../platform.ts";
import {
  elements,
  isMissing,
  member,
  memberAt,
  readPayload,
  requireAlerts,
  requireObject,
  requireText,
  type Spot,
  textAt,
  UnreadableError,
} from "../reading.ts";
import { firstTime } from "../source-time.ts";
import { hmacHeader } from "../verification.ts";
import { type IncidentEvent, incidentSignal } from "./incident.ts";
import { noteOf } from "./note.ts";
import { statusOf } from "./words.ts";

/** PagerDuty signs V3; a delivery keeps its `X-Webhook-Id` across retries. */
export const pagerduty = definePlatform({
  name: "pagerduty",
  title: "PagerDuty",
  signature: hmacHeader({ header: "x-pagerduty-signature", prefix: "v1=", isList: true }),
  canSign: true,
  overloadStatus: 429,
  deliveryIdHeader: "x-webhook-id",
  defaultRateLimit: null,
  read: (payload, context) =>
    readPayload(payload, (root) => {
      requireObject(root);
      if (!isMissing(member(root, "event"))) return readV3(requireObject(member(root, "event")), context);
      if (!isMissing(member(root, "messages"))) return readV2(member(root, "messages"), context);
      throw new UnreadableError("$", "neither $.event (V3) nor $.messages (V2): not a known PagerDuty payload");
    }),
});

function readV3(event: Spot, context: ReadContext): Reading {
  const type = requireText(member(event, "event_type"));
  const detail = member(event, "data");
  const kind = textAt(member(detail, "type")) ?? textAt(member(event, "resource_type")) ?? "";
  // Notes, tasks and the like have ids of their own; what they belong to stands one level deeper.
  const incident = kind === "incident" ? detail : member(detail, "incident");
  const status = statusOf(type);
  const isIncident = status !== "noted" || (kind.startsWith("incident") && !isMissing(incident));
  const skipped = skip(type, isIncident, "v3", [textAt(member(event, "id"))]);
  if (skipped !== null) return skipped;
  requireObject(incident);
  const sourceTime = firstTime([member(event, "occurred_at").value], context.receivedAt);
  const note = noteOf(type, detail, textAt(memberAt(event, "agent", "summary")));
  return conclude("v3", [], [{ incident, status, sourceTime, note }]);
}

function readV2(messages: Spot, context: ReadContext): Reading {
  const { alerts, warnings } = requireAlerts(messages);
  const events: IncidentEvent[] = [];
  let skipped = skip("no.messages", false, "v2", []);
  for (const message of alerts) {
    requireObject(message);
    const type = requireText(member(message, "event"));
    const incident = member(message, "incident");
    skipped = skip(type, type.startsWith("incident."), "v2", [textAt(member(message, "id"))]);
    if (skipped !== null) continue;
    requireObject(incident);
    events.push(v2Event(type, message, incident, context));
  }
  return events.length === 0 && skipped !== null ? skipped : conclude("v2", warnings, events);
}

function v2Event(type: string, message: Spot, incident: Spot, context: ReadContext): IncidentEvent {
  const status = statusOf(type);
  const [entry = member(message, "log_entry")] = elements(member(message, "log_entries"));
  const times: (JsonValue | undefined)[] = [
    member(message, "created_on").value,
    member(entry, "created_at").value,
    member(incident, "last_status_change_at").value,
    // A time of creation would make any later state as old as its trigger.
    status === "firing" ? member(incident, "created_at").value : undefined,
  ];
  const agent = textAt(memberAt(entry, "agent", "summary"));
  const told = textAt(member(entry, "note")) ?? textAt(memberAt(entry, "channel", "summary"));
  const note = noteOf(type, { path: "$", value: told === null ? {} : { content: told } }, agent);
  return { incident, status, sourceTime: firstTime(times, context.receivedAt), note };
}

/** The answer to an event that is about no incident, else null. */
function skip(type: string, isIncident: boolean, variant: string, ids: readonly (string | null)[]): Reading | null {
  const externalIds = ids.filter((id) => id !== null);
  if (type.endsWith(".ping")) {
    return { kind: "ignored", variant, reason: "test", message: "a test event of PagerDuty", externalIds };
  }
  if (isIncident) return null;
  const message = `an event of type ${JSON.stringify(capText(type, 128))}, which is about no incident`;
  return { kind: "ignored", variant, reason: "not_an_alert", message, externalIds };
}

function conclude(variant: string, warnings: readonly string[], events: readonly IncidentEvent[]): Reading {
  const read = events.map(incidentSignal);
  return {
    kind: "signals",
    variant,
    signals: read.map((one) => one.signal),
    heartbeat: false,
    warnings: [...warnings, ...new Set(read.flatMap((one) => one.warnings))],
  };
}
