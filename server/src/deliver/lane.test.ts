import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ClaimedDelivery } from "../store/delivery-queue.ts";
import { createLane, type Lane } from "./lane.ts";

let sent: string[];
let finish: (() => void)[];
let lane: Lane;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  sent = [];
  finish = [];
  lane = createLane({
    endpointId: "endpoint",
    send: (claim) =>
      new Promise((resolve) => {
        sent.push(claim.id);
        finish.push(resolve);
      }),
    monotonicNow: () => performance.now(),
    onRoom: () => undefined,
  });
});

afterEach(() => {
  vi.useRealTimers();
});

const claims = (count: number): ClaimedDelivery[] =>
  Array.from({ length: count }, (_, index) => ({ id: `d${index}` }) as unknown as ClaimedDelivery);

/** Answers everything that is under way. */
async function answerAll(): Promise<void> {
  for (const done of finish.splice(0)) done();
  await vi.advanceTimersByTimeAsync(0);
}

describe("a lane", () => {
  test("has no more requests under way than the endpoint allows", async () => {
    lane.setLimits({ maxInFlight: 3, rateLimit: null }, 1);
    lane.add(claims(10), false);
    expect(sent).toHaveLength(3);
    await answerAll();
    expect(sent).toHaveLength(6);
  });

  test("keeps the endpoint's rate, divided by the nodes that share it", async () => {
    lane.setLimits({ maxInFlight: 100, rateLimit: { requests: 10, per_seconds: 1 } }, 2);
    lane.add(claims(100), false);
    for (let second = 0; second < 4; second++) {
      await vi.advanceTimersByTimeAsync(1_000);
      await answerAll();
    }
    // Five a second for this node, and the one that was saved up before.
    expect(sent.length).toBeGreaterThanOrEqual(20);
    expect(sent.length).toBeLessThanOrEqual(21);
  });

  test("begins with one request after its circuit has closed and adds one with every answer", async () => {
    lane.setLimits({ maxInFlight: 4, rateLimit: null }, 1);
    lane.warmUp();
    lane.add(claims(20), false);
    const underWay: number[] = [];
    for (let round = 0; round < 4; round++) {
      underWay.push(finish.length);
      await answerAll();
    }
    expect(underWay).toEqual([1, 2, 4, 4]);
  });

  test("gives back only what has not begun", () => {
    lane.setLimits({ maxInFlight: 2, rateLimit: null }, 1);
    lane.add(claims(5), false);
    expect(lane.takeWaiting().map((claim) => claim.id)).toEqual(["d2", "d3", "d4"]);
    expect(lane.held()).toBe(2);
  });
});
