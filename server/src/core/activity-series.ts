import { quantileOf } from "./duration-buckets.ts";

/** A count of a measure in a bucket of time that begins at `bucket`, epoch milliseconds. */
export type MeasuredCount = { readonly bucket: number; readonly measure: string; readonly count: number };

/** The measures of one bucket. */
export type BucketCounts = { readonly at: number; readonly counts: ReadonlyMap<string, number> };

const HOUR_MS = 3_600_000;

/** Counts by hour from `since` to `now`, without gaps; hours in which nothing happened are there and empty. */
export function hourSeries(rows: readonly MeasuredCount[], since: number, now: number): readonly BucketCounts[] {
  const byHour = Map.groupBy(rows, (row) => row.bucket);
  const series: BucketCounts[] = [];
  for (let at = Math.floor(since / HOUR_MS) * HOUR_MS; at <= now; at += HOUR_MS) {
    series.push({ at, counts: new Map((byHour.get(at) ?? []).map((row) => [row.measure, row.count])) });
  }
  return series;
}

/** The sum of the measures with a name. */
export function sumOf(counts: ReadonlyMap<string, number>, isMeant: (measure: string) => boolean): number {
  let sum = 0;
  for (const [measure, count] of counts) if (isMeant(measure)) sum += count;
  return sum;
}

/** All buckets of a series as one. */
export function totalOf(series: readonly BucketCounts[]): ReadonlyMap<string, number> {
  const total = new Map<string, number>();
  for (const { counts } of series) {
    for (const [measure, count] of counts) total.set(measure, (total.get(measure) ?? 0) + count);
  }
  return total;
}

/** The counts of measures that begin with a prefix, by what follows it; most frequent first. */
export function byReason(
  counts: ReadonlyMap<string, number>,
  prefix: string,
): readonly { readonly reason: string; readonly count: number }[] {
  return [...counts]
    .filter(([measure]) => measure.startsWith(prefix))
    .map(([measure, count]) => ({ reason: measure.slice(prefix.length), count }))
    .sort((one, other) => other.count - one.count || (one.reason < other.reason ? -1 : 1));
}

/** A part of a whole between 0 and 1, to four digits; null when there is no whole. */
export function shareOf(part: number, whole: number): number | null {
  return whole === 0 ? null : Math.round((part / whole) * 10_000) / 10_000;
}

/** A quantile of the durations that were counted under `latency:<upper bound>`. */
export function latencyOf(counts: ReadonlyMap<string, number>, quantile: number): number | null {
  const durations = byReason(counts, "latency:").map(({ reason, count }) => [Number(reason), count] as const);
  return quantileOf(new Map(durations), quantile);
}
