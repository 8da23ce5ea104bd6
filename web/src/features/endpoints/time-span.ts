/** Spans that people pick from, back from now. */
export const SPANS = [
  { value: "1", label: "the last hour" },
  { value: "6", label: "the last 6 hours" },
  { value: "24", label: "the last 24 hours" },
  { value: "72", label: "the last 3 days" },
  { value: "168", label: "the last 7 days" },
] as const;

/** The beginning of a span of hours, undefined for all of the time. */
export function sinceOf(hours: string, now: number): string | undefined {
  const ms = Number(hours) * 3_600_000;
  return Number.isFinite(ms) && ms > 0 ? new Date(now - ms).toISOString() : undefined;
}
