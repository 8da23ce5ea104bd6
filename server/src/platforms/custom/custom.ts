import { isObject } from "../../core/json.ts";
import type { MappedElement, MappedField } from "../../core/mapped-element.ts";
import type { ReadContext, Reading } from "../../core/signal.ts";
import { definePlatform } from "../platform.ts";
import { MAX_ALERTS, member, memberAt, readPayload, requireAlerts, requireObject, type Spot } from "../reading.ts";
import { hmacHeader } from "../verification.ts";
import { conclude, type ElementSpots, readElement } from "./element.ts";
import { isEventsV2, readEventsV2 } from "./events-v2.ts";
import { guessElement } from "./guess.ts";

// Anything that can send JSON. Without a mapping the usual field names are tried; PagerDuty's Events API v2 is known:
// https://developer.pagerduty.com/docs/events-api-v2/overview/
// Smallest body: {"title":"Disk is full"}

/** The members that may hold a list of alerts. */
const LISTS = ["alerts", "events"] as const;

/** Any sender of JSON. */
export const custom = definePlatform({
  name: "custom",
  title: "Custom",
  signature: hmacHeader({ header: "x-overwatch-signature", prefix: "sha256=" }),
  canSign: true,
  overloadStatus: 429,
  deliveryIdHeader: null,
  defaultRateLimit: { requests: 100, perSeconds: 60 },
  read: (payload, context) => readPayload(payload, (root) => readGuessed(root, context)),
});

/**
 * Reads what a mapping made of a payload: one signal for each element. An element whose status is `test`, `heartbeat`
 * or `ignored` makes none; one without title, dedup key and external id makes the whole `unreadable`.
 */
export function readMapped(mapped: readonly MappedElement[], context: ReadContext): Reading {
  return readPayload(null, () => {
    const readings = mapped
      .slice(0, MAX_ALERTS)
      .map((element, index) => readElement(mappedSpots(element, index), context));
    const left = mapped.length - readings.length;
    return conclude("mapped", readings, left > 0 ? [`the mapping gave ${left} alerts more than ${MAX_ALERTS}`] : []);
  });
}

function readGuessed(root: Spot, context: ReadContext): Reading {
  const list = listAt(root);
  if (list !== null) {
    const { alerts, warnings } = requireAlerts(list);
    const readings = alerts.map((alert) => readElement(guessElement(alert), context));
    return conclude("guessed_list", readings, warnings);
  }
  if (isEventsV2(requireObject(root))) return readEventsV2(root, context);
  return conclude("guessed", [readElement(guessElement(root), context)], []);
}

function listAt(root: Spot): Spot | null {
  if (Array.isArray(root.value)) return root;
  const spots = LISTS.map((name) => member(root, name));
  return spots.find(({ value }) => Array.isArray(value) && (value.length === 0 || isObject(value[0]))) ?? null;
}

function mappedSpots(element: MappedElement, index: number): ElementSpots {
  const whole: Spot = { path: `$mapped[${index}]`, value: null };
  const field = (name: MappedField): Spot => ({ path: `${whole.path}.${name}`, value: element[name] });
  const labels = field("labels");
  return {
    whole,
    dedupKey: field("dedup_key"),
    externalId: field("external_id"),
    title: field("title"),
    description: field("description"),
    status: field("status"),
    severity: field("severity"),
    sourceTime: field("source_time"),
    labels,
    links: field("links"),
    source: ["source", "host", "service"].map((name) => memberAt(labels, name)),
    otherLabels: [],
  };
}
