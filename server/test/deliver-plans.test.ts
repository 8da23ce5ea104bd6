import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Queryable, Statement } from "../src/runtime/database.ts";
import { claimDeliveries } from "../src/store/delivery-queue.ts";
import { findDueEndpoints } from "../src/store/due-endpoints.ts";
import { sql } from "../src/store/sql.ts";
import { createDeliveryKit, type DeliveryKit } from "./support/delivery-kit.ts";

const ENDPOINT = randomUUID();
const ROWS = 5_000;

let kit: DeliveryKit;

// One endpoint has most of what there is, every delivery its own event, and nobody has analyzed any of it.
beforeAll(async () => {
  kit = await createDeliveryKit();
  await kit.database.rows(sql`
    with made as (
      insert into events (organization_id, id, type, incident_id, payload, created_at)
      select ${kit.organizationId}, gen_random_uuid(), 'incident.created', gen_random_uuid(), '{}', now()
      from generate_series(1, ${ROWS}::int)
      returning organization_id, id, incident_id
    ),
    linked as (
      insert into links (organization_id, endpoint_id, incident_id, captured, updated_at)
      select organization_id, ${ENDPOINT}, incident_id, '{}', now() from made
    )
    insert into deliveries (organization_id, id, event_id, event_type, event_at, endpoint_id, incident_id, status,
      next_attempt_at, created_at)
    select organization_id, gen_random_uuid(), id, 'incident.created', now(), ${ENDPOINT}, incident_id, 'pending', now(),
      now()
    from made`);
  await kit.database.rows(sql`
    with made as (
      insert into endpoints (organization_id, id, name, url, events, created_at, updated_at)
      select ${kit.organizationId}, gen_random_uuid(), '', 'https://example.test', '{}', now(), now()
      from generate_series(1, ${ROWS}::int)
      returning organization_id, id
    )
    insert into circuits (organization_id, endpoint_id, updated_at)
    select organization_id, id, now() from made`);
});
afterAll(() => kit.close());

/** The plan of a statement of the store, as it is run in one round trip, whatever PostgreSQL has learnt of the tables. */
async function planOf(run: (db: Queryable) => Promise<unknown>): Promise<string> {
  let last: Statement = { text: "", values: [] };
  const rows = async (statement: Statement) => {
    last = statement;
    return [];
  };
  await run({ rows });
  const { text, values } = last;
  const lines = await kit.database.lossyRows<Record<string, string>>({ text: `explain (costs off) ${text}`, values });
  return lines.map((row) => row["QUERY PLAN"]).join("\n");
}

const WHOLE_TABLES = /Seq Scan on (deliveries|events|links|incident_hops|circuits|endpoints)/;

const STATES = ["that nobody has analyzed", "that were analyzed"] as const;

describe.each(STATES)("with tables %s", (state) => {
  beforeAll(async () => {
    if (state === "that were analyzed")
      await kit.database.rows(sql`analyze deliveries, events, links, circuits, endpoints`);
  });

  it("deliveries are claimed by row address, and what they are rendered from is found by its keys", async () => {
    const plan = await planOf((db) =>
      claimDeliveries(db, {
        nodeId: randomUUID(),
        now: Date.now(),
        leaseUntil: Date.now() + 1_000,
        picks: [
          {
            organizationId: kit.organizationId,
            endpointId: ENDPOINT,
            rows: 100,
            probeUntil: null,
            circuitState: "closed",
            circuitFailures: 0,
            forcedDeliveryId: null,
          },
        ],
      }),
    );
    expect(plan).toContain("using deliveries_due on deliveries");
    expect(plan).toContain("Tid Scan on deliveries");
    expect(plan).not.toContain("Bitmap Heap Scan");
    for (const key of ["events_pkey", "links_pkey", "incident_hops_pkey", "circuits_pkey"]) expect(plan).toContain(key);
    expect(plan).not.toMatch(WHOLE_TABLES);
  });

  it("endpoints with something due are judged by their keys", async () => {
    const plan = await planOf((db) =>
      findDueEndpoints(db, {
        now: Date.now(),
        position: { afterOrganization: null, resume: [] },
        most: 256,
        mostOrganizations: 64,
      }),
    );
    for (const key of ["endpoints_pkey", "circuits_pkey"]) expect(plan).toContain(key);
    expect(plan.match(/using deliveries_due on deliveries/g)).toHaveLength(4);
    expect(plan).not.toContain("Bitmap Heap Scan");
    expect(plan).not.toMatch(WHOLE_TABLES);
  });
});
