import { readSeverity, type Severity } from "../../core/severity.ts";
import type { SignalStatus } from "../../core/signal.ts";

/** PagerDuty's event types that change a state; every other one of an incident is a line in its timeline. */
export const STATUS_WORDS: Readonly<Record<string, SignalStatus>> = {
  "incident.triggered": "firing",
  "incident.trigger": "firing",
  "incident.reopened": "firing",
  "incident.acknowledged": "acknowledged",
  "incident.acknowledge": "acknowledged",
  "incident.unacknowledged": "unacknowledged",
  "incident.unacknowledge": "unacknowledged",
  "incident.resolved": "resolved",
  "incident.resolve": "resolved",
};

/** PagerDuty's urgencies, and the names of priorities that accounts start with. */
export const SEVERITY_WORDS: Readonly<Record<string, Severity>> = { high: "high", low: "low" };

/** The status that an event type means. */
export function statusOf(eventType: string): SignalStatus {
  return Object.hasOwn(STATUS_WORDS, eventType) ? (STATUS_WORDS[eventType] ?? "noted") : "noted";
}

/** The word that decides the severity: a priority that is known (`P1`, `SEV-2`, `Critical`), else the urgency. */
export function severityWord(priority: string | null, urgency: string | null): string | null {
  const plain = priority?.replaceAll(/[\s_-]/g, "") ?? null;
  return readSeverity(plain, SEVERITY_WORDS) === null ? urgency : plain;
}
