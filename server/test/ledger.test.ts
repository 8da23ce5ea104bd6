import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { announce } from "../src/announce/announce.ts";
import { dayOfUuid } from "../src/runtime/id.ts";
import { checkLedger, dayOfEvent, listLedgerDifferences, readLedgerTotals } from "../src/store/ledger.ts";
import { readLedger } from "../src/store/ledger-read.ts";
import { deleteResolvedIncidentsBefore } from "../src/store/retention.ts";
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
const ledger = () => readLedger(kit.database, kit.organizationId, endpointId);

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
