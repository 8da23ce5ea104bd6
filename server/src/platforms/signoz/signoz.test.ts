import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../core/json.ts";
import type { Signal } from "../../core/signal.ts";
import { signoz } from "./signoz.ts";

const RECEIVED_AT = Date.UTC(2026, 10, 20, 12, 0, 0);
const LABELS = { alertname: "High latency", ruleId: "r-1", "service.name": "checkout" };

function alert(threshold: string, status: string, startsAt: string, endsAt = "0001-01-01T00:00:00Z"): JsonObject {
  const labels = { ...LABELS, severity: threshold, "threshold.name": threshold };
  return { status, labels, annotations: {}, startsAt, endsAt, fingerprint: `${threshold}-1` };
}

function read(alerts: readonly JsonObject[], groupLabels: JsonObject = { ruleId: "r-1" }): readonly Signal[] {
  const reading = signoz.read({ version: "4", groupLabels, alerts }, { receivedAt: RECEIVED_AT, headers: {} });
  return reading.kind === "signals" ? reading.signals : [];
}

describe("thresholds of one series", () => {
  const warningOver = alert("warning", "resolved", "2026-11-20T10:00:00Z", "2026-11-20T10:20:00Z");
  const critical = alert("critical", "firing", "2026-11-20T10:20:00Z");

  test.each([
    ["before", [warningOver, critical]],
    ["after", [critical, warningOver]],
  ])("the end of one, told %s another that fires, does not end the condition", (_order, alerts) => {
    expect(read(alerts)).toMatchObject([{ status: "firing", severity: "critical" }]);
  });

  test("the condition is over when all have ended, and that is newer than all that fired", () => {
    const before = read([warningOver, critical]);
    const over = read([warningOver, alert("critical", "resolved", "2026-11-20T10:20:00Z", "2026-11-20T10:40:00Z")]);
    expect(over).toMatchObject([{ status: "resolved", dedupKey: before[0]?.dedupKey }]);
    expect(over[0]?.sourceTime).toBeGreaterThan(before[0]?.sourceTime ?? Number.NaN);
  });

  test("a fall from critical to warning keeps the condition at the lower severity", () => {
    const criticalOver = alert("critical", "resolved", "2026-11-20T10:20:00Z", "2026-11-20T10:40:00Z");
    const warning = alert("warning", "firing", "2026-11-20T10:40:00Z");
    expect(read([criticalOver, warning])).toMatchObject([{ status: "firing", severity: "medium" }]);
  });

  test("are conditions of their own where SigNoz splits its messages by them, so that no end is told of another", () => {
    const [one] = read([critical], { ruleId: "r-1", "threshold.name": "critical" });
    const [other] = read([warningOver], { ruleId: "r-1", "threshold.name": "warning" });
    expect(one?.dedupKey).not.toBe(other?.dedupKey);
  });
});

test("a rule of the user's that is named like the test of a channel is no test", () => {
  const named = { status: "firing", labels: { ...LABELS, alertname: "Test Alert (x)" }, annotations: {} };
  expect(read([named])).toMatchObject([{ status: "firing" }]);
});
