import type { ReadContext, Reading } from "../../core/signal.ts";
import {
  elements,
  entriesAt,
  isMissing,
  member,
  memberAt,
  requireObject,
  requireText,
  type Spot,
  textAt,
  UnreadableError,
} from "../reading.ts";
import { conclude, NOWHERE, readElement } from "./element.ts";

const ACTIONS: ReadonlySet<string> = new Set(["trigger", "acknowledge", "resolve"]);

/** True for a body that a monitor sends to PagerDuty's Events API v2, or to its change events. */
export function isEventsV2(root: Spot): boolean {
  if (!isMissing(member(root, "event_action"))) return true;
  return !isMissing(member(root, "routing_key")) && !isMissing(memberAt(root, "payload", "summary"));
}

/**
 * Reads one event (https://developer.pagerduty.com/docs/events-api-v2/trigger-events/). The routing key is a secret and
 * is not kept. Throws `UnreadableError` without a known action, and without a dedup key where nothing else could tell
 * what to acknowledge or resolve.
 */
export function readEventsV2(root: Spot, context: ReadContext): Reading {
  const variant = "pagerduty_events_v2";
  const action = member(root, "event_action");
  if (isMissing(action)) {
    const message = "A change event, which tells of a change and not of a condition.";
    return { kind: "ignored", variant, reason: "not_an_alert", message, externalIds: [] };
  }
  if (!ACTIONS.has(requireText(action))) {
    throw new UnreadableError(action.path, `${action.path} must be trigger, acknowledge or resolve`);
  }
  const dedupKey = member(root, "dedup_key");
  const payload = member(root, "payload");
  if (textAt(action) === "trigger") requireText(member(requireObject(payload), "summary"));
  else requireText(dedupKey);
  const field = (name: string) => member(payload, name);
  const details = field("custom_details");
  const reading = readElement(
    {
      whole: root,
      dedupKey,
      externalId: NOWHERE,
      title: field("summary"),
      description: typeof details.value === "string" ? details : NOWHERE,
      status: action,
      severity: field("severity"),
      sourceTime: field("timestamp"),
      labels: typeof details.value === "string" ? NOWHERE : details,
      links: { path: root.path, value: [...listed(root, "links"), ...listed(root, "images"), clientLink(root)] },
      source: ["source", "component", "class"].map(field),
      otherLabels: [
        ...["source", "component", "group", "class"].map((name) => [name, field(name).value] as const),
        ["client", member(root, "client").value],
      ],
    },
    context,
  );
  return conclude(variant, [reading], []);
}

function listed(root: Spot, name: string) {
  return elements(member(root, name)).map((spot) => {
    const isLink = entriesAt(spot).some(([key]) => key === "href");
    return isLink ? (spot.value ?? null) : (member(spot, "src").value ?? null);
  });
}

function clientLink(root: Spot) {
  return { href: member(root, "client_url").value ?? null, text: textAt(member(root, "client")) ?? "Client" };
}
