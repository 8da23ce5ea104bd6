import { describe, expect, test } from "vitest";
import { createRateCounter, shareOf } from "./rate-limit.ts";

const MINUTE = { requests: 100, perSeconds: 60 };

describe("a rate counter", () => {
  test("lets the whole quota through at once and refuses the next", () => {
    const counter = createRateCounter(MINUTE);
    for (let index = 0; index < 100; index += 1) expect(counter.take(5_000, 1).isAllowed).toBe(true);
    expect(counter.take(5_000, 1)).toEqual({ isAllowed: false, retryAfterMs: 61_000 });
  });

  test("lets a request through at the very moment it had promised", () => {
    const counter = createRateCounter({ requests: 2, perSeconds: 60 });
    counter.take(0, 1);
    counter.take(10_500, 1);
    const verdict = counter.take(20_000, 1);
    if (verdict.isAllowed) throw new Error("the third request came through");
    expect(counter.take(20_000 + verdict.retryAfterMs - 1, 1).isAllowed).toBe(false);
    expect(counter.take(20_000 + verdict.retryAfterMs, 1).isAllowed).toBe(true);
  });

  test("never lets more than the quota through in any window, however requests are spread", () => {
    const counter = createRateCounter({ requests: 10, perSeconds: 60 });
    const passed: number[] = [];
    let state = 7;
    for (let now = 0; now < 600_000; now += state % 4_001) {
      state = (state * 48_271) % 2_147_483_647;
      if (counter.take(now, 1).isAllowed) passed.push(now);
    }
    expect(passed.length).toBeGreaterThan(80);
    for (const [index, at] of passed.entries()) {
      expect((passed[index + 10] ?? Number.POSITIVE_INFINITY) - at).toBeGreaterThanOrEqual(60_000);
    }
  });

  test("counts refused requests as nothing, so that a sender who insists is let in again", () => {
    const counter = createRateCounter({ requests: 1, perSeconds: 1 });
    counter.take(0, 1);
    for (let now = 1; now < 1_000; now += 1) counter.take(now, 1);
    expect(counter.take(1_020, 1).isAllowed).toBe(true);
  });

  test("starts afresh after a silence of any length", () => {
    const counter = createRateCounter({ requests: 1, perSeconds: 60 });
    expect(counter.take(1_000, 1).isAllowed).toBe(true);
    expect(counter.take(10_000_000_000, 1).isAllowed).toBe(true);
    expect(counter.take(10_000_000_001, 1).isAllowed).toBe(false);
  });
});

describe("shares of several nodes", () => {
  test("add up to the quota, and to less than one request a node more", () => {
    for (const nodes of [1, 2, 3, 7, 64, 500]) {
      const sum = shareOf(MINUTE, nodes) * nodes;
      expect(sum).toBeGreaterThanOrEqual(100);
      expect(sum).toBeLessThan(100 + nodes);
    }
  });

  test("apply to a counter as soon as the number of nodes changes", () => {
    const counter = createRateCounter({ requests: 4, perSeconds: 60 });
    counter.take(0, 1);
    counter.take(0, 1);
    expect(counter.take(0, 2).isAllowed).toBe(false);
    expect(counter.take(0, 1).isAllowed).toBe(true);
  });
});
