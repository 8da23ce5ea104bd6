import fc from "fast-check";
import { expect, test } from "vitest";
import { adjustPace, catchUp, FULL_PACE, limitOf, type Pace, type PaceSignal } from "./pace.ts";

const NOW = Date.UTC(2026, 10, 23);
const refused = (status: number, retryAfterMs?: number): PaceSignal => ({ kind: "pushed_back", status, retryAfterMs });

/** The limits of `rounds` rounds of good answers. */
function climb(from: Pace, maxInFlight: number, rounds: number): (number | null)[] {
  const limits: (number | null)[] = [];
  let pace = from;
  for (let round = 0; round < rounds; round++) {
    if (pace.limit !== null) pace = adjustPace(pace, { kind: "kept_up", limit: pace.limit }, maxInFlight, NOW);
    limits.push(pace.limit);
  }
  return limits;
}

test("a refusal halves the limit and says why", () => {
  expect(adjustPace(FULL_PACE, refused(429), 10, NOW)).toMatchObject({ limit: 5, reason: "rate_limited" });
  expect(adjustPace(FULL_PACE, refused(503), 10, NOW)).toMatchObject({ limit: 5, reason: "overloaded" });
  expect(adjustPace(FULL_PACE, { kind: "slow" }, 10, NOW)).toMatchObject({ limit: 5, reason: "slow" });
});

test("a whole round that is refused at once halves it once, the next second's again, and never below one", () => {
  let pace = FULL_PACE;
  for (let answer = 0; answer < 10; answer++) pace = adjustPace(pace, refused(429), 10, NOW + answer);
  expect(pace.limit).toBe(5);
  for (let second = 1; second <= 10; second++) pace = adjustPace(pace, refused(429), 10, NOW + second * 1_000);
  expect(pace.limit).toBe(1);
});

test("Retry-After holds the endpoint, for an hour at most, and a shorter one does not cut a longer one", () => {
  const held = adjustPace(FULL_PACE, refused(429, 90_000), 10, NOW);
  expect(held.heldUntil).toBe(NOW + 90_000);
  expect(adjustPace(held, refused(429, 1_000), 10, NOW + 10).heldUntil).toBe(NOW + 90_000);
  expect(adjustPace(held, refused(429, 86_400_000), 10, NOW + 10).heldUntil).toBe(NOW + 10 + 3_600_000);
});

test("an answer from before that comes in late does not end what Retry-After asked for", () => {
  const held = adjustPace(FULL_PACE, refused(429, 90_000), 2, NOW);
  const late = adjustPace(held, { kind: "kept_up", limit: 1 }, 2, NOW + 5);
  expect(late).toMatchObject({ limit: null, heldUntil: NOW + 90_000, reason: "rate_limited" });
});

test("after a refusal it grows by one a round until the settings are all that holds", () => {
  expect(climb(adjustPace(FULL_PACE, refused(503), 10, NOW), 10, 6)).toEqual([6, 7, 8, 9, null, null]);
});

test("after a circuit has closed it begins with one and doubles", () => {
  expect(catchUp(10, NOW)).toMatchObject({ limit: 1, reason: "catching_up" });
  expect(climb(catchUp(10, NOW), 10, 5)).toEqual([2, 4, 8, null, null]);
  expect(catchUp(1, NOW)).toBe(FULL_PACE);
});

test("a refusal while it catches up ends the doubling where it stands", () => {
  let pace = catchUp(64, NOW);
  for (const limit of [1, 2, 4, 8]) pace = adjustPace(pace, { kind: "kept_up", limit }, 64, NOW);
  expect(pace.limit).toBe(16);
  pace = adjustPace(pace, refused(503), 64, NOW + 1);
  expect(climb(pace, 64, 3)).toEqual([9, 10, 11]);
});

test("three nodes that report the same round raise the limit once", () => {
  let pace = catchUp(10, NOW);
  for (let node = 0; node < 3; node++) pace = adjustPace(pace, { kind: "kept_up", limit: 1 }, 10, NOW);
  expect(pace.limit).toBe(2);
});

test("whatever the answers, the limit stays between one and what the endpoint allows, and good answers lift it in the end", () => {
  const signal = fc.oneof(
    fc.record({ kind: fc.constant("pushed_back" as const), status: fc.constantFrom(429, 503) }),
    fc.record({ kind: fc.constant("slow" as const) }),
    fc.record({ kind: fc.constant("kept_up" as const), limit: fc.integer({ min: 1, max: 40 }) }),
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(signal, fc.integer({ min: -2_000, max: 5_000 })), { maxLength: 100 }),
      fc.integer({ min: 1, max: 40 }),
      (sequence, maxInFlight) => {
        let pace = catchUp(maxInFlight, NOW);
        let now = NOW;
        for (const [one, passedMs] of sequence) {
          now += passedMs;
          const before = limitOf(pace, maxInFlight);
          pace = adjustPace(pace, one, maxInFlight, now);
          const limit = limitOf(pace, maxInFlight);
          expect(limit).toBeGreaterThanOrEqual(1);
          expect(limit).toBeLessThanOrEqual(maxInFlight);
          if (one.kind === "kept_up") expect(limit).toBeGreaterThanOrEqual(before);
          else expect(limit).toBeLessThanOrEqual(before);
          expect(limit).toBeGreaterThanOrEqual(Math.floor(before / 2));
          expect(limit).toBeLessThanOrEqual(before * 2);
          if (pace.limit !== null) expect(pace.reason).not.toBeNull();
        }
        expect(climb(pace, maxInFlight, 40).at(-1)).toBeNull();
      },
    ),
  );
});
