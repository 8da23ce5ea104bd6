import type { Severity } from "../../core/severity.ts";
import type { SignalStatus } from "../../core/signal.ts";
import { capText } from "../../core/text.ts";

/** Datadog's transition words in lower case; `$ALERT_TRANSITION`, title prefixes and the documented `alert_status`. */
export const STATUS_WORDS: Readonly<Record<string, SignalStatus>> = {
  triggered: "firing",
  "re-triggered": "firing",
  alert: "firing",
  warn: "firing",
  "re-warn": "firing",
  "no data": "firing",
  "re-no data": "firing",
  renotify: "firing",
  recovered: "resolved",
  resolved: "resolved",
  ok: "resolved",
};

/** Datadog's severity words in lower case: monitor priorities and event alert types. */
export const SEVERITY_WORDS: Readonly<Record<string, Severity>> = {
  p1: "critical",
  p2: "high",
  p3: "medium",
  p4: "low",
  p5: "info",
  error: "high",
  warning: "medium",
  info: "info",
  success: "info",
};

/** What the leading brackets of a Datadog title say. */
export type TitleParts = {
  /** The transition word in lower case, or null. */
  readonly transition: string | null;
  /** The tags of a multi-alert's group, such as `host:web-1`, or the empty string. */
  readonly scope: string;
  /** `P1` to `P5`, or null. */
  readonly priority: string | null;
  /** True for a monitor's test notification. */
  readonly isTest: boolean;
  /** The title without those brackets. */
  readonly text: string;
};

/** Splits a title such as `[P2] [Triggered on {host:web-1}] High CPU`; brackets of the user's own stay in the text. */
export function splitTitle(title: string): TitleParts {
  let parts: TitleParts = {
    transition: null,
    scope: "",
    priority: null,
    isTest: false,
    text: capText(title.trim(), 4_096),
  };
  for (;;) {
    const match = /^\[([^[\]]{1,2048})\]\s*/.exec(parts.text);
    const understood = match === null ? null : readBracket((match[1] ?? "").trim());
    if (match === null || understood === null) return parts;
    parts = { ...parts, ...understood, text: parts.text.slice(match[0].length) };
  }
}

function readBracket(words: string): Partial<TitleParts> | null {
  if (/^p[1-5]$/i.test(words)) return { priority: words.toUpperCase() };
  if (words.toLowerCase() === "test") return { isTest: true };
  const match = /^(.*?)(?:\s+on\s+\{(.*)\})?$/is.exec(words);
  const transition = (match?.[1] ?? "").trim().toLowerCase();
  if (!Object.hasOwn(STATUS_WORDS, transition)) return null;
  return { transition, scope: (match?.[2] ?? "").trim() };
}
