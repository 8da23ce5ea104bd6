import { sha256Hex, utf8Length } from "../core/hash.ts";
import type { JsonValue } from "../core/json.ts";
import { DEFAULT_SEVERITY, readSeverity, type Severity } from "../core/severity.ts";
import type { Link, Signal, SignalStatus } from "../core/signal.ts";
import { capText, sanitizeText } from "../core/text.ts";
import { textAt } from "./reading.ts";

/** A label as a payload gives it. */
export type LabelEntry = readonly [string, JsonValue | undefined];

/** The limits of a signal's texts, in code points, save for `dedupKey`, which is in UTF-8 bytes. */
export const LIMITS = {
  externalId: 1_024,
  dedupKey: 255,
  title: 1_024,
  description: 16_384,
  note: 16_384,
  labels: 64,
  labelKey: 256,
  labelValue: 2_048,
  links: 20,
  href: 2_048,
} as const;

/**
 * Labels within the limits: 64 entries, key 256 and value 2,048 code points. Other values than texts are written as
 * JSON; null and the key `__proto__` are left out. The first of two keys that are equal after the cut stays.
 */
export function capLabels(labels: Iterable<LabelEntry>): Record<string, string> {
  const capped: Record<string, string> = {};
  let count = 0;
  for (const [name, value] of labels) {
    if (count >= LIMITS.labels) break;
    const key = capText(name, LIMITS.labelKey);
    if (value === null || value === undefined || key === "" || key === "__proto__" || Object.hasOwn(capped, key)) {
      continue;
    }
    capped[key] = capText(typeof value === "string" ? value : boundedJson(value, 8), LIMITS.labelValue);
    count++;
  }
  return capped;
}

/** JSON text of a value; what lies deeper is written as `"…"`, so that no nesting exhausts the stack. */
function boundedJson(value: JsonValue, depth: number): string {
  if (typeof value === "string") return JSON.stringify(sanitizeText(value));
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (depth === 0) return '"…"';
  if (Array.isArray(value)) return `[${value.map((one: JsonValue) => boundedJson(one, depth - 1)).join(",")}]`;
  const fields = Object.entries(value).map(([key, one]) => `${boundedJson(key, 1)}:${boundedJson(one, depth - 1)}`);
  return `{${fields.join(",")}}`;
}

/** Names of the parts joined so that no two lists of parts meet; over 255 bytes it becomes `sha256:` and the digest. */
export function dedupKey(parts: readonly string[]): string {
  const key = parts.map((part) => sanitizeText(part).replace(/[\\|]/g, "\\$&")).join("|");
  // No text has more than three bytes for each of its code units.
  return key.length * 3 <= LIMITS.dedupKey || utf8Length(key) <= LIMITS.dedupKey ? key : `sha256:${sha256Hex(key)}`;
}

/** A link when the value is an absolute http or https URL of at most 2,048 characters, else null. */
export function httpLink(value: JsonValue | undefined, text: string): Link | null {
  if (typeof value !== "string" || value.length > 2 * LIMITS.href) return null;
  if (!/^\s*https?:\/\//i.test(value) || !URL.canParse(value)) return null;
  const trimmed = value.trim();
  // A URL with blanks or controls inside is only safe to show in its parsed spelling.
  const href = /^[\x21-\x7e]+$/.test(trimmed) ? trimmed : new URL(value).href;
  return href.length <= LIMITS.href ? { href, text } : null;
}

/**
 * The severity of a platform's word by its own table first; an unknown word gives `medium`, a warning and the label
 * `source_severity`, which stands before the labels given.
 */
export function severityOf(
  word: JsonValue | undefined,
  table: Readonly<Record<string, Severity>>,
  labels: Iterable<LabelEntry> = [],
): {
  readonly severity: Severity;
  readonly labels: readonly LabelEntry[];
  readonly warnings: readonly string[];
} {
  const text = textAt({ path: "", value: word });
  const severity = readSeverity(text, table);
  if (severity !== null || text === null) {
    return { severity: severity ?? DEFAULT_SEVERITY, labels: [...labels], warnings: [] };
  }
  const shown = capText(text, 64);
  return {
    severity: DEFAULT_SEVERITY,
    labels: [["source_severity", text], ...labels],
    warnings: [`unknown severity ${JSON.stringify(shown)} was read as ${DEFAULT_SEVERITY}`],
  };
}

/** What a platform fills in for one signal; `makeSignal` applies the limits. */
export type SignalDraft = {
  readonly externalId: string;
  /** The texts that name the condition, with the payload paths they were read from. */
  readonly dedup: readonly { readonly path: string; readonly text: string }[];
  readonly status: SignalStatus;
  readonly severity: Severity;
  readonly title: string;
  readonly description?: string | null;
  readonly labels?: Iterable<LabelEntry>;
  readonly links?: readonly (Link | null)[];
  /** Epoch milliseconds. */
  readonly sourceTime: number;
  readonly note?: string | null;
};

/** A signal with every limit of length, number and alphabet applied; links that are null or repeated are left out. */
export function makeSignal(draft: SignalDraft): Signal {
  const links = new Map<string, Link>();
  for (const link of draft.links ?? []) {
    if (link !== null && links.size < LIMITS.links && !links.has(link.href)) {
      links.set(link.href, { href: link.href, text: capText(link.text, LIMITS.labelKey) });
    }
  }
  return {
    externalId: capText(draft.externalId, LIMITS.externalId),
    dedupKey: dedupKey(draft.dedup.map((part) => part.text)),
    dedupKeyFrom: draft.dedup.map((part) => part.path),
    status: draft.status,
    severity: draft.severity,
    title: capText(draft.title.trim(), LIMITS.title),
    description: capText(draft.description ?? "", LIMITS.description),
    labels: capLabels(draft.labels ?? []),
    links: [...links.values()],
    sourceTime: draft.sourceTime,
    note: draft.note === undefined || draft.note === null ? null : capText(draft.note, LIMITS.note),
  };
}
