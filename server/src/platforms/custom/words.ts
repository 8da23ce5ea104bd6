import type { Severity } from "../../core/severity.ts";
import type { SignalStatus } from "../../core/signal.ts";

/** What a status word means: a status, or that the message is no alert. */
export type StatusMeaning = SignalStatus | "test" | "heartbeat" | "ignored";

/** Status words in lower case; a missing word means firing, an unknown one too, with a warning. */
export const STATUS_WORDS: Readonly<Record<string, StatusMeaning>> = {
  firing: "firing",
  fire: "firing",
  triggered: "firing",
  trigger: "firing",
  alerting: "firing",
  alert: "firing",
  active: "firing",
  open: "firing",
  opened: "firing",
  created: "firing",
  new: "firing",
  problem: "firing",
  down: "firing",
  failed: "firing",
  failure: "firing",
  failing: "firing",
  error: "firing",
  critical: "firing",
  warning: "firing",
  unhealthy: "firing",
  reopened: "firing",
  no_data: "firing",
  nodata: "firing",
  true: "firing",
  acknowledged: "acknowledged",
  acknowledge: "acknowledged",
  acked: "acknowledged",
  ack: "acknowledged",
  investigating: "acknowledged",
  unacknowledged: "unacknowledged",
  unacknowledge: "unacknowledged",
  resolved: "resolved",
  resolve: "resolved",
  recovered: "resolved",
  recovery: "resolved",
  closed: "resolved",
  close: "resolved",
  cleared: "resolved",
  clear: "resolved",
  ok: "resolved",
  okay: "resolved",
  up: "resolved",
  normal: "resolved",
  healthy: "resolved",
  inactive: "resolved",
  fixed: "resolved",
  ended: "resolved",
  done: "resolved",
  success: "resolved",
  passing: "resolved",
  false: "resolved",
  noted: "noted",
  note: "noted",
  test: "test",
  ping: "test",
  heartbeat: "heartbeat",
  ignored: "ignored",
  ignore: "ignored",
};

/** Severity words beyond the common ones; bare numbers are priorities, 1 the worst. */
export const SEVERITY_WORDS: Readonly<Record<string, Severity>> = {
  emerg: "critical",
  alert: "critical",
  urgent: "critical",
  blocker: "critical",
  down: "critical",
  severe: "high",
  failure: "high",
  average: "medium",
  normal: "medium",
  trivial: "low",
  debug: "info",
  "1": "critical",
  "2": "high",
  "3": "medium",
  "4": "low",
  "5": "info",
};

/** The meaning of a status word, null when it is unknown. */
export function readStatus(word: string): StatusMeaning | null {
  const key = word.toLowerCase().replace(/[\s-]+/g, "_");
  return Object.hasOwn(STATUS_WORDS, key) ? (STATUS_WORDS[key] ?? null) : null;
}

const TITLE_PREFIX = /^\s*(?:\[([a-z]{2,14})(?::\d+)?\]\s*:?|([a-z]{2,14})\s*:)\s+(?=\S)/i;

/** Takes a status word such as `[RESOLVED]` or `OK:` off the front of a title; `meaning` is null where there is none. */
export function splitTitle(title: string): { readonly meaning: StatusMeaning | null; readonly title: string } {
  const match = TITLE_PREFIX.exec(title);
  const meaning = match === null ? null : readStatus(match[1] ?? match[2] ?? "");
  if (match === null || (meaning !== "firing" && meaning !== "resolved" && meaning !== "acknowledged")) {
    return { meaning: null, title };
  }
  return { meaning, title: title.slice(match[0].length) };
}
