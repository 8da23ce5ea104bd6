/** The upper bounds of the buckets that durations are counted in, milliseconds; the last one is open. */
export const LATENCY_BOUNDS_MS = [
  10, 25, 50, 100, 150, 250, 400, 600, 1_000, 1_500, 2_500, 5_000, 10_000, 20_000, 30_000, 60_000,
] as const;

const OPEN_END_MS = 120_000;

/** The bucket that a duration is counted in, by its upper bound. */
export function latencyBucket(ms: number): number {
  return LATENCY_BOUNDS_MS.find((bound) => ms <= bound) ?? OPEN_END_MS;
}

/**
 * A quantile of counted durations, linear within its bucket and so no more exact than the buckets; null without any.
 * `counts` is by upper bound.
 */
export function quantileOf(counts: ReadonlyMap<number, number>, quantile: number): number | null {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const wanted = quantile * total;
  let seen = 0;
  let lower = 0;
  for (const bound of [...LATENCY_BOUNDS_MS, OPEN_END_MS]) {
    const count = counts.get(bound) ?? 0;
    if (count > 0 && seen + count >= wanted) {
      return Math.round(lower + ((bound - lower) * Math.max(0, wanted - seen)) / count);
    }
    seen += count;
    lower = bound;
  }
  return lower;
}
