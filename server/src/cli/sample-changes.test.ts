import { describe, expect, it } from "vitest";
import { SAMPLE_PAYLOADS } from "../api/sample-payloads.ts";
import type { JsonObject } from "../core/json.ts";
import { SEVERITIES } from "../core/severity.ts";
import type { Signal } from "../core/signal.ts";
import { PLATFORM_NAMES, type PlatformName } from "../platforms/platform.ts";
import { findPlatform } from "../platforms/registry.ts";
import { type Changes, putAt, SAMPLE_CHANGES } from "./sample-changes.ts";

const NOW = Date.UTC(2026, 10, 23, 12, 0, 0);
const ID = "0198c0de-0000-4000-8000-000000000001";

function read(platform: PlatformName, changes: Changes): Signal {
  const sample = SAMPLE_PAYLOADS[platform]({ id: ID, now: NOW });
  const payload = changes.reduce<JsonObject>((made, [path, value]) => putAt(made, path, value), sample);
  const reading = findPlatform(platform)?.read(payload, { receivedAt: NOW, headers: {} });
  const signal = reading?.kind === "signals" ? reading.signals[0] : undefined;
  if (signal === undefined) throw new Error(`${platform} cannot read its sample`);
  return signal;
}

describe.each(PLATFORM_NAMES)("the sample of %s", (platform) => {
  it("has the severity that was asked for, as far as the platform tells severities apart", () => {
    for (const severity of SEVERITIES) {
      const { severity: got, status } = read(platform, SAMPLE_CHANGES[platform].severity(severity));
      // New Relic's HIGH is what a warning threshold makes; it has no word between that and CRITICAL.
      const expected = platform === "newrelic" && severity === "high" ? "medium" : severity;
      expect([severity, got, status]).toEqual([severity, expected, "firing"]);
    }
  });

  it("says the end of the condition that it began", () => {
    const firing = read(platform, []);
    const resolved = read(platform, SAMPLE_CHANGES[platform].resolved(NOW + 1_000));
    expect([firing.status, resolved.status]).toEqual(["firing", "resolved"]);
    expect(resolved.dedupKey).toBe(firing.dedupKey);
  });
});

it("values are put at any path, and what is missing is made", () => {
  const payload = { alerts: [{ labels: { host: "a" } }], a: 1 };
  expect(putAt(payload, "alerts.0.labels.host", "b")).toEqual({ alerts: [{ labels: { host: "b" } }], a: 1 });
  expect(putAt(payload, "b.c", [1])).toEqual({ ...payload, b: { c: [1] } });
  expect(putAt(payload, "alerts.2", 1).alerts).toEqual([{ labels: { host: "a" } }, null, 1]);
  expect(() => putAt(payload, "__proto__.x", 1)).toThrow(/is not a path/);
  expect(payload).toEqual({ alerts: [{ labels: { host: "a" } }], a: 1 });
});
