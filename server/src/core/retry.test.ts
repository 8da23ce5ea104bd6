import fc from "fast-check";
import { expect, test } from "vitest";
import { DEFAULT_RETRY_POLICY, type FailedAttempt, nextAttempt, type RetryPolicy, retryPolicyOf } from "./retry.ts";

const EVENT_AT = Date.UTC(2026, 10, 23);
const HOUR = 3_600_000;

function failed(overrides: Partial<FailedAttempt>): FailedAttempt {
  return {
    attempt: 1,
    policy: DEFAULT_RETRY_POLICY,
    eventAt: EVENT_AT,
    now: EVENT_AT,
    random: () => 0.5,
    ...overrides,
  };
}

function waits(policy: RetryPolicy, random: () => number): number[] {
  const planned: number[] = [];
  let now = EVENT_AT;
  for (let attempt = 1; attempt < 1_000; attempt += 1) {
    const next = nextAttempt(failed({ attempt, policy, now, random }));
    if ("exhausted" in next) break;
    planned.push(next.at - now);
    now = next.at;
  }
  return planned;
}

test("the documented three attempts wait 1 and 2 seconds and are then used up", () => {
  const policy = retryPolicyOf({ max_attempts: 3 });
  expect(waits(policy, () => 0.5)).toEqual([1_000, 2_000]);
  expect(nextAttempt(failed({ attempt: 3, policy }))).toEqual({ exhausted: "max_attempts" });
  expect(nextAttempt(failed({ attempt: 7, policy }))).toEqual({ exhausted: "max_attempts" });
});

test("by default waits double up to an hour and end within 72 hours of the event", () => {
  const planned = waits(DEFAULT_RETRY_POLICY, () => 0.5);
  expect(planned.slice(0, 13).map((wait) => wait / 1_000)).toEqual([
    1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 3_600,
  ]);
  expect(new Set(planned.slice(12))).toEqual(new Set([HOUR]));
  const total = planned.reduce((sum, wait) => sum + wait, 0);
  expect(total).toBeLessThanOrEqual(72 * HOUR);
  expect(total).toBeGreaterThan(71 * HOUR - 1);
});

test("jitter moves a wait by at most a fifth in both directions and never beyond the longest wait", () => {
  expect(waits(retryPolicyOf({ max_attempts: 3 }), () => 0)).toEqual([800, 1_600]);
  expect(waits(retryPolicyOf({ max_attempts: 3 }), () => 0.999999)).toEqual([1_200, 2_400]);
  expect(nextAttempt(failed({ attempt: 40, random: () => 0.999999 }))).toEqual({ at: EVENT_AT + HOUR });
  expect(nextAttempt(failed({ attempt: 2_000, random: () => 0 }))).toEqual({ at: EVENT_AT + 0.8 * HOUR });
});

test("Retry-After lengthens a wait, never shortens it, and is held between 1 second and 24 hours", () => {
  expect(nextAttempt(failed({ retryAfterMs: 90_000 }))).toEqual({ at: EVENT_AT + 90_000 });
  expect(nextAttempt(failed({ attempt: 10, retryAfterMs: 1_000 }))).toEqual({ at: EVENT_AT + 512_000 });
  expect(nextAttempt(failed({ retryAfterMs: 0, policy: retryPolicyOf({ base_seconds: 0.1 }) }))).toEqual({
    at: EVENT_AT + 1_000,
  });
  expect(nextAttempt(failed({ retryAfterMs: 100 * HOUR }))).toEqual({ at: EVENT_AT + 24 * HOUR });
});

test("Retry-After beyond the horizon makes one last attempt at the horizon", () => {
  const policy = retryPolicyOf({ give_up_after_seconds: 3_600 });
  const now = EVENT_AT + HOUR - 60_000;
  expect(nextAttempt(failed({ policy, now, retryAfterMs: 24 * HOUR }))).toEqual({ at: EVENT_AT + HOUR });
  expect(nextAttempt(failed({ policy, now: EVENT_AT + HOUR, retryAfterMs: 1_000 }))).toEqual({
    exhausted: "give_up_after_seconds",
  });
  expect(nextAttempt(failed({ policy, now, attempt: 9 }))).toEqual({ exhausted: "give_up_after_seconds" });
});

test("whatever the policy, a planned attempt is later than now and not beyond the horizon", () => {
  const policies = fc.record({
    max_attempts: fc.option(fc.integer({ min: 1, max: 50 })),
    base_seconds: fc.double({ min: 0.1, max: 600, noNaN: true }),
    factor: fc.double({ min: 1, max: 10, noNaN: true }),
    max_delay_seconds: fc.integer({ min: 1, max: 86_400 }),
    give_up_after_seconds: fc.integer({ min: 0, max: 604_800 }),
    jitter: fc.double({ min: 0, max: 0.9, noNaN: true }),
  });
  fc.assert(
    fc.property(
      policies,
      fc.integer({ min: 1, max: 2_000 }),
      fc.integer({ min: 0, max: 700_000_000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.option(fc.integer({ min: -1, max: 10 ** 12 }), { nil: undefined }),
      (policy, attempt, sinceEvent, random, retryAfterMs) => {
        const now = EVENT_AT + sinceEvent;
        const next = nextAttempt({ attempt, policy, eventAt: EVENT_AT, now, random: () => random, retryAfterMs });
        if ("exhausted" in next) return;
        expect(next.at).toBeGreaterThan(now);
        expect(next.at).toBeLessThanOrEqual(EVENT_AT + policy.give_up_after_seconds * 1_000);
        if (retryAfterMs === undefined) expect(next.at - now).toBeLessThanOrEqual(policy.max_delay_seconds * 1_000);
        expect(policy.max_attempts === null || attempt < policy.max_attempts).toBe(true);
      },
    ),
  );
});
