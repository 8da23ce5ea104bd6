import { expect, test } from "vitest";
import type { JsonObject } from "../../core/json.ts";
import { prometheus } from "./prometheus.ts";

const RECEIVED_AT = Date.UTC(2026, 10, 20, 12, 0, 0);
const ALERT: JsonObject = {
  status: "firing",
  labels: { alertname: "HighCpu", instance: "web-1" },
  startsAt: "2026-11-20T10:00:00Z",
  fingerprint: "b2c4d6e8f0a1b3c5",
};

test("what two Alertmanagers of a pair send is the same signal, at whatever time each message comes", () => {
  const one = prometheus.read(
    { version: "4", receiver: "a", alerts: [ALERT] },
    { receivedAt: RECEIVED_AT, headers: {} },
  );
  const other = prometheus.read(
    { version: "4", receiver: "a", notification_reason: "repeat interval elapsed", alerts: [ALERT] },
    { receivedAt: RECEIVED_AT + 60_000, headers: {} },
  );
  expect(other).toEqual(one);
});

test("an old firing that comes after the resolve is older than it", () => {
  const context = { receivedAt: RECEIVED_AT, headers: {} };
  const resolve = { ...ALERT, status: "resolved", endsAt: "2026-11-20T10:30:00Z" };
  const reading = prometheus.read({ alerts: [resolve, ALERT] }, context);
  const times = reading.kind === "signals" ? reading.signals.map((signal) => signal.sourceTime) : [];
  expect(times).toEqual([Date.UTC(2026, 10, 20, 10, 30), Date.UTC(2026, 10, 20, 10)]);
});

test("overloads are answered with 503, since Alertmanager takes a 429 for final", () => {
  expect(prometheus.overloadStatus).toBe(503);
});
