import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Alert } from "../core/alert.ts";
import type { Incident } from "../core/incident.ts";
import { DEFAULT_TRIAGE_POLICY, type TriagePolicy } from "../core/integration.ts";
import { SEVERITIES, type Severity, severityRank } from "../core/severity.ts";
import type { Signal, SignalStatus } from "../core/signal.ts";
import type { TriageIntegration } from "../store/triage-integrations.ts";
import { type Folded, foldSignal } from "./fold.ts";
import { createWorld, currentOf, type World } from "./world.ts";

const START = 1_000_000_000_000;

type Heard = Partial<Signal> & { readonly key?: string; readonly afterMs?: number };

/** A world that is fed signal by signal; `afterMs` moves the clock on before a signal arrives. */
function makeFeed(settings: Partial<TriageIntegration> = {}, policy: Partial<TriagePolicy> = {}) {
  const world = createWorld([], [], new Map());
  const integration: TriageIntegration = {
    organizationId: "o",
    id: "i",
    name: "Metrics",
    platform: "custom",
    mapping: null,
    grouping: { by: ["dedup_key"] },
    triage: {},
    version: 1,
    ...settings,
  };
  let now = START;
  let ids = 0;
  const feed = ({ key = "k", afterMs = 1, ...given }: Heard = {}): Folded => {
    now += afterMs;
    const signal: Signal = {
      externalId: key,
      dedupKey: key,
      dedupKeyFrom: ["$.id"],
      status: "firing",
      severity: "high",
      title: `Alert ${key}`,
      description: "",
      labels: {},
      links: [],
      sourceTime: now,
      note: null,
      ...given,
    };
    return foldSignal(world, signal, {
      integration,
      policy: { ...DEFAULT_TRIAGE_POLICY, ...policy },
      receiptId: "receipt",
      receivedAt: now,
      now,
      isReplay: false,
      nextId: () => `id-${String(++ids).padStart(6, "0")}`,
    });
  };
  return {
    world,
    feed,
    incidents: () => [...world.incidents.values()],
    types: () => world.facts.map((fact) => fact.type),
  };
}

describe("one alert and its incident", () => {
  it("opens, escalates, is acknowledged and resolved, and tells of each once", () => {
    const { feed, incidents, types } = makeFeed();
    expect(feed({ severity: "low" }).decision).toBe("opened");
    expect(feed({ severity: "low" }).decision).toBe("refreshed");
    expect(feed({ severity: "critical" }).decision).toBe("escalated");
    expect(feed({ severity: "medium" }).decision).toBe("refreshed");
    expect(feed({ status: "acknowledged" }).decision).toBe("acknowledged");
    expect(feed({ status: "resolved" }).decision).toBe("resolved");
    expect(feed({ status: "resolved" }).decision).toBe("already_resolved");
    expect(types()).toEqual([
      "incident.created",
      "incident.escalated",
      "incident.escalated",
      "incident.acknowledged",
      "incident.resolved",
    ]);
    expect(incidents()).toMatchObject([
      { status: "resolved", firingCount: 0, alertCount: 1, signalCount: 7, severity: "high" },
    ]);
  });

  it("reopens within the time for reopening and opens a new one that links to the old one later", () => {
    const { feed, incidents, types } = makeFeed();
    feed();
    feed({ status: "resolved" });
    expect(feed({ afterMs: 300_000 }).decision).toBe("reopened");
    feed({ status: "resolved" });
    expect(feed({ afterMs: 300_001 }).decision).toBe("opened");
    const [first, second] = incidents();
    expect(second?.previousIncidentId).toBe(first?.id);
    expect(types()).toEqual([
      "incident.created",
      "incident.resolved",
      "incident.reopened",
      "incident.resolved",
      "incident.created",
    ]);
  });

  it("opens no incident for a firing that comes after its newer resolve", () => {
    const { feed, incidents } = makeFeed();
    expect(feed({ status: "resolved", sourceTime: START + 500 }).decision).toBe("tombstone");
    expect(feed({ sourceTime: START + 400 }).decision).toBe("older_than_resolve");
    expect(incidents()).toEqual([]);
  });

  it("opens acknowledged when the first thing heard is the acknowledgement, and its source can take that back", () => {
    const { feed, incidents, types } = makeFeed();
    feed({ status: "acknowledged" });
    expect(incidents()).toMatchObject([{ status: "acknowledged", acknowledgedBy: "integration:i" }]);
    feed({ status: "unacknowledged" });
    expect(incidents()).toMatchObject([{ status: "open", acknowledgedBy: null }]);
    expect(types()).toEqual(["incident.created", "incident.acknowledged", "incident.unacknowledged"]);
  });

  it("leaves a person's acknowledgement and edits alone whatever signals say", () => {
    const { world, feed, incidents } = makeFeed();
    feed();
    const [incident] = incidents() as [Incident];
    const byHand = {
      status: "acknowledged",
      acknowledgedAt: START,
      acknowledgedBy: "Ada",
      title: "Mine",
      severity: "low",
      editedFields: ["title", "severity"],
    };
    world.incidents.set(incident.id, { ...incident, ...byHand } as Incident);
    feed({ status: "acknowledged" });
    feed({ status: "unacknowledged" });
    feed({ title: "Theirs", severity: "critical", description: "news" });
    expect(incidents()).toMatchObject([{ ...byHand, description: "news" }]);
  });

  it("stays open without auto_resolve and fires again in the same incident", () => {
    const { feed, incidents } = makeFeed({}, { auto_resolve: false });
    feed();
    feed({ status: "resolved" });
    expect(incidents()).toMatchObject([{ status: "open", firingCount: 0 }]);
    expect(feed({ afterMs: 10_000_000 }).decision).toBe("refired");
    expect(incidents()).toMatchObject([{ status: "open", firingCount: 1 }]);
  });

  it("puts a note into the timeline of a known incident and changes nothing else", () => {
    const { world, feed, incidents } = makeFeed();
    expect(feed({ status: "noted", note: "escalated to level 2" }).decision).toBe("ignored");
    feed();
    const before = incidents();
    expect(feed({ status: "noted", note: "escalated to level 2" }).decision).toBe("noted");
    expect(incidents()).toEqual(before);
    expect(world.timeline.at(-1)).toMatchObject({ kind: "source_note", text: "escalated to level 2" });
  });
});

describe("a group of alerts", () => {
  const byService = { grouping: { by: ["service"] } };
  const labels = { service: "api", host: "a" };

  it("is one incident with one creation, common labels, and the worst severity of what fires", () => {
    const { feed, incidents, types } = makeFeed(byService);
    feed({ key: "1", labels, severity: "medium" });
    expect(feed({ key: "2", labels: { ...labels, host: "b" }, severity: "critical" }).decision).toBe("joined");
    for (let n = 3; n <= 1000; n++) feed({ key: String(n), labels, severity: "low" });
    expect(types()).toEqual(["incident.created", "incident.escalated"]);
    expect(incidents()).toMatchObject([
      { alertCount: 1000, firingCount: 1000, signalCount: 1000, severity: "critical", labels: { service: "api" } },
    ]);
    feed({ key: "2", status: "resolved" });
    expect(incidents()).toMatchObject([{ severity: "medium", firingCount: 999, status: "open" }]);
  });

  it("is resolved when the last of its alerts is", () => {
    const { feed, incidents, types } = makeFeed(byService);
    feed({ key: "1", labels });
    feed({ key: "2", labels });
    feed({ key: "1", status: "resolved" });
    expect(incidents()).toMatchObject([{ status: "open", firingCount: 1 }]);
    feed({ key: "2", status: "resolved" });
    expect(incidents()).toMatchObject([{ status: "resolved", firingCount: 0 }]);
    expect(types()).toEqual(["incident.created", "incident.resolved"]);
  });

  it("stays acknowledged by its source until no alert of it is acknowledged any more", () => {
    const { feed, incidents } = makeFeed(byService);
    for (const key of ["1", "2"]) feed({ key, labels, status: "acknowledged" });
    feed({ key: "1", status: "unacknowledged" });
    expect(incidents()).toMatchObject([{ status: "acknowledged" }]);
    feed({ key: "2", status: "unacknowledged" });
    expect(incidents()).toMatchObject([{ status: "open" }]);
  });

  it("takes alerts into the unresolved incident of the group though a newer one is resolved", () => {
    const { world, feed, incidents } = makeFeed(byService);
    feed({ key: "1", labels });
    feed({ key: "1", status: "resolved" });
    feed({ key: "1", labels, afterMs: 400_000 });
    feed({ key: "1", status: "resolved" });
    const [older, newer] = incidents() as [Incident, Incident];
    const reopened = { ...older, status: "open", resolvedAt: null } as const;
    for (const known of [
      [reopened, newer],
      [newer, reopened],
    ]) {
      expect(currentOf(createWorld([], known, new Map()), "o", older.groupKey)?.id).toBe(older.id);
    }
    expect(currentOf(world, "o", older.groupKey)?.id).toBe(newer.id);
  });

  it("takes no more alerts once its window has passed, and gives its name to the next", () => {
    const { feed, incidents } = makeFeed({ grouping: { by: ["service"], window_seconds: 60 } });
    feed({ key: "1", labels });
    feed({ key: "2", labels, afterMs: 60_000 });
    expect(feed({ key: "3", labels, afterMs: 60_000 }).decision).toBe("opened");
    expect(feed({ key: "4", labels }).decision).toBe("joined");
    const [first, second] = incidents();
    expect(first).toMatchObject({ alertCount: 2, status: "open" });
    expect(second).toMatchObject({ alertCount: 2, previousIncidentId: first?.id, groupKey: "i:service=api" });
    expect(first?.groupKey).not.toBe(second?.groupKey);
  });

  it("holds counter changes back for one update instead of telling of each", () => {
    const { feed, incidents } = makeFeed(byService);
    feed({ key: "1", labels });
    feed({ key: "2", labels, afterMs: 1_000 });
    const due = incidents()[0]?.updateDueAt;
    expect(due).toBe((incidents()[0]?.createdAt ?? 0) + 30_000);
    feed({ key: "3", labels, afterMs: 5_000 });
    expect(incidents()[0]?.updateDueAt).toBe(due);
  });
});

describe("flapping", () => {
  it("is told of on entering, and nothing of opening and resolving in between", () => {
    const { feed, incidents, types } = makeFeed({}, { flapping_changes: 4, flapping_window_seconds: 600 });
    for (let n = 0; n < 5; n++) {
      feed({ afterMs: 1_000 });
      feed({ status: "resolved", afterMs: 1_000 });
    }
    expect(types()).toEqual(["incident.created", "incident.resolved", "incident.reopened", "incident.updated"]);
    expect(incidents()).toMatchObject([{ flapping: true, status: "resolved" }]);
  });

  it("is seen though every firing would open a new incident, and keeps to one from then on", () => {
    const { feed, incidents } = makeFeed({}, { flapping_changes: 4, flapping_window_seconds: 600, reopen_seconds: 0 });
    for (let n = 0; n < 5; n++) {
      feed({ afterMs: 1_000 });
      feed({ status: "resolved", afterMs: 1_000 });
    }
    expect(incidents()).toHaveLength(2);
    expect(incidents().filter((incident) => incident.flapping)).toHaveLength(1);
  });
});

describe("whatever arrives in whatever order", () => {
  const keys = fc.constantFrom("a", "b", "c");
  const heard = fc.record({
    key: keys,
    status: fc.constantFrom<SignalStatus>("firing", "acknowledged", "unacknowledged", "resolved"),
    severity: fc.constantFrom(...SEVERITIES),
    sourceTime: fc.integer({ min: 1, max: 30 }).map((n) => START + n * 10_000),
    afterMs: fc.constantFrom(1, 1_000, 400_000),
    labels: keys.map((service) => ({ service })),
  });
  const grouping = fc.constantFrom(
    { by: ["dedup_key"] },
    { by: ["service"] },
    { by: ["service"], window_seconds: 100 },
    { by: ["nowhere"] },
  );

  it("a group has at most one unresolved incident, an incident is open exactly while a member fires, counters are right", () => {
    fc.assert(
      fc.property(fc.array(heard, { maxLength: 40 }), grouping, (signals, by) => {
        const { world, feed, incidents } = makeFeed({ grouping: by }, { flapping_changes: 0 });
        for (const signal of signals) feed(signal);
        const unresolved = incidents().filter((incident) => incident.status !== "resolved");
        expect(new Set(unresolved.map((incident) => incident.groupKey)).size).toBe(unresolved.length);
        for (const incident of incidents()) checkIncident(world, incident);
        for (const alert of world.alerts.values()) {
          if (alert.status === "firing") expect(alert.incidentId).not.toBeNull();
        }
        expect(incidents().reduce((sum, incident) => sum + incident.eventSequence, 0)).toBe(world.facts.length);
      }),
      { numRuns: 300 },
    );
  });

  it("one alert's incident ends as the model says, for every order of arrival", () => {
    const status = fc.constantFrom<SignalStatus>("firing", "acknowledged", "unacknowledged", "resolved");
    fc.assert(
      fc.property(
        fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 1 }),
        fc.array(status, { minLength: 6, maxLength: 6 }),
        (order, kinds) => {
          const { feed, incidents } = makeFeed({}, { flapping_changes: 0 });
          for (const place of order) feed({ status: kinds[place] ?? "firing", sourceTime: START + place });
          const inOrder = order.toSorted((one, other) => one - other).map((place) => kinds[place] ?? "firing");
          let expected = "none";
          for (const kind of inOrder) {
            if (kind === "resolved") expected = "none";
            else if (kind === "acknowledged") expected = "acknowledged";
            else if (kind === "unacknowledged" || expected === "none") expected = "open";
          }
          const unresolved = incidents().filter((incident) => incident.status !== "resolved");
          expect(unresolved.map((incident) => incident.status)).toEqual(expected === "none" ? [] : [expected]);
        },
      ),
      { numRuns: 500 },
    );
  });
});

function checkIncident(world: World, incident: Incident): void {
  const members = [...world.alerts.values()].filter((alert: Alert) => alert.incidentId === incident.id);
  const firing = members.filter((alert) => alert.status === "firing");
  expect(incident.firingCount).toBe(firing.length);
  expect(incident.status !== "resolved").toBe(firing.length > 0);
  expect(incident.alertCount).toBeGreaterThanOrEqual(members.length);
  if (firing.length > 0) expect(incident.severity).toBe(worst(firing));
  expect(incident.resolvedAt !== null).toBe(incident.status === "resolved");
}

function worst(alerts: readonly Alert[]): Severity | undefined {
  return alerts.map((alert) => alert.severity).toSorted((one, other) => severityRank(one) - severityRank(other))[0];
}
