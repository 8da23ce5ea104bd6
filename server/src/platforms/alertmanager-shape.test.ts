import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonObject, JsonValue } from "../core/json.ts";
import type { Reading } from "../core/signal.ts";
import { type GroupDialect, labelIdentity, prometheusAside, readGroup } from "./alertmanager-shape.ts";
import { MAX_ALERTS, readPayload } from "./reading.ts";

const RECEIVED_AT = Date.UTC(2026, 10, 20, 12, 0, 0);
const DIALECT: GroupDialect = {
  variant: "plain",
  severities: {},
  severityLabels: ["severity"],
  aside: prometheusAside,
  refine: (_alert, draft) => draft,
};

function read(payload: JsonValue, receivedAt = RECEIVED_AT): Reading {
  return readPayload(payload, (root) => readGroup(root, { receivedAt, headers: {} }, DIALECT));
}

function sourceTime(alert: JsonObject, receivedAt = RECEIVED_AT): number {
  const reading = read({ alerts: [{ labels: { alertname: "X" }, ...alert }] }, receivedAt);
  if (reading.kind !== "signals") throw new Error(`read as ${reading.kind}`);
  return reading.signals[0]?.sourceTime ?? Number.NaN;
}

const anyTime = fc.oneof(
  fc.date({ min: new Date(RECEIVED_AT - 1e9), max: new Date(RECEIVED_AT + 1e9), noInvalidDate: true }),
  fc.constantFrom("0001-01-01T00:00:00Z", "soon", null),
);

function shown(time: Date | string | null): JsonValue {
  return time instanceof Date ? time.toISOString() : time;
}

describe("the source time", () => {
  test("a resolve is never older than its own firing, whatever the clocks say", () => {
    fc.assert(
      fc.property(anyTime, anyTime, fc.nat(1e6), (startsAt, endsAt, delayMs) => {
        const firing = sourceTime({ status: "firing", startsAt: shown(startsAt), endsAt: "0001-01-01T00:00:00Z" });
        const resolved = { status: "resolved", startsAt: shown(startsAt), endsAt: shown(endsAt) };
        expect(sourceTime(resolved, RECEIVED_AT + delayMs)).toBeGreaterThanOrEqual(firing);
      }),
    );
  });

  test("a repeated firing keeps its start, and a new start makes it newer", () => {
    const startsAt = "2026-11-20T10:00:00Z";
    expect(sourceTime({ status: "firing", startsAt }, RECEIVED_AT)).toBe(Date.parse(startsAt));
    expect(sourceTime({ status: "firing", startsAt }, RECEIVED_AT + 3_600_000)).toBe(Date.parse(startsAt));
    const later = sourceTime({ status: "firing", startsAt: "2026-11-20T11:00:00Z" });
    expect(later).toBeGreaterThan(sourceTime({ status: "resolved", startsAt, endsAt: "2026-11-20T10:30:00Z" }));
  });
});

describe("the identity by labels", () => {
  const identity = (labels: JsonValue) => labelIdentity({ path: "$.labels", value: labels }).text;

  test("the order of labels does not matter", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.string({ minLength: 1 })), (labels) => {
        const reversed = Object.fromEntries(Object.entries(labels).reverse());
        expect(identity(reversed)).toBe(identity(labels));
      }),
    );
  });

  test.each([
    [{ a: "b,c=d" }, { a: "b", c: "d" }],
    [{ "a=b": "c" }, { a: "b=c" }],
    [{ a: "b\\", c: "d" }, { a: "b\\,c=d" }],
  ])("%j and %j are two conditions", (one, other) => {
    expect(identity(one)).not.toBe(identity(other));
  });

  test("different labels never meet, although names and values hold the separators", () => {
    const pair = fc.stringMatching(/^[ab,=\\]{1,4}$/);
    fc.assert(
      fc.property(fc.dictionary(pair, pair), fc.dictionary(pair, pair), (one, other) => {
        fc.pre(JSON.stringify(Object.entries(one).sort()) !== JSON.stringify(Object.entries(other).sort()));
        expect(identity(one)).not.toBe(identity(other));
      }),
      { numRuns: 500 },
    );
  });
});

describe("a group", () => {
  test("beyond the limit of alerts the rest is left out with a warning", () => {
    const alerts = Array.from({ length: MAX_ALERTS + 2 }, (_, index) => ({
      status: "firing",
      labels: { alertname: "X" },
      fingerprint: String(index),
    }));
    const reading = read({ alerts });
    expect(reading).toMatchObject({ kind: "signals", warnings: ["$.alerts holds 2 alerts more than the 5000 read"] });
    if (reading.kind === "signals") expect(reading.signals).toHaveLength(MAX_ALERTS);
  });

  test("the status of one alert is never taken from the group", () => {
    const alerts = [{ status: "resolved", labels: { alertname: "X" } }, { labels: { alertname: "Y" } }];
    expect(read({ status: "resolved", alerts })).toMatchObject({ kind: "unreadable", path: "$.alerts[1].status" });
  });

  test("a warning of many alerts is given once", () => {
    const alerts = ["a", "b"].map((name) => ({ status: "firing", labels: { alertname: name, severity: "odd" } }));
    expect(read({ alerts })).toMatchObject({ warnings: ['unknown severity "odd" was read as medium'] });
  });
});
