import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Database, Queryable, Statement } from "../src/runtime/database.ts";
import { lockAlertsByKey, lockStaleAlerts, readTallies } from "../src/store/alerts.ts";
import { isAnyIncidentDue, lockIncidentsOfAlerts } from "../src/store/incidents.ts";
import { claimReceipts } from "../src/store/receipt-claims.ts";
import { readReceiptPayloads } from "../src/store/receipt-payloads.ts";
import { takeReceipts } from "../src/store/receipt-queue.ts";
import { sql } from "../src/store/sql.ts";
import { createTriageKit, type TriageKit } from "./support/triage-kit.ts";

const NODE = randomUUID();
const INTEGRATION = randomUUID();
const ROWS = 5_000;

let kit: TriageKit;
let organizationId: string;

// As after the first seconds of a storm on a fresh installation: full tables that nobody has analyzed.
beforeAll(async () => {
  kit = await createTriageKit();
  organizationId = await kit.makeOrganization();
  await kit.rows(sql`
    insert into alerts (organization_id, id, integration_id, dedup_key, external_id, status, severity, title, description,
      labels, links, incident_id, group_key, first_seen_at, last_seen_at)
    select ${organizationId}, gen_random_uuid(), ${INTEGRATION}, 'key ' || n, '', 'firing', 'high', '', '', '{}', '[]',
      gen_random_uuid(), '', now(), now()
    from generate_series(1, ${ROWS}::int) n`);
  await kit.rows(sql`
    insert into incidents (organization_id, id, number, integration_id, group_key, status, severity, title, description,
      labels, links, created_at, updated_at)
    select ${organizationId}, gen_random_uuid(), n, ${INTEGRATION}, 'group ' || n, 'open', 'high', '', '', '{}', '[]',
      now(), now()
    from generate_series(1, ${ROWS}::int) n`);
  await kit.rows(sql`
    insert into receipt_queue (organization_id, receipt_id, integration_id)
    select ${organizationId}, gen_random_uuid(), ${INTEGRATION} from generate_series(1, ${ROWS}::int)`);
});
afterAll(() => kit.close());

/** The plan of the last statement that a function of the store runs, as text. */
async function planOf(run: (db: Queryable & Pick<Database, "lossyRows">) => Promise<unknown>): Promise<string> {
  let last: Statement | null = null;
  const rows = async (statement: Statement) => {
    last = statement;
    return [];
  };
  await run({ rows, lossyRows: rows });
  const { text, values } = last ?? { text: "", values: [] };
  const lines = await kit.database.rows<Record<string, string>>({ text: `explain (costs off) ${text}`, values });
  return lines.map((row) => row["QUERY PLAN"]).join("\n");
}

const many = Array.from({ length: 300 }, (_, n) => n);

it("alerts are found by their unique key", async () => {
  const plan = await planOf((db) =>
    lockAlertsByKey(
      db,
      many.map((n) => ({ organizationId, integrationId: INTEGRATION, dedupKey: `key ${n}` })),
    ),
  );
  expect(plan).toContain("Index Scan using alerts_dedup_key on alerts");
});

it("incidents are found by id and by group, never by walking over all that are unresolved", async () => {
  const plan = await planOf((db) =>
    lockIncidentsOfAlerts(
      db,
      many.map((n) => ({ organizationId, integrationId: INTEGRATION, dedupKey: `key ${n}` })),
      many.map((n) => ({ organizationId, groupKey: `group ${n}` })),
    ),
  );
  expect(plan).toContain("Index Scan using alerts_dedup_key on alerts");
  expect(plan).toContain("Index Scan using incidents_pkey on incidents");
  expect(plan).toContain("using incidents_open_group on incidents");
  expect(plan).toContain("using incidents_group on incidents");
  expect(plan).not.toMatch(/incidents_unresolved|incidents_of_integration|incidents_by_severity/);
});

it("tallies, stale alerts and due incidents have their indexes", async () => {
  expect(await planOf((db) => readTallies(db, [{ organizationId, id: randomUUID() }]))).toContain("alerts_of_incident");
  expect(await planOf((db) => lockStaleAlerts(db, organizationId, INTEGRATION, 0, 10))).toContain("alerts_stale");
  expect(await planOf((db) => isAnyIncidentDue(db, 0))).toContain("incidents_update_due");
});

it("the queue is claimed and left by its primary key and by row address alone", async () => {
  const claim = {
    nodeId: NODE,
    now: 0,
    leaseUntil: 1,
    after: "00000000-0000-0000-0000-000000000000",
    limit: 500,
    contentBytes: 1_000_000,
  };
  const plans = [
    await planOf((db) => claimReceipts(db, claim)),
    await planOf((db) =>
      takeReceipts(
        db,
        NODE,
        many.map(() => ({ organizationId, receiptId: kit.ids.next(), attempt: 1 })),
      ),
    ),
  ];
  for (const plan of plans) {
    expect(plan).toContain("receipt_queue_pkey");
    expect(plan).toContain("Tid Scan on receipt_queue");
    expect(plan).not.toContain("Seq Scan on receipt_queue");
  }
});

it("receipts are read one row at a time, each from its own partition", async () => {
  const plan = await planOf((db) =>
    readReceiptPayloads(
      db,
      many.map(() => ({ organizationId, receiptId: kit.ids.next() })),
      1_000,
    ),
  );
  expect(plan).toContain("Nested Loop");
  expect(plan).not.toMatch(/Hash Join|Merge Join/);
});
