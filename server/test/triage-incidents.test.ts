import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { actOnIncident } from "../src/announce/act-on-incident.ts";
import type { Incident } from "../src/core/incident.ts";
import type { IncidentAction } from "../src/core/incident-actions.ts";
import type { Integration, TriagePolicy } from "../src/core/integration.ts";
import { incidentColumns } from "../src/store/incidents.ts";
import { sql } from "../src/store/sql.ts";
import type { Triage } from "../src/triage/triage.ts";
import { createTriageKit, readSignals, type SignalSettings, type TriageKit } from "./support/triage-kit.ts";

let kit: TriageKit;
let organizationId: string;
let integration: Integration;
let triage: Triage;
beforeAll(async () => {
  kit = await createTriageKit();
});
beforeEach(async () => {
  organizationId = await kit.makeOrganization();
  integration = await kit.makeIntegration(organizationId);
  await kit.makeEndpoint(organizationId);
  triage = kit.makeTriage({ read: readSignals });
});
afterAll(() => kit.close());

async function configure(triagePolicy: Partial<TriagePolicy>, grouping = integration.grouping): Promise<void> {
  integration = await kit.makeIntegration(organizationId, { triage: triagePolicy, grouping });
}

/** Lets a receipt with these signals be read after some time has passed; returns its trace's signals. */
async function hear(signals: readonly SignalSettings[], afterMs = 1_000): Promise<readonly Record<string, unknown>[]> {
  kit.clock.advance(afterMs);
  const receiptId = await kit.storeSignals(integration, signals);
  await triage.runOnce();
  const [row] = await kit.rows<{ trace: { signals: Record<string, unknown>[] } }>(
    sql`select trace from receipt_outcomes where receipt_id = ${receiptId}`,
  );
  return row?.trace.signals ?? [];
}

const incidents = () =>
  kit.rows<Incident>(
    sql`select ${incidentColumns} from incidents where organization_id = ${organizationId} order by number`,
  );

async function events(): Promise<readonly string[]> {
  const rows = await kit.rows<{ type: string }>(
    sql`select type from events where organization_id = ${organizationId} order by id`,
  );
  return rows.map((row) => row.type);
}

async function act(action: IncidentAction, number = 1, version: number | null = null) {
  kit.clock.advance(1_000);
  const incident = (await incidents())[number - 1];
  return actOnIncident(kit, organizationId, incident?.id ?? kit.ids.next(), action, "Ada", version);
}

const timeline = async () => {
  const rows = await kit.rows<{ kind: string; actor: string }>(
    sql`select kind, actor from incident_timeline where organization_id = ${organizationId} order by id`,
  );
  return rows.map((row) => `${row.kind} by ${row.actor.split(":")[0]}`);
};

describe("a person", () => {
  it("acknowledges, unacknowledges, assigns, notes, resolves and reopens, each told once", async () => {
    await hear([{}]);
    for (const kind of ["acknowledge", "unacknowledge", "resolve", "reopen"] as const) {
      expect(await act({ kind })).toMatchObject({ ok: true, isChanged: true, hasDeliveries: true });
      expect(await act({ kind })).toMatchObject({ ok: true, isChanged: false });
    }
    await act({ kind: "assign", assignee: "Grace" });
    await act({ kind: "assign", assignee: "Grace" });
    await act({ kind: "note", text: "disk ordered" });
    expect(await events()).toEqual([
      "incident.created",
      "incident.acknowledged",
      "incident.unacknowledged",
      "incident.resolved",
      "incident.reopened",
      "incident.assigned",
      "incident.note_added",
    ]);
    expect(await timeline()).toEqual([
      "opened by integration",
      "acknowledged by Ada",
      "unacknowledged by Ada",
      "resolved by Ada",
      "reopened by Ada",
      "assigned by Ada",
      "note by Ada",
    ]);
    const sequences = await kit.rows<{ sequence: number }>(
      sql`select sequence from deliveries where organization_id = ${organizationId} order by id`,
    );
    expect(sequences.map((row) => row.sequence)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it("keeps the last word on acknowledgement, assignee and edited fields against every later signal", async () => {
    await hear([{ status: "acknowledged" }]);
    await act({ kind: "acknowledge" });
    await act({ kind: "assign", assignee: "Grace" });
    await act({ kind: "edit", fields: { title: "Backup disk", severity: "low" } });
    await hear([{ status: "unacknowledged", severity: "critical", title: "Disk is fuller", description: "99 % used" }]);
    expect(await incidents()).toMatchObject([
      {
        status: "acknowledged",
        acknowledgedBy: "Ada",
        assignee: "Grace",
        title: "Backup disk",
        severity: "low",
        description: "99 % used",
      },
    ]);
  });

  it("who resolves while alerts fire is overruled by a newer firing only", async () => {
    const sourceTime = kit.clock.now();
    await hear([{ sourceTime }]);
    await act({ kind: "resolve" });
    expect(await incidents()).toMatchObject([{ status: "resolved", firingCount: 0 }]);
    expect(await hear([{ sourceTime }])).toMatchObject([{ decision: "older_than_resolve" }]);
    expect(await hear([{}])).toMatchObject([{ decision: "reopened", incident_number: 1 }]);
  });

  it("merges an incident into another, which takes its alerts and what comes after them", async () => {
    await hear([{ dedupKey: "a", severity: "critical" }]);
    await hear([{ dedupKey: "b", severity: "low" }]);
    const [first, second] = await incidents();
    const merge = { kind: "merge", intoId: second?.id ?? "" } as const;
    expect(await act(merge)).toMatchObject({
      ok: true,
      incident: { status: "resolved", mergedIntoId: second?.id, alertCount: 0 },
    });
    expect(await act(merge)).toMatchObject({ ok: true, isChanged: false });
    expect(await incidents()).toMatchObject([
      {},
      { status: "open", alertCount: 2, firingCount: 2, severity: "critical" },
    ]);
    expect(await events()).toEqual(["incident.created", "incident.created", "incident.merged", "incident.escalated"]);
    await hear([{ dedupKey: "a", status: "resolved" }]);
    expect(await hear([{ dedupKey: "a" }])).toMatchObject([{ decision: "refired", incident_number: 2 }]);
    await hear([
      { dedupKey: "a", status: "resolved" },
      { dedupKey: "b", status: "resolved" },
    ]);
    expect(await incidents()).toMatchObject([
      { id: first?.id, status: "resolved" },
      { status: "resolved", firingCount: 0 },
    ]);
    expect(await hear([{ dedupKey: "a" }])).toMatchObject([{ decision: "reopened", incident_number: 2 }]);
  });

  describe("a merge that is taken back", () => {
    async function mergeTwo(): Promise<readonly Incident[]> {
      await hear([{ dedupKey: "a", severity: "critical", labels: { team: "shop", host: "a" } }]);
      await hear([{ dedupKey: "b", severity: "low", labels: { team: "shop", host: "b" } }]);
      await act({ kind: "acknowledge" });
      const before = await incidents();
      expect(await act({ kind: "merge", intoId: before[1]?.id ?? "" })).toMatchObject({ ok: true });
      return before;
    }
    const kept = ({
      id,
      status,
      severity,
      labels,
      alertCount,
      firingCount,
      signalCount,
      acknowledgedBy,
    }: Incident) => ({
      ...{ id, status, severity, labels, alertCount, firingCount, signalCount, acknowledgedBy },
    });

    it("leaves both as they were before, says so in both timelines, and tells of it", async () => {
      const before = await mergeTwo();
      expect((await incidents())[1]).toMatchObject({ severity: "critical", labels: { team: "shop" }, alertCount: 2 });
      expect(await act({ kind: "unmerge" })).toMatchObject({ ok: true, isChanged: true });
      const after = await incidents();
      expect(after.map(kept)).toEqual(before.map(kept));
      expect(after[0]).toMatchObject({ mergedIntoId: null, resolvedAt: null, resolvedBy: null });
      expect((await events()).slice(-2)).toEqual(["incident.escalated", "incident.reopened"]);
      const lines = await kit.rows<{ text: string }>(sql`
        select text from incident_timeline
        where organization_id = ${organizationId} and kind = 'unmerged' order by id`);
      expect(lines.map(({ text }) => text).sort()).toEqual([
        "Taken out of incident #2 again by Ada",
        "incident #1 was taken out of this one again by Ada",
      ]);
      expect(await act({ kind: "unmerge" })).toMatchObject({ ok: true, isChanged: false });
      expect(await hear([{ dedupKey: "a", status: "resolved" }])).toMatchObject([{ incident_number: 1 }]);
      expect(await incidents()).toMatchObject([{ status: "resolved" }, { status: "open", firingCount: 1 }]);
    });

    it("keeps what is resolved meanwhile resolved, and lets both be merged again", async () => {
      await mergeTwo();
      await hear([{ dedupKey: "a", status: "resolved" }]);
      expect(await act({ kind: "unmerge" })).toMatchObject({ ok: true });
      expect(await incidents()).toMatchObject([
        { status: "resolved", mergedIntoId: null, alertCount: 1, firingCount: 0 },
        { status: "open", severity: "low", alertCount: 1, firingCount: 1 },
      ]);
      const [, second] = await incidents();
      expect(await act({ kind: "merge", intoId: second?.id ?? "" })).toMatchObject({ ok: true, isChanged: true });
      expect(await act({ kind: "unmerge" })).toMatchObject({ ok: true, incident: { status: "resolved" } });
    });

    it("resolves the one whose own alerts were resolved meanwhile, and says so", async () => {
      await mergeTwo();
      await hear([{ dedupKey: "b", severity: "low", status: "resolved" }]);
      expect((await incidents())[1]).toMatchObject({ status: "open", firingCount: 1 });
      await act({ kind: "snooze", until: kit.clock.now() + 3_600_000 }, 2);
      await act({ kind: "unmerge" });
      expect(await incidents()).toMatchObject([
        { status: "acknowledged", firingCount: 1 },
        { status: "resolved", alertCount: 1, firingCount: 0, resolvedBy: "overwatch", snoozedUntil: null },
      ]);
      expect((await events()).slice(-2).sort()).toEqual(["incident.reopened", "incident.resolved"]);
      expect(await hear([{ dedupKey: "b", severity: "low" }])).toMatchObject([
        { decision: "reopened", incident_number: 2 },
      ]);
    });

    it("leaves the other one unresolved where its integration wants that", async () => {
      await configure({ auto_resolve: false });
      await mergeTwo();
      await hear([{ dedupKey: "b", severity: "low", status: "resolved" }]);
      await act({ kind: "unmerge" });
      expect((await incidents())[1]).toMatchObject({ status: "open", firingCount: 0 });
    });

    it("leaves the other one unresolved when a person alone had reopened it", async () => {
      await mergeTwo();
      await act({ kind: "unmerge" });
      await hear([{ dedupKey: "b", severity: "low", status: "resolved" }]);
      await act({ kind: "reopen" }, 2);
      const [, second] = await incidents();
      await act({ kind: "merge", intoId: second?.id ?? "" });
      await act({ kind: "unmerge" });
      expect((await incidents())[1]).toMatchObject({ status: "open", firingCount: 0 });
    });

    it("brings an incident that was opened by hand back as it was", async () => {
      await mergeTwo();
      await act({ kind: "unmerge" });
      const id = kit.ids.next();
      await kit.rows(sql`
        insert into incidents (organization_id, id, number, integration_id, group_key, status, severity, title,
          description, labels, links, created_at, updated_at)
        values (${organizationId}, ${id}, 3, ${id}, ${`manual:${id}`}, 'open', 'high', 'By hand', '',
          '{"team": "core"}', '[]', now(), now())`);
      const until = kit.clock.now() + 3_600_000;
      await act({ kind: "snooze", until }, 3);
      const [, second] = await incidents();
      await act({ kind: "merge", intoId: second?.id ?? "" }, 3);
      expect(await act({ kind: "unmerge" }, 3)).toMatchObject({
        ok: true,
        incident: { status: "open", snoozedUntil: until, severity: "high", labels: { team: "core" } },
      });
      expect((await incidents())[1]).toMatchObject({ labels: { team: "shop", host: "b" } });
    });

    it("is refused when another of the group was opened since, or the other is merged itself", async () => {
      const [first, second] = await mergeTwo();
      await hear([{ dedupKey: "c" }]);
      const third = (await incidents())[2];
      await act({ kind: "merge", intoId: third?.id ?? "" }, 2);
      expect(await act({ kind: "unmerge" })).toMatchObject({
        kind: "refused",
        message: "incident #2 was merged into another itself; take that back first",
      });
      expect(await act({ kind: "unmerge" }, 2)).toMatchObject({ ok: true });
      await kit.rows(sql`update incidents set group_key = ${first?.groupKey} where id = ${second?.id}`);
      expect(await act({ kind: "unmerge" })).toMatchObject({
        kind: "refused",
        message: "incident #2 of the same group is unresolved already",
      });
    });
  });

  it("is refused what makes no sense, and told why", async () => {
    await hear([{ dedupKey: "a" }]);
    await hear([{ dedupKey: "a", status: "resolved" }]);
    await hear([{ dedupKey: "b" }]);
    const [first, second] = await incidents();
    expect(await act({ kind: "acknowledge" })).toMatchObject({
      kind: "refused",
      message: "incident #1 is resolved; reopen it first",
    });
    expect(await act({ kind: "snooze", until: kit.clock.now() - 1 }, 2)).toMatchObject({ kind: "refused" });
    expect(await act({ kind: "merge", intoId: first?.id ?? "" }, 2)).toMatchObject({ kind: "refused" });
    expect(await act({ kind: "merge", intoId: second?.id ?? "" }, 2)).toMatchObject({ kind: "refused" });
    expect(await act({ kind: "resolve" }, 2, 99)).toMatchObject({ kind: "stale", version: 1 });
    expect(await act({ kind: "resolve" }, 3)).toMatchObject({ kind: "not_found" });
    const foreignId = await kit.makeOrganization();
    expect(await actOnIncident(kit, foreignId, second?.id ?? "", { kind: "resolve" }, "Eve")).toMatchObject({
      kind: "not_found",
    });
  });

  it("cannot reopen an incident whose group has another unresolved one", async () => {
    await configure({ reopen_seconds: 0 });
    await hear([{}]);
    await hear([{ status: "resolved" }]);
    await hear([{}]);
    expect(await act({ kind: "reopen" }, 1)).toMatchObject({
      kind: "refused",
      message: "incident #2 of the same group is unresolved already",
    });
  });

  it("who snoozes hears of no update before that is over, and of one then", async () => {
    await configure({}, { by: ["service"] });
    await hear([{ dedupKey: "a" }]);
    await act({ kind: "snooze", until: kit.clock.now() + 3_600_000 });
    await hear([{ dedupKey: "b" }], 60_000);
    await triage.runPeriodic();
    expect(await events()).toEqual(["incident.created", "incident.updated"]);
    kit.clock.advance(3_600_000);
    await triage.runPeriodic();
    await triage.runPeriodic();
    expect(await events()).toEqual(["incident.created", "incident.updated", "incident.updated"]);
    expect(await incidents()).toMatchObject([{ snoozedUntil: null, updateDueAt: null }]);
  });
});

describe("time alone", () => {
  it("ends flapping: with an update, and with the state that nobody was told of", async () => {
    await configure({ flapping_changes: 4, flapping_window_seconds: 600 });
    for (let n = 0; n < 4; n++) {
      await hear([{}]);
      await hear([{ status: "resolved" }]);
    }
    await triage.runPeriodic();
    expect(await events()).toEqual(["incident.created", "incident.resolved", "incident.reopened", "incident.updated"]);
    expect(await incidents()).toMatchObject([{ flapping: true, status: "resolved" }]);
    kit.clock.advance(599_000);
    await triage.runPeriodic();
    expect((await events()).slice(4)).toEqual(["incident.updated", "incident.resolved"]);
    expect(await incidents()).toMatchObject([{ flapping: false, status: "resolved", updateDueAt: null }]);
  });

  it("resolves what its source forgot, and the same firing heard again brings it back", async () => {
    await configure({ stale_after_seconds: 3_600 });
    const sourceTime = kit.clock.now();
    await hear([{ sourceTime }]);
    kit.clock.advance(3_599_000);
    await triage.runPeriodic();
    expect(await incidents()).toMatchObject([{ status: "open" }]);
    kit.clock.advance(20_000);
    await triage.runPeriodic();
    expect(await incidents()).toMatchObject([{ status: "resolved", resolvedBy: "overwatch", firingCount: 0 }]);
    expect(await timeline()).toEqual(["opened by integration", "resolved by overwatch"]);
    expect(await hear([{ sourceTime }])).toMatchObject([{ decision: "reopened" }]);
  });

  it("announces a silent integration once per silence", async () => {
    await configure({ silent_after_seconds: 600 });
    await hear([{}]);
    await triage.runPeriodic();
    kit.clock.advance(590_000);
    await triage.runPeriodic();
    expect(await events()).toEqual(["incident.created"]);
    const other = kit.makeTriage();
    for (const stage of [triage, other, triage]) {
      kit.clock.advance(20_000);
      await stage.runPeriodic();
    }
    expect(await events()).toEqual(["incident.created", "integration.silent"]);
    await hear([{}]);
    await triage.runPeriodic();
    kit.clock.advance(700_000);
    await triage.runPeriodic();
    kit.clock.advance(700_000);
    await triage.runPeriodic();
    expect(await events()).toEqual(["incident.created", "integration.silent", "integration.silent"]);
  });
});

describe("a trace", () => {
  it("of a resolve that met nothing names the open keys that look most like it", async () => {
    await hear(["db-1/disk", "db-2/disk", "web-1/cpu", "web-2/cpu"].map((dedupKey) => ({ dedupKey })));
    const [signal] = await hear([{ dedupKey: "db-1/disc", status: "resolved" }]);
    expect(signal).toMatchObject({ decision: "tombstone", incident_id: null });
    const nearest = signal?.nearest_open_keys as string[];
    expect(nearest.slice(0, 2)).toEqual(["db-1/disk", "db-2/disk"]);
    expect(nearest).toHaveLength(3);
  });

  it("says of every endpoint whether it heard the event and why", async () => {
    const other = await kit.makeIntegration(organizationId);
    await kit.makeEndpoint(organizationId, { name: "Filtered", filter: 'incident.severity == "low"' });
    await kit.makeEndpoint(organizationId, { name: "Broken", filter: "incident.labels.team == 'db'" });
    await kit.makeEndpoint(organizationId, { name: "Other", integrationId: other.id });
    await kit.makeEndpoint(organizationId, { name: "Late", events: ["incident.resolved"] });
    await kit.makeEndpoint(organizationId, { name: "Off", enabled: false });
    await hear([{}]);
    const [row] = await kit.rows<{
      trace: { events: { endpoints: { name: string; matched: boolean; why: string }[] }[] };
    }>(sql`select trace from receipt_outcomes where organization_id = ${organizationId}`);
    const said = (row?.trace.events[0]?.endpoints ?? []).map((one) => [one.name, one.matched, one.why.split(":")[0]]);
    expect(said).toEqual([
      ["Chat", true, "subscribed, no filter"],
      ["Filtered", false, "the filter does not match"],
      ["Broken", false, "the filter failed"],
      ["Other", false, "the endpoint hears another integration only"],
      ["Late", false, "not subscribed"],
      ["Off", false, "the endpoint is disabled"],
    ]);
    const heard = await kit.rows(sql`select id from deliveries where organization_id = ${organizationId}`);
    expect(heard).toHaveLength(1);
  });
});
