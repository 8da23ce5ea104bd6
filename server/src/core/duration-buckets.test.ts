import { describe, expect, it } from "vitest";
import { latencyBucket, quantileOf } from "./duration-buckets.ts";

const counted = (...durations: readonly number[]): ReadonlyMap<number, number> => {
  const counts = new Map<number, number>();
  for (const ms of durations) counts.set(latencyBucket(ms), (counts.get(latencyBucket(ms)) ?? 0) + 1);
  return counts;
};

describe("quantiles of counted durations", () => {
  it("are unknown when nothing was counted", () => {
    expect(quantileOf(new Map(), 0.95)).toBeNull();
  });

  it("lie in the bucket of the duration that they name", () => {
    const counts = counted(...Array.from({ length: 95 }, () => 40), ...Array.from({ length: 5 }, () => 900));
    expect(quantileOf(counts, 0.5)).toBeGreaterThan(25);
    expect(quantileOf(counts, 0.5)).toBeLessThanOrEqual(50);
    expect(quantileOf(counts, 0.95)).toBeLessThanOrEqual(50);
    expect(quantileOf(counts, 0.99)).toBeGreaterThan(600);
    expect(quantileOf(counts, 0.99)).toBeLessThanOrEqual(1_000);
  });

  it("count what takes longer than every bound in the open bucket", () => {
    expect(latencyBucket(10)).toBe(10);
    expect(latencyBucket(10.5)).toBe(25);
    expect(quantileOf(counted(500_000), 0.5)).toBeGreaterThan(60_000);
  });
});
