import type { ReadContext, Reading, Signal } from "../../core/signal.ts";
import { entriesAt, member, memberAt, requireAlerts, requireObject, type Spot } from "../reading.ts";
import { makeSignal } from "../signal-draft.ts";
import { kibanaDraft } from "./kibana.ts";

/** The lists of a summary with what they say; a recovered alert comes last, so that it ends what began in between. */
const LISTS = [
  ["new", "firing"],
  ["ongoing", "firing"],
  ["recovered", "resolved"],
] as const;

/** True for a summary of alerts: our template has the lists at the top, Kibana's variables have them in `alerts`. */
export function isKibanaSummary(root: Spot): boolean {
  return LISTS.some(([name]) => listAt(root, name) !== null);
}

/** Reads every alert of a summary; throws `UnreadableError` where an element is no object or names no rule. */
export function readKibanaSummary(root: Spot, context: ReadContext): Reading {
  const signals: Signal[] = [];
  const warnings = new Set<string>();
  for (const [name, status] of LISTS) {
    const list = listAt(root, name);
    if (list === null) continue;
    const { alerts, warnings: cut } = requireAlerts(list);
    for (const warning of cut) warnings.add(warning);
    // The template's loop leaves a comma behind each element, so every list ends with an empty object.
    for (const element of alerts.filter((alert) => entriesAt(requireObject(alert)).length > 0)) {
      const read = kibanaDraft(root, element, context, status);
      for (const warning of read.warnings) warnings.add(warning);
      signals.push(makeSignal(read.draft));
    }
  }
  const variant = "kibana_summary";
  if (signals.length > 0) return { kind: "signals", variant, signals, heartbeat: false, warnings: [...warnings] };
  const message = "A summary without alerts.";
  return { kind: "ignored", variant, reason: "not_an_alert", message, externalIds: [] };
}

function listAt(root: Spot, name: string): Spot | null {
  const places = [member(root, name), memberAt(root, "alerts", name, "data"), memberAt(root, "alerts", name)];
  return places.find((spot) => Array.isArray(spot.value)) ?? null;
}
