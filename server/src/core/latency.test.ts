import fc from "fast-check";
import { expect, test } from "vitest";
import { isSlower, type Latency, noteLatency } from "./latency.ts";

function feed(times: readonly number[], from: Latency | null = null): Latency {
  let latency = from;
  for (const ms of times) latency = noteLatency(latency, ms);
  return latency ?? noteLatency(null, 0);
}
const many = (count: number, ms: number): number[] => Array.from({ length: count }, () => ms);

test("answers that take seconds where they took milliseconds are slower, after some of them", () => {
  const usual = feed(many(100, 40));
  expect(isSlower(usual)).toBe(false);
  expect(isSlower(feed(many(1, 3_000), usual))).toBe(false);
  expect(isSlower(feed(many(8, 3_000), usual))).toBe(true);
});

test("a receiver that was always slow is as it is", () => {
  expect(isSlower(feed(many(500, 8_000)))).toBe(false);
});

test("a receiver that stays slower is taken as it is after some hundred answers", () => {
  expect(isSlower(feed(many(400, 3_000), feed(many(100, 40))))).toBe(false);
});

test("whatever the times, as long as none is half a second over the quickest nothing counts as slower", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 5, max: 505, noNaN: true }), { minLength: 1, maxLength: 300 }), (times) => {
      expect(isSlower(feed(times))).toBe(false);
    }),
  );
});
