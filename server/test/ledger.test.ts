import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { announce } from "../src/announce/announce.ts";
import { dayOfUuid } from "../src/runtime/id.ts";
import { retryDelivery } from "../src/store/delivery-actions.ts";
import { checkLedger, dayOfEvent, listLedgerDifferences, readLedgerTotals } from "../src/store/ledger.ts";
import { listLedgers, readLedger } from "../src/store/ledger-read.ts";
import { deleteLooseEventsBefore, deleteResolvedIncidentsBefore } from "../src/store/retention.ts";
import { sql, timestamp } from "../src/store/sql.ts";
import { createDeliveryKit, type DeliveryKit } from "./support/delivery-kit.ts";

let kit: DeliveryKit;
let endpointId: string;

beforeAll(async () => {
  kit = await createDeliveryKit();
});
afterAll(() => kit.close());
beforeEach(async () => {
  await kit.database.rows(sql`
    truncate deliveries, events, attempts, circuits, secrets, endpoints, ledger_entries, ledger_days, incidents cascade`);
  endpointId = (await kit.makeEndpoint({ url: "http://127.0.0.1:9/ledger" })).endpoint.id;
});

/** Folds and looks at everything; returns whether this node did. */
const check = (): Promise<boolean> => {
  kit.clock.advance(1_000);
  return checkLedger(kit.database, { now: kit.clock.now(), lookedAtBefore: kit.clock.now(), days: 100 });
};
const ledger = () => readLedger(kit.database, kit.organizationId, endpointId, kit.clock.now());

async function makeIncident(): Promise<string> {
  const id = kit.ids.next();
  const now = timestamp(kit.clock.now());
  await kit.database.rows(sql`
    insert into incidents (organization_id, id, number, integration_id, group_key, status, severity, title, description,
      labels, links, created_at, updated_at, resolved_at)
    values (${kit.organizationId}, ${id}, (select count(*) + 1 from incidents), ${id}, ${id}, 'resolved', 'high', 'title',
      '', '{}', '[]', ${now}, ${now}, ${now})`);
  return id;
}

async function tell(incidentId: string | null): Promise<string> {
  const [made] = await kit.database.transaction((tx) =>
    announce(tx, kit, kit.organizationId, [
      {
        type: "incident.created",
        incidentId,
        integrationId: null,
        endpointId: null,
        sequence: incidentId === null ? 0 : 1,
        payload: {},
        at: kit.clock.now(),
      },
    ]),
  );
  return made?.id ?? "";
}

describe("the ledger", () => {
  it("has what was matched before and after it was folded, from another source than the deliveries", async () => {
    await tell(null);
    await tell(null);
    expect(await ledger()).toMatchObject({ matched: 2, pending: 2, checkedAt: null });
    expect(await check()).toBe(true);
    expect(await kit.database.rows(sql`select * from ledger_entries`)).toEqual([]);
    await tell(null);
    expect(await ledger()).toMatchObject({ matched: 3, pending: 3, checkedAt: kit.clock.now() });
    expect(await listLedgerDifferences(kit.database, 10)).toEqual([]);
  });

  it("turns red when a delivery is lost, and stays green while deliveries only change their state", async () => {
    await tell(null);
    const lost = await tell(null);
    await check();
    await kit.database.rows(sql`
      update deliveries set status = 'succeeded', next_attempt_at = null, finished_at = now() where event_id <> ${lost}`);
    await check();
    expect(await readLedgerTotals(kit.database)).toEqual({ missing: 0, surplus: 0 });
    await kit.database.rows(sql`delete from deliveries where event_id = ${lost}`);
    expect(await ledger()).toMatchObject({ matched: 2, succeeded: 1, pending: 0 });
    await check();
    const { organizationId } = kit;
    expect(await listLedgerDifferences(kit.database, 10)).toEqual([{ organizationId, endpointId, difference: -1 }]);
    expect(await readLedgerTotals(kit.database)).toEqual({ missing: 1, surplus: 0 });
  });

  it("turns red when there is a delivery that nobody matched", async () => {
    await tell(null);
    await kit.database.rows(sql`
      insert into deliveries (organization_id, id, event_id, event_type, event_at, endpoint_id, status, created_at, resend_of)
      select organization_id, ${kit.ids.next()}, event_id, event_type, event_at, endpoint_id, status, created_at, id
      from deliveries`);
    await check();
    expect(await readLedgerTotals(kit.database)).toEqual({ missing: 0, surplus: 1 });
  });

  it("balances after retention has removed incidents, and is settled when a lost delivery's incident goes", async () => {
    const [one, other] = [await makeIncident(), await makeIncident()];
    await tell(one);
    const lost = await tell(other);
    await kit.database.rows(sql`
      update deliveries set status = 'succeeded', next_attempt_at = null, finished_at = now()`);
    await kit.database.rows(sql`delete from deliveries where event_id = ${lost}`);
    await check();
    expect(await readLedgerTotals(kit.database)).toEqual({ missing: 1, surplus: 0 });
    expect(await deleteResolvedIncidentsBefore(kit.database, kit.clock.now() + 1)).toBe(2);
    expect(await ledger()).toMatchObject({ matched: 0, succeeded: 0 });
    await check();
    expect(await readLedgerTotals(kit.database)).toEqual({ missing: 0, surplus: 0 });
  });

  it("balances after retention has removed old events without an incident, which waits for those that are not finished", async () => {
    await tell(null);
    await tell(null);
    const [finished, waiting] = await kit.deliveries();
    await kit.database.rows(sql`
      update deliveries set status = 'succeeded', next_attempt_at = null, finished_at = now() where id = ${finished?.id}`);
    const incident = await tell(await makeIncident());
    kit.clock.advance(31 * 86_400_000);
    const young = await tell(null);
    const before = kit.clock.now() - 30 * 86_400_000;
    expect(await deleteLooseEventsBefore(kit.database, before)).toBe(1);
    expect(await deleteLooseEventsBefore(kit.database, before), "nothing is left to remove").toBe(0);
    const left = await kit.database.rows<{ id: string }>(sql`select id from events order by id`);
    expect(left.map((event) => event.id)).toEqual(expect.arrayContaining([incident, young]));
    expect(left).toHaveLength(3);
    expect((await kit.deliveries()).map((row) => row.id)).toContain(waiting?.id);
    await check();
    expect(await readLedgerTotals(kit.database)).toEqual({ missing: 0, surplus: 0 });
    expect(await ledger()).toMatchObject({ matched: 3, pending: 3, succeeded: 0 });
  });

  it("above a bound has the figures of the last count with its moment, which balance as of then", async () => {
    const bounded = (most: number) => readLedger(kit.database, kit.organizationId, endpointId, kit.clock.now(), most);
    for (let index = 0; index < 5; index++) await tell(null);
    expect(await bounded(0), "nothing was counted yet").toMatchObject({ pending: 5, asOf: kit.clock.now() });
    await check();
    const countedAt = kit.clock.now();
    await kit.database.rows(sql`
      update deliveries
      set status = 'succeeded', next_attempt_at = null, finished_at = now()
      where id in (select id from deliveries limit 2)`);
    await tell(null);
    kit.clock.advance(30_000);
    expect(await bounded(4)).toMatchObject({ matched: 5, succeeded: 0, pending: 5, asOf: countedAt });
    expect(await bounded(6)).toMatchObject({ matched: 6, succeeded: 2, pending: 4, asOf: kit.clock.now() });
    const [whole] = await listLedgers(kit.database, kit.organizationId, kit.clock.now(), 4);
    expect(whole).toMatchObject({ endpointId, matched: 5, asOf: countedAt });
    await check();
    expect(await bounded(4)).toMatchObject({ matched: 6, succeeded: 2, pending: 4, asOf: kit.clock.now() });
  });

  it("counts a day again while its deliveries change, and no more when all are finished, unless one is retried", async () => {
    const look = async (): Promise<boolean> => {
      await checkLedger(kit.database, {
        now: kit.clock.now(),
        lookedAtBefore: kit.clock.now() - 6 * 3_600_000,
        days: 20,
      });
      const [day] = await kit.database.rows<{ countedAt: number }>(
        sql`select counted_at as "countedAt" from ledger_days`,
      );
      return day?.countedAt === kit.clock.now();
    };
    await tell(null);
    expect(await look()).toBe(true);
    kit.clock.advance(59_000);
    expect(await look()).toBe(false);
    kit.clock.advance(1_100);
    await kit.database.rows(sql`
      update deliveries set status = 'succeeded', next_attempt_at = null, finished_at = now()`);
    expect(await look(), "one was not finished when it was counted").toBe(true);
    kit.clock.advance(3_600_000);
    expect(await look()).toBe(false);
    const [delivery] = await kit.deliveries();
    await kit.database.transaction((tx) => retryDelivery(tx, kit.organizationId, delivery?.id ?? "", kit.clock.now()));
    expect(await look()).toBe(true);
    expect(await readLedger(kit.database, kit.organizationId, endpointId, 0, -1)).toMatchObject({ pending: 1 });
    expect(await readLedgerTotals(kit.database)).toEqual({ missing: 0, surplus: 0 });
  });

  it("is checked by one node at a time", async () => {
    await tell(null);
    await kit.database.transaction(async (tx) => {
      await tx.rows(sql`select pg_advisory_xact_lock(7242, 0)`);
      expect(await check()).toBe(false);
    });
    expect(await check()).toBe(true);
  });

  it("counts an event by the same day in the program and in the database", async () => {
    for (const offset of [0, 12 * 3_600_000 - 1, 12 * 3_600_000]) {
      kit.clock.advance(offset);
      const id = kit.ids.next();
      const [row] = await kit.database.rows<{ day: number }>(sql`
        select ${dayOfEvent(sql`given.id`)} as day from (select ${id}::uuid as id) given`);
      expect(row?.day).toBe(dayOfUuid(id));
    }
  });
});
