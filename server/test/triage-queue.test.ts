import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { claimReceipts } from "../src/store/receipt-claims.ts";
import { releaseReceipts } from "../src/store/receipt-queue.ts";
import { sql } from "../src/store/sql.ts";
import { processReceipts } from "../src/triage/batch.ts";
import { FencedError } from "../src/triage/errors.ts";
import { createTriageKit, makeSignal, readSignals, type TriageKit } from "./support/triage-kit.ts";

let kit: TriageKit;
let organizationId: string;
beforeAll(async () => {
  kit = await createTriageKit();
});
beforeEach(async () => {
  organizationId = await kit.makeOrganization();
});
afterAll(() => kit.close());

type Outcome = {
  readonly status: string;
  readonly reason: string | null;
  readonly trace: { readonly signals: { readonly decision: string }[] };
};

async function outcomeOf(receiptId: string): Promise<Outcome | undefined> {
  const rows = await kit.rows<Outcome>(
    sql`select status, reason, trace from receipt_outcomes where receipt_id = ${receiptId}`,
  );
  return rows[0];
}

async function counts(): Promise<Record<string, number>> {
  const rows = await kit.rows<Record<string, number>>(sql`
    select
      (select count(*)::int from incidents where organization_id = ${organizationId}) as incidents,
      (select count(*)::int from alerts where organization_id = ${organizationId}) as alerts,
      (select count(*)::int from events where organization_id = ${organizationId}) as events,
      (select count(*)::int from deliveries where organization_id = ${organizationId}) as deliveries,
      (select count(*)::int from receipt_queue where organization_id = ${organizationId}) as waiting,
      (select count(*)::int from receipt_outcomes where organization_id = ${organizationId}) as outcomes`);
  return rows[0] ?? {};
}

const claim = (nodeId: string, limit = 100, now = kit.clock.now()) =>
  claimReceipts(kit.database, {
    nodeId,
    now,
    leaseUntil: now + 30_000,
    after: "00000000-0000-0000-0000-000000000000",
    limit,
    contentBytes: 0,
  });

describe("a batch", () => {
  it("of many receipts numbers its incidents without a gap and fans every event out in the same transaction", async () => {
    const integration = await kit.makeIntegration(organizationId);
    await kit.makeEndpoint(organizationId);
    await kit.makeEndpoint(organizationId, { events: ["incident.resolved"] });
    const triage = kit.makeTriage({ read: readSignals });
    for (let n = 0; n < 40; n++) await kit.storeSignals(integration, [{ dedupKey: `k${n}` }, { dedupKey: `l${n}` }]);
    expect(await triage.runOnce()).toBe(40);
    expect(await counts()).toEqual({ incidents: 80, alerts: 80, events: 80, deliveries: 80, waiting: 0, outcomes: 40 });
    const numbers = await kit.rows<{ number: number }>(
      sql`select number from incidents where organization_id = ${organizationId} order by number`,
    );
    expect(numbers.map((row) => row.number)).toEqual(Array.from({ length: 80 }, (_, index) => index + 1));
  });

  it("of a storm makes one incident, one creation and a counter, and one update half a minute later", async () => {
    const integration = await kit.makeIntegration(organizationId, { grouping: { by: ["service"] } });
    await kit.makeEndpoint(organizationId);
    const triage = kit.makeTriage({ read: readSignals });
    for (let batch = 0; batch < 20; batch++) {
      const signals = Array.from({ length: 100 }, (_, n) => ({
        dedupKey: `${batch}-${n}`,
        labels: { service: "api" },
      }));
      await kit.storeSignals(integration, signals);
    }
    while ((await triage.runOnce()) > 0);
    expect(await counts()).toMatchObject({ incidents: 1, alerts: 2000, events: 1, deliveries: 1 });
    await triage.runPeriodic();
    expect(await counts()).toMatchObject({ events: 1 });
    kit.clock.advance(30_001);
    await triage.runPeriodic();
    await triage.runPeriodic();
    const events = await kit.rows<{ type: string; alerts: number; count: number }>(sql`
      select type, json_array_length(payload -> 'alerts') as alerts, (payload -> 'incident' ->> 'alert_count')::int as count
      from events where organization_id = ${organizationId} order by id`);
    expect(events).toEqual([
      { type: "incident.created", alerts: 1, count: 1 },
      { type: "incident.updated", alerts: 50, count: 2000 },
    ]);
    const lines = await kit.rows<{ count: number }>(
      sql`select count(*)::int as count from incident_timeline where organization_id = ${organizationId}`,
    );
    expect(lines[0]?.count).toBeLessThan(25);
  });

  it("read again changes nothing and tells nobody again", async () => {
    const integration = await kit.makeIntegration(organizationId);
    await kit.makeEndpoint(organizationId);
    const triage = kit.makeTriage({ read: readSignals });
    const receipts: string[] = [];
    for (const status of ["firing", "resolved"] as const) {
      receipts.push(await kit.storeSignals(integration, [{ status, sourceTime: kit.clock.now() }]));
      kit.clock.advance(1_000);
    }
    await triage.runOnce();
    const state = () =>
      kit.rows(sql`
      select incidents.status, event_sequence, signal_count, alert_count, incidents.updated_at,
        (select json_agg(alerts order by id) from alerts where alerts.organization_id = incidents.organization_id) as alerts
      from incidents where organization_id = ${organizationId}`);
    const before = await state();
    const amount = await counts();
    for (const receiptId of receipts) {
      await kit.rows(
        sql`insert into receipt_queue (organization_id, receipt_id, integration_id) values (${organizationId}, ${receiptId}, ${integration.id})`,
      );
    }
    expect(await triage.runOnce()).toBe(2);
    expect(await state()).toEqual(before);
    expect(await counts()).toEqual(amount);
    expect((await outcomeOf(receipts[1] ?? ""))?.status).toBe("duplicate");
  });

  it("never touches what another organization has under the same keys", async () => {
    const foreignId = await kit.makeOrganization();
    const grouping = { by: ["dedup_key"], scope: "organization" } as const;
    const mine = await kit.makeIntegration(organizationId, { grouping });
    const theirs = await kit.makeIntegration(foreignId, { grouping });
    await kit.makeEndpoint(foreignId);
    const triage = kit.makeTriage({ read: readSignals });
    await kit.storeSignals(mine, [{}]);
    await kit.storeSignals(theirs, [{ status: "resolved", sourceTime: kit.clock.now() + 1_000 }]);
    await triage.runOnce();
    expect(await counts()).toMatchObject({ incidents: 1, deliveries: 0 });
    const foreign = await kit.rows(sql`select status from alerts where organization_id = ${foreignId}`);
    expect(foreign).toEqual([{ status: "resolved" }]);
    expect(await kit.rows(sql`select id from incidents where organization_id = ${foreignId}`)).toEqual([]);
  });
});

describe("a running stage", () => {
  it("works through a backlog in its order by itself when woken, and keeps no lease when it stops", async () => {
    const integration = await kit.makeIntegration(organizationId, {
      triage: { reopen_seconds: 0, flapping_changes: 0 },
    });
    await kit.makeEndpoint(organizationId);
    // 1,200 receipts are several batches; each opening is seen only if it is read before its resolve.
    for (let n = 0; n < 600; n++) {
      for (const status of ["firing", "resolved"] as const) {
        kit.clock.advance(1);
        await kit.storeSignals(integration, [{ status, sourceTime: kit.clock.now() }]);
      }
    }
    let finish: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const triage = kit.makeTriage({
      read: readSignals,
      onDeliveries: () => {
        void counts().then((amount) => {
          if (amount.waiting === 0) finish();
        });
      },
    });
    triage.start();
    triage.wake();
    await finished;
    await triage.stop();
    expect(await counts()).toMatchObject({ alerts: 1, events: 1200, deliveries: 1200, outcomes: 1200, waiting: 0 });
    const [last] = await kit.rows<{ number: number; status: string }>(sql`
      select number, status from incidents where organization_id = ${organizationId} order by number desc limit 1`);
    expect(last).toEqual({ number: 600, status: "resolved" });
  });
});

describe("several workers on one queue", () => {
  it("make one incident of one group, and leave nothing behind", async () => {
    const integration = await kit.makeIntegration(organizationId, { grouping: { by: ["service"] } });
    await kit.makeEndpoint(organizationId);
    const workers = [kit.makeTriage({ read: readSignals }), kit.makeTriage({ read: readSignals })];
    for (let n = 0; n < 60; n++) {
      await kit.storeSignals(integration, [
        { dedupKey: `k${n % 7}`, labels: { service: "api" } },
        { dedupKey: `m${n}`, labels: { service: "api" } },
      ]);
    }
    const drain = async (worker: (typeof workers)[number]): Promise<void> => {
      while ((await counts()).waiting !== 0) await worker.runOnce();
    };
    await Promise.all(workers.map(drain));
    expect(await counts()).toMatchObject({ incidents: 1, events: 1, alerts: 67, outcomes: 60 });
    const [incident] = await kit.rows<{ alert_count: number; firing_count: number; signal_count: number }>(
      sql`select alert_count, firing_count, signal_count from incidents where organization_id = ${organizationId}`,
    );
    expect(incident).toEqual({ alert_count: 67, firing_count: 67, signal_count: 120 });
  });

  it("read the receipts of one organization in turn, so that their order is kept, and those of others at once", async () => {
    const quietId = await kit.makeOrganization();
    const loud = await kit.makeIntegration(organizationId);
    const quiet = await kit.makeIntegration(quietId);
    for (let n = 0; n < 30; n++) await kit.storeSignals(loud, [{}]);
    const [one, other] = [randomUUID(), randomUUID()];
    const first = await claim(one, 10);
    expect(first).toHaveLength(10);
    const quietReceipt = await kit.storeSignals(quiet, [{}]);
    const second = await claim(other);
    expect(second.map((row) => row.receiptId)).toEqual([quietReceipt]);
    const ahead = await claim(one);
    expect(ahead).toHaveLength(20);
    await releaseReceipts(kit.database, one, [...first, ...ahead]);
    await releaseReceipts(kit.database, other, second);
    const all = await claim(other);
    expect(all).toHaveLength(31);
    expect(all.every((row) => row.attempt === 1)).toBe(true);
    await kit.rows(sql`delete from receipt_queue`);
  });

  it("share a claim among the organizations that wait, however many receipts one of them has", async () => {
    const quietId = await kit.makeOrganization();
    const loud = await kit.makeIntegration(organizationId);
    const quiet = await kit.makeIntegration(quietId);
    for (let n = 0; n < 30; n++) await kit.storeSignals(loud, [{}]);
    const quietReceipt = await kit.storeSignals(quiet, [{}]);
    const claims = await claim(randomUUID(), 10);
    expect(claims.map((row) => row.receiptId)).toContain(quietReceipt);
    expect(claims.length).toBeLessThanOrEqual(10);
    await kit.rows(sql`delete from receipt_queue`);
  });

  it("claim at the same moment without taking one receipt twice", async () => {
    const integration = await kit.makeIntegration(organizationId);
    for (let n = 0; n < 20; n++) await kit.storeSignals(integration, [{}]);
    const taken = await Promise.all([claim(randomUUID(), 5), claim(randomUUID(), 5), claim(randomUUID(), 5)]);
    expect(taken.map((rows) => rows.length).sort()).toEqual([0, 0, 5]);
    await kit.rows(sql`delete from receipt_queue`);
  });
});

describe("a lease", () => {
  it("that has ended is taken over, and the late write of its former holder changes nothing", async () => {
    const integration = await kit.makeIntegration(organizationId);
    await kit.makeEndpoint(organizationId);
    const receiptId = await kit.storeSignals(integration, [{}]);
    const zombieId = randomUUID();
    const [zombieClaim] = await claim(zombieId);
    if (zombieClaim === undefined) throw new Error("nothing was claimed");
    kit.clock.advance(30_001);
    const triage = kit.makeTriage({ read: readSignals });
    expect(await triage.runOnce()).toBe(1);
    const before = await counts();
    const payload = {
      organizationId,
      id: receiptId,
      integrationId: integration.id,
      platform: "datadog",
      receivedAt: kit.clock.now(),
      verifiedBy: "signature",
      headers: {},
      isReplay: false,
    };
    const reading = {
      kind: "signals",
      variant: "test",
      signals: [makeSignal({ dedupKey: "other" })],
      heartbeat: false,
      warnings: [],
    } as const;
    const deps = {
      database: kit.database,
      clock: kit.clock,
      ids: kit.ids,
      metrics: kit.metrics,
      publicUrl: kit.publicUrl,
      nodeId: zombieId,
    };
    await expect(processReceipts(deps, [{ claim: zombieClaim, payload, integration, reading }])).rejects.toThrow(
      FencedError,
    );
    expect(await counts()).toEqual(before);
    expect(before).toMatchObject({ incidents: 1, waiting: 0 });
  });

  it("of a node that was fenced is counted, and the rest of its batch is written", async () => {
    const integration = await kit.makeIntegration(organizationId);
    const fencedBefore = await kit.metrics.read("overwatch_fenced_total", { stage: "triage" });
    const stolen = await kit.storeSignals(integration, [{ dedupKey: "stolen" }]);
    await kit.storeSignals(integration, [{ dedupKey: "kept" }]);
    let isStolen = false;
    const triage = kit.makeTriage({
      read: readSignals,
      database: {
        ...kit.database,
        async transaction(work, options) {
          // The claim is made; before the batch is written, another node takes a receipt over.
          if (!isStolen) {
            isStolen = true;
            await kit.rows(
              sql`update receipt_queue set attempts = attempts + 1, lease_node = ${randomUUID()} where receipt_id = ${stolen}`,
            );
          }
          return kit.database.transaction(work, options);
        },
      },
    });
    await triage.runOnce();
    expect(await kit.metrics.read("overwatch_fenced_total", { stage: "triage" })).toBe(fencedBefore + 1);
    const keys = await kit.rows<{ dedup_key: string }>(
      sql`select dedup_key from alerts where organization_id = ${organizationId}`,
    );
    expect(keys).toEqual([{ dedup_key: "kept" }]);
    expect(await counts()).toMatchObject({ waiting: 1, outcomes: 1 });
    await kit.rows(sql`delete from receipt_queue`);
  });
});

describe("poison", () => {
  it("is tried five times, each counted before the work, then quarantined, while the rest flows on", async () => {
    const integration = await kit.makeIntegration(organizationId);
    const poison = await kit.store(integration, { poison: true });
    const healthy = await kit.storeSignals(integration, [{}]);
    let tries = 0;
    const triage = kit.makeTriage({
      read: (given, body, context) => {
        if (!body.toString().includes("poison")) return readSignals(given, body, context);
        tries += 1;
        throw new Error("cannot be digested");
      },
    });
    await triage.runOnce();
    expect((await outcomeOf(healthy))?.status).toBe("processed");
    const attempts: number[] = [];
    for (let n = 0; n < 8; n++) {
      const [row] = await kit.rows<{ attempts: number }>(
        sql`select attempts from receipt_queue where receipt_id = ${poison}`,
      );
      if (row !== undefined) attempts.push(row.attempts);
      kit.clock.advance(60_000);
      await triage.runOnce();
    }
    expect(attempts).toEqual([1, 2, 3, 4]);
    // The first attempt reads it twice: with its batch, then alone.
    expect(tries).toBe(6);
    expect(await outcomeOf(poison)).toMatchObject({ status: "quarantined", reason: "poison: cannot be digested" });
  });

  it("that kills its process every time is quarantined without being touched again", async () => {
    const integration = await kit.makeIntegration(organizationId);
    const receiptId = await kit.storeSignals(integration, [{}]);
    for (let death = 0; death < 3; death++) {
      await claim(randomUUID());
      kit.clock.advance(30_001);
    }
    const triage = kit.makeTriage({
      read: () => {
        throw new Error("it must not be read");
      },
    });
    await triage.runOnce();
    expect(await outcomeOf(receiptId)).toMatchObject({
      status: "quarantined",
      reason: "poison: its process stopped while reading it",
    });
  });
});

describe("receipts that were claimed by a process that died", () => {
  it("are claimed few at a time, then alone, so that the guilty one takes hardly another with it", async () => {
    const integration = await kit.makeIntegration(organizationId);
    for (let n = 0; n < 120; n++) await kit.storeSignals(integration, [{ dedupKey: `k${n}` }]);
    const sizes: number[] = [];
    for (let death = 0; death < 3; death++) {
      sizes.push((await claim(randomUUID(), 500)).length);
      kit.clock.advance(30_001);
    }
    expect(sizes).toEqual([120, 50, 1]);
    const triage = kit.makeTriage({ read: readSignals });
    while ((await triage.runOnce()) > 0);
    const statuses = await kit.rows(sql`
      select status, count(*)::int as count from receipt_outcomes where organization_id = ${organizationId} group by status order by status`);
    // The one that was alone when its process died for the third time is taken for the guilty one.
    expect(statuses).toEqual([
      { status: "processed", count: 119 },
      { status: "quarantined", count: 1 },
    ]);
  });
});

describe("a database that goes away", () => {
  it("costs no attempt: the claims are given back and read when it is there again", async () => {
    const integration = await kit.makeIntegration(organizationId);
    const receiptId = await kit.storeSignals(integration, [{}]);
    let isAway = true;
    const gone = (): Promise<never> =>
      Promise.reject(Object.assign(new Error("terminating connection"), { code: "57P01" }));
    const triage = kit.makeTriage({
      read: readSignals,
      database: {
        ...kit.database,
        transaction: (work, options) => (isAway ? gone() : kit.database.transaction(work, options)),
      },
    });
    for (let n = 0; n < 7; n++) await expect(triage.runOnce()).rejects.toThrow("terminating connection");
    isAway = false;
    expect(await triage.runOnce()).toBe(1);
    expect((await outcomeOf(receiptId))?.status).toBe("processed");
  });

  it("while it is stopping gives its claims back at once", async () => {
    const integration = await kit.makeIntegration(organizationId);
    await kit.storeSignals(integration, [{}]);
    const gone = (): Promise<never> =>
      Promise.reject(Object.assign(new Error("terminating connection"), { code: "57P01" }));
    const stopping = kit.makeTriage({
      database: {
        ...kit.database,
        transaction: gone,
      },
    });
    await expect(stopping.runOnce()).rejects.toThrow();
    await stopping.stop();
    const other = kit.makeTriage({ read: readSignals });
    expect(await other.runOnce()).toBe(1);
  });
});
