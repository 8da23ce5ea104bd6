import type { JsonValue } from "../core/json.ts";

const RFC3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9})\d*)?)?\s*(?:([Zz]|UTC)|([+-])(\d{2}):?(\d{2}))?$/;

/** Times outside the years 2000 to 2099 are taken for nonsense. */
const EARLIEST_MS = Date.UTC(2000, 0, 1);
const LATEST_MS = Date.UTC(2100, 0, 1);

/**
 * A source's time in epoch milliseconds: RFC 3339 (without an offset it counts as UTC), epoch seconds, milliseconds,
 * microseconds or nanoseconds, also as numeric texts. Year 0001, by which Go says "never", gives null; a missing time
 * or nonsense gives the fallback.
 */
export function readTime(value: JsonValue | undefined, fallbackMs: number): number | null {
  if (typeof value === "number") return plausible(scaled(value), fallbackMs);
  if (typeof value !== "string") return fallbackMs;
  const text = value.trim();
  if (/^\d{1,19}(\.\d{1,9})?$/.test(text)) return plausible(scaled(Number(text)), fallbackMs);
  if (text.startsWith("0001-01-01")) return null;
  return plausible(parseRfc3339(text), fallbackMs);
}

/** Like `readTime`, for times that must be there: "never" counts as missing. */
export function readTimeOr(value: JsonValue | undefined, fallbackMs: number): number {
  return readTime(value, fallbackMs) ?? fallbackMs;
}

/** The first of several times that makes sense, else the fallback. */
export function firstTime(values: readonly (JsonValue | undefined)[], fallbackMs: number): number {
  for (const value of values) {
    const time = readTime(value, Number.NaN);
    if (time !== null && !Number.isNaN(time)) return time;
  }
  return fallbackMs;
}

/** Epoch milliseconds from a count of seconds, milliseconds, microseconds or nanoseconds, told apart by size. */
function scaled(count: number): number {
  if (count < 1e11) return count * 1_000;
  if (count < 1e14) return count;
  return count < 1e17 ? count / 1e3 : count / 1e6;
}

function plausible(timeMs: number | null, fallbackMs: number): number {
  if (timeMs === null || !(timeMs >= EARLIEST_MS && timeMs < LATEST_MS)) return fallbackMs;
  return Math.floor(timeMs);
}

function parseRfc3339(text: string): number | null {
  const match = RFC3339.exec(text);
  if (match === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const lastDay = (Date.UTC(year, month, 1) - Date.UTC(year, month - 1, 1)) / 86_400_000;
  if (month < 1 || month > 12 || day < 1 || day > lastDay || hour > 24 || minute > 59 || second > 60) return null;
  const milliseconds = Number((match[7] ?? "0").padEnd(3, "0").slice(0, 3));
  const offsetMinutes = (match[9] === "-" ? -1 : 1) * (Number(match[10] ?? 0) * 60 + Number(match[11] ?? 0));
  return Date.UTC(year, month - 1, day, hour, minute - offsetMinutes, second, milliseconds);
}
