import { formatDuration } from "./numbers.ts";

/** Which clock exact times are shown in. */
export type ClockZone = "local" | "utc";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `just now`, `4 min ago`, `3 h ago`, `2 d ago`, `in 5 min`; days beyond a month become the date. */
export function formatRelative(at: number, now: number): string {
  const distance = Math.abs(now - at);
  if (distance > 30 * DAY) return new Date(at).toISOString().slice(0, 10);
  if (distance < 10_000) return at > now ? "now" : "just now";
  const text = shortDuration(distance);
  return at > now ? `in ${text}` : `${text} ago`;
}

/** One unit: `12 s`, `4 min`, `3 h`, `2 d`. */
export function shortDuration(ms: number): string {
  if (ms < MINUTE) return `${Math.max(0, Math.floor(ms / 1_000))} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h`;
  return `${Math.floor(ms / DAY)} d`;
}

/** `2026-11-23 12:00:04 UTC` or the same moment in the browser's zone with its offset. */
export function formatExact(at: number, zone: ClockZone): string {
  const date = new Date(at);
  if (zone === "utc") return `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
  const offset = -date.getTimezoneOffset();
  const local = new Date(at + offset * MINUTE).toISOString().slice(0, 19).replace("T", " ");
  const sign = offset < 0 ? "−" : "+";
  const hours = String(Math.floor(Math.abs(offset) / 60)).padStart(2, "0");
  return `${local} ${sign}${hours}:${String(Math.abs(offset) % 60).padStart(2, "0")}`;
}

/** The time of day to the millisecond, in the clock that was chosen: `12:00:04.125`. */
export function formatClock(at: number, zone: ClockZone): string {
  const offset = zone === "utc" ? 0 : -new Date(at).getTimezoneOffset();
  return new Date(at + offset * MINUTE).toISOString().slice(11, 23);
}

/** How long something took or has been going on. */
export function formatSpan(from: number, to: number): string {
  return formatDuration(Math.max(0, to - from));
}

/** Epoch milliseconds of a wire time; null stays null. */
export function parseTime(text: string | null | undefined): number | null {
  if (text === null || text === undefined) return null;
  const at = Date.parse(text);
  return Number.isFinite(at) ? at : null;
}
