import { expect, it } from "vitest";
import { type Attempt, stretchesOf, totalOf } from "./timing.ts";

const attemptWith = (timing: Attempt["timing"]): Attempt => ({
  id: "0190b5a0-0000-7000-8000-000000000001",
  number: 1,
  started_at: "2026-11-25T12:00:00.000Z",
  node_id: "0190b5a0-0000-7000-8000-000000000002",
  reason: null,
  status_code: 200,
  message: null,
  timing,
  request: {},
  response: null,
  curl: null,
});

it("splits an attempt into stretches that add up to its whole", () => {
  const attempt = attemptWith({ dns_ms: 2, connect_ms: 3, tls_ms: 10, first_byte_ms: 40, total_ms: 45 });
  expect(stretchesOf(attempt).map(({ kind, ms }) => [kind, ms])).toEqual([
    ["dns", 2],
    ["connect", 3],
    ["tls", 10],
    ["wait", 25],
    ["body", 5],
  ]);
  expect(totalOf(attempt)).toBe(45);
});

it("counts an attempt without an answer as waiting, and one that was never sent as nothing", () => {
  const silent = attemptWith({ dns_ms: null, connect_ms: 1, tls_ms: null, first_byte_ms: null, total_ms: 30_000 });
  expect(stretchesOf(silent).map(({ kind }) => kind)).toEqual(["connect", "wait"]);
  expect(totalOf(silent)).toBe(30_000);
  expect(stretchesOf(attemptWith(null))).toEqual([]);
});
