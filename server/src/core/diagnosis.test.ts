import { expect, test } from "vitest";
import { diagnose } from "./diagnosis.ts";
import { FAILURE_REASONS, reasonOfStatus } from "./failure-reason.ts";

test("every reason has its own advice", () => {
  const advice = FAILURE_REASONS.map((reason) => diagnose({ reason }));
  expect(new Set(advice).size).toBe(FAILURE_REASONS.length);
});

test.each([
  [401, "credentials"],
  [403, "credentials"],
  [404, "path"],
  [405, "method"],
  [422, "template"],
])("a %i tells what to fix", (status, word) => {
  expect(diagnose({ reason: "client_error", status })).toContain(word);
});

test.each([
  ["tls", "certificate"],
  ["blocked_address", "OVERWATCH_EGRESS_ALLOW_CIDRS"],
  ["dns", "resolve"],
  ["timeout", "timeout_seconds"],
  ["gone", "410"],
] as const)("a %s failure tells what to fix", (reason, word) => {
  expect(diagnose({ reason })).toContain(word);
});

test("an unusual status falls back to the advice of its reason", () => {
  expect(diagnose({ reason: "client_error", status: 418 })).toBe(diagnose({ reason: "client_error" }));
  expect(diagnose({ reason: "server_error", status: 503 })).toBe(diagnose({ reason: "server_error" }));
});

test("what the attempt said is quoted, bounded and storable", () => {
  const text = diagnose({ reason: "connect", message: `connect ECONNREFUSED\0 ${"😀".repeat(600)}` });
  expect(text).toContain("ECONNREFUSED");
  expect(Array.from(text).length).toBeLessThanOrEqual(500);
  expect(text).not.toContain("\0");
  expect(text.isWellFormed()).toBe(true);
});

test("every status outside 200 to 299 stands for one reason", () => {
  const statuses = [300, 302, 304, 399, 400, 408, 410, 429, 499, 500, 503, 599, 999];
  expect(statuses.map(reasonOfStatus)).toEqual([
    "redirect",
    "redirect",
    "redirect",
    "redirect",
    "client_error",
    "client_error",
    "gone",
    "rate_limited",
    "client_error",
    "server_error",
    "server_error",
    "server_error",
    "server_error",
  ]);
});
