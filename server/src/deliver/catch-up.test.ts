import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  beginProbe,
  type CircuitState,
  CLOSED_CIRCUIT,
  DEFAULT_CIRCUIT_POLICY,
  recordOutcome,
} from "../core/circuit.ts";
import { adjustPace, catchUp, FULL_PACE, limitOf, type Pace } from "../core/pace.ts";
import { shareOf } from "../core/share.ts";
import type { ClaimedDelivery } from "../store/delivery-queue.ts";
import { createLane } from "./lane.ts";
import { createPressure } from "./pressure.ts";

// Three nodes, one endpoint and a receiver, all in this process and on a clock moved by hand: what the database shares
// between nodes is a few variables here, everything that decides is the real thing.

const ENDPOINT = "019abc00-0000-7000-8000-0000000000a1";
const NODES = 3;
const MAX_IN_FLIGHT = 40;
const PER_SECOND = 1_000;
const BACKLOG = 100_000;
const ANSWER_MS = 20;
const STEP_MS = 10;
const HOUR = 3_600_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"], now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

/** The circuit after an outage of so many hours with always something to probe with, and how many probes were made. */
function outage(hours: number): { readonly circuit: CircuitState; readonly probes: number } {
  let circuit = CLOSED_CIRCUIT;
  for (let failure = 0; failure < DEFAULT_CIRCUIT_POLICY.failure_threshold; failure++) {
    const outcome = { ok: false, deliveryId: `d${failure}`, reason: "connect" } as const;
    circuit = recordOutcome(circuit, outcome, DEFAULT_CIRCUIT_POLICY, 0).circuit;
  }
  let probes = 0;
  for (let at = circuit.nextProbeAt ?? 0; at < hours * HOUR; at = circuit.nextProbeAt ?? Number.POSITIVE_INFINITY) {
    probes += 1;
    const failed = { ok: false, deliveryId: "oldest", reason: "connect" } as const;
    circuit = recordOutcome(beginProbe(circuit, at + HOUR), failed, DEFAULT_CIRCUIT_POLICY, at + ANSWER_MS).circuit;
  }
  return { circuit, probes };
}

test("F39: after an outage of 24 hours 100,000 deliveries leave at the endpoint's rate, from one at a time up to its cap", async () => {
  const { circuit, probes } = outage(24);
  // 30 s, 1, 2, 4, 8 minutes and then every 15: one attempt each of all that waits.
  expect(probes).toBeGreaterThan(90);
  expect(probes).toBeLessThanOrEqual(101);
  const closed = recordOutcome(circuit, { ok: true, deliveryId: "oldest" }, DEFAULT_CIRCUIT_POLICY, 24 * HOUR);
  expect(closed.transition).toBe("closed");

  let pace: Pace = catchUp(MAX_IN_FLIGHT, 0);
  let pending = BACKLOG;
  let underWay = 0;
  let peak = 0;
  let answered = 0;
  const sentAt: number[] = [];
  const underWayAtStart: number[] = [];

  const nodes = Array.from({ length: NODES }, (_, rank) => {
    const pressure = createPressure();
    const send = async (): Promise<void> => {
      underWay += 1;
      peak = Math.max(peak, underWay);
      if (underWayAtStart.length < 10) underWayAtStart.push(underWay);
      sentAt.push(performance.now());
      await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
      underWay -= 1;
      answered += 1;
      const answer = { reason: null, status: 200, retryAfterMs: undefined, tookMs: ANSWER_MS };
      const signal = pressure.note(ENDPOINT, answer, pace.limit);
      if (signal !== null) pace = adjustPace(pace, signal, MAX_IN_FLIGHT, performance.now());
    };
    const lane = createLane({ send, monotonicNow: () => performance.now(), onRoom: () => undefined });
    return () => {
      const whole = { inFlight: limitOf(pace, MAX_IN_FLIGHT), perSecond: PER_SECOND };
      lane.setLimits(shareOf(whole, ENDPOINT, { rank, nodes: NODES }));
      const rows = Math.min(lane.room(), pending);
      pending -= rows;
      lane.add(
        Array.from({ length: rows }, (_, index) => ({ id: String(index) }) as unknown as ClaimedDelivery),
        true,
      );
    };
  });

  const longestMs = (2 * 1_000 * BACKLOG) / PER_SECOND;
  while (answered < BACKLOG && performance.now() < longestMs) {
    for (const claim of nodes) claim();
    await vi.advanceTimersByTimeAsync(STEP_MS);
  }
  expect(answered).toBe(BACKLOG);
  const seconds = performance.now() / 1_000;
  expect(seconds).toBeGreaterThanOrEqual((0.99 * BACKLOG) / PER_SECOND);
  expect(seconds).toBeLessThanOrEqual((1.1 * BACKLOG) / PER_SECOND);
  // One, then two, then four, then eight at a time, over all three nodes together.
  expect(underWayAtStart[0]).toBe(1);
  expect(Math.max(...underWayAtStart.slice(0, 3))).toBeLessThanOrEqual(2);
  expect(Math.max(...underWayAtStart.slice(0, 7))).toBeLessThanOrEqual(4);
  expect(peak).toBeLessThanOrEqual(MAX_IN_FLIGHT);
  expect(pace).toBe(FULL_PACE);
  // A burst of a tenth of a second for all of them, and one request for each.
  expect(mostInASecond(sentAt)).toBeLessThanOrEqual(1.1 * PER_SECOND + NODES);
}, 60_000);

function mostInASecond(times: readonly number[]): number {
  let most = 0;
  let first = 0;
  for (let last = 0; last < times.length; last++) {
    while ((times[last] ?? 0) - (times[first] ?? 0) >= 1_000) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}
