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
    lane.setLimits({ inFlight: 3, perSecond: null });
    lane.add(claims(10), false);
    expect(sent).toHaveLength(3);
    await answerAll();
    expect(sent).toHaveLength(6);
  });

  test("keeps the rate", async () => {
    lane.setLimits({ inFlight: 100, perSecond: 5 });
    lane.add(claims(100), false);
    for (let second = 0; second < 4; second++) {
      await vi.advanceTimersByTimeAsync(1_000);
      await answerAll();
    }
    // Five a second, and the one that was saved up before.
    expect(sent.length).toBeGreaterThanOrEqual(20);
    expect(sent.length).toBeLessThanOrEqual(21);
  });

  test("goes on at once when its limit rises, and begins nothing more when it falls to nothing", async () => {
    lane.setLimits({ inFlight: 1, perSecond: null });
    lane.add(claims(20), false);
    expect(sent).toHaveLength(1);
    lane.setLimits({ inFlight: 4, perSecond: null });
    expect(sent).toHaveLength(4);
    lane.setLimits({ inFlight: 0, perSecond: null });
    await answerAll();
    expect(sent).toHaveLength(4);
    expect(lane.room()).toBe(0);
  });

  test("sends a probe although it has no share of the endpoint", () => {
    lane.setLimits({ inFlight: 0, perSecond: null });
    lane.sendNow(claims(1));
    expect(sent).toEqual(["d0"]);
  });

  test("gives back only what has not begun", () => {
    lane.setLimits({ inFlight: 2, perSecond: null });
    lane.add(claims(5), false);
    expect(lane.takeWaiting().map((claim) => claim.id)).toEqual(["d2", "d3", "d4"]);
    expect(lane.held()).toBe(2);
  });
});
