import type { Severity } from "../../core/severity.ts";
import type { SignalStatus } from "../../core/signal.ts";
import { capText } from "../../core/text.ts";

/** New Relic's state words in lower case, of issues (`state`) and of legacy incidents (`current_state`). */
export const STATUS_WORDS: Readonly<Record<string, SignalStatus>> = {
  open: "firing",
  created: "firing",
  activated: "firing",
  active: "firing",
  acknowledged: "acknowledged",
  investigating: "acknowledged",
  closed: "resolved",
  resolved: "resolved",
};

/** New Relic's priority words in lower case; HIGH is what a condition's warning threshold produces. */
export const SEVERITY_WORDS: Readonly<Record<string, Severity>> = {
  critical: "critical",
  high: "medium",
  medium: "medium",
  warning: "medium",
  low: "low",
  info: "info",
};

/** The status of a state word, and a warning when it is missing or unknown, which counts as firing. */
export function statusOf(word: string | null): {
  readonly status: SignalStatus;
  readonly warnings: readonly string[];
} {
  const status = STATUS_WORDS[word?.toLowerCase() ?? ""];
  if (typeof status === "string") return { status, warnings: [] };
  const found = word === null ? "missing" : JSON.stringify(capText(word, 64));
  return { status: "firing", warnings: [`the state is ${found} and was read as firing`] };
}
