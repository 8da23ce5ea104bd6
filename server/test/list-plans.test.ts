import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Queryable, Statement } from "../src/runtime/database.ts";
import { findEndpointFailures, readHours, sumLastHour } from "../src/store/activity.ts";
import { ALL_ALERTS, countAlertFacets, listAlerts } from "../src/store/alerts-read.ts";
import { listDeliveryStates, listReceiptStates } from "../src/store/changes.ts";
import { listDeliveries, listDeliveriesOfEvents } from "../src/store/deliveries-list.ts";
import { listEvents } from "../src/store/events.ts";
import { countFacets } from "../src/store/incident-facets.ts";
import { ALL_INCIDENTS } from "../src/store/incident-filter.ts";
import { listComparable, listLastNotes } from "../src/store/incident-likes.ts";
import { listIncidents } from "../src/store/incidents-read.ts";
import { listUnbalanced, readLastLedgerCheck } from "../src/store/ledger-read.ts";
import {
  countUnresolved,
  listBrokenEndpoints,
  listSilentIntegrations,
  readOldestWaiting,
} from "../src/store/overview.ts";
import { readReceiptTitles } from "../src/store/receipt-titles.ts";
import { listReceipts } from "../src/store/receipts-read.ts";
import { findPrevious, searchReceipts } from "../src/store/receipts-search.ts";
import { listRefusals } from "../src/store/refusals.ts";
import { listViews } from "../src/store/saved-views.ts";
import { sql, trusted } from "../src/store/sql.ts";
import { findFirstLine } from "../src/store/timeline.ts";
import { type ApiKit, createApiKit } from "./support/api-kit.ts";

let kit: ApiKit;
const ONE = "00000000-0000-7000-8000-000000000001";
const OTHER = "00000000-0000-7000-8000-000000000002";
const page = { before: null, limit: 51 };
const newest = { sort: "newest", after: null, limit: 50 } as const;
const ALL_DELIVERIES = {
  endpointIds: null,
  incidentId: null,
  eventId: null,
  eventTypes: null,
  statuses: null,
  reasons: null,
  since: null,
  until: null,
  q: null,
};
const noFilter = {
  integrationId: null,
  incidentId: null,
  endpointId: null,
  eventId: null,
  eventType: null,
  status: null,
  severity: null,
  since: null,
  until: null,
  q: null,
};

beforeAll(async () => {
  kit = await createApiKit();
  const id = "(lpad(to_hex(1795435200000 - n), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid";
  const source = `case when n % 1000 = 0 then '${ONE}'::uuid else '${OTHER}'::uuid end`;
  const isOpen = "n % 50 = 0";
  const severity = "case when n % 1000 = 0 then 'critical' else 'medium' end";
  const title = "'High error rate on service-' || n || '.example.com'";
  await kit.database.rows(
    sql`${trusted(`
    insert into incidents (organization_id, id, number, integration_id, group_key, status, severity, title, description,
      labels, links, created_at, updated_at, resolved_at)
    select '${kit.home.id}', ${id}, n, ${source}, 'g' || n, case when ${isOpen} then 'open' else 'resolved' end,
      ${severity}, ${title}, '', '{}', '[]', now(), now(), case when ${isOpen} then null else now() end
    from generate_series(1, 5000) n`)}`,
  );
  await kit.database.rows(
    sql`${trusted(`
    insert into alerts (organization_id, id, integration_id, dedup_key, external_id, status, severity, title, description,
      labels, links, group_key, first_seen_at, last_seen_at, incident_id)
    select '${kit.home.id}', ${id}, ${source}, 'k' || n, 'k', 'resolved', ${severity}, ${title}, '', '{}', '[]', 'g',
      now(), now(), ${id}
    from generate_series(1, 5000) n`)}`,
  );
  await kit.database.rows(
    sql`${trusted(`
    insert into deliveries (organization_id, id, event_id, event_type, event_at, endpoint_id, incident_id, status,
      created_at, finished_at)
    select '${kit.home.id}', ${id}, ${id}, 'incident.created', now(), ${source}, ${id}, 'succeeded', now(), now()
    from generate_series(1, 5000) n`)}`,
  );
  await kit.database.rows(sql`analyze incidents`);
  await kit.database.rows(sql`analyze deliveries`);
  await kit.database.rows(sql`analyze alerts`);
});
afterAll(() => kit.close());

/** The plan of the first statement that a list runs. */
async function planOf(list: (db: Queryable) => Promise<unknown>): Promise<string> {
  let first: Statement | null = null;
  await list({
    rows: async (statement) => {
      first ??= statement;
      return [];
    },
  });
  const caught: Statement = first ?? { text: "", values: [] };
  const rows = await kit.database.transaction(async (tx) => {
    // These tables are small; what matters is which index there is when they are not.
    await tx.rows(sql`set local enable_seqscan = off`);
    return tx.rows<{ "QUERY PLAN": string }>({ text: `explain ${caught.text}`, values: caught.values });
  });
  return rows.map((row) => row["QUERY PLAN"]).join("\n");
}

describe("the lists of the API are read by an index, newest first", () => {
  it.each([
    ["all", {}, "incidents_pkey"],
    ["of an integration", { integrationIds: [ONE] }, "incidents_of_integration"],
    ["of several integrations", { integrationIds: [ONE, OTHER] }, "incidents_of_integration"],
    ["of a severity", { severities: ["critical"] }, "incidents_by_severity"],
    ["of several severities and resolved", { severities: ["critical", "low"], statuses: ["resolved"] }, "by_severity"],
    ["that are open", { statuses: ["open"] }, "incidents_unresolved"],
    ["that somebody has", { statuses: ["open", "acknowledged"], assignees: ["ada", null] }, "incidents_unresolved"],
    ["with words", { q: "service-777" }, "incidents_words"],
    ["with a number", { q: "#77" }, "incidents_number"],
  ] as const)("incidents %s", async (_what, filter, index) => {
    for (const sort of ["newest", "oldest"] as const) {
      const plan = await planOf((db) =>
        listIncidents(db, kit.home.id, { ...ALL_INCIDENTS, ...filter }, { sort, after: null, limit: 50 }),
      );
      expect(plan).toContain(index);
      expect(plan).not.toContain("Seq Scan");
      // In order as they come: nothing is sorted but what a search has found.
      if (!("q" in filter)) expect(plan).not.toContain("Sort Key: id");
    }
  });

  it("unresolved incidents in other orders, and every facet", async () => {
    const open = { ...ALL_INCIDENTS, statuses: ["open"] } as const;
    for (const sort of ["updated", "severity"] as const) {
      const ask = { sort, after: null, limit: 50 };
      expect(await planOf((db) => listIncidents(db, kit.home.id, open, ask))).toContain("incidents_unresolved");
    }
    const plan = await planOf((db) => countFacets(db, kit.home.id, ALL_INCIDENTS));
    expect(plan).toContain("incidents_unresolved");
    expect(plan).not.toContain("Seq Scan");
  });

  it("what helps to understand an incident", async () => {
    const [incident] = (
      await listIncidents(kit.database, kit.home.id, { ...ALL_INCIDENTS, integrationIds: [ONE] }, newest)
    ).rows;
    if (incident === undefined) throw new Error("no incident");
    const likes = await planOf((db) => listComparable(db, incident));
    expect(likes).toContain("incidents_group");
    expect(likes).toContain("incidents_of_integration");
    expect(await planOf((db) => listLastNotes(db, kit.home.id, [incident.id]))).toContain("timeline_of_incident");
    expect(await planOf((db) => findFirstLine(db, kit.home.id, incident.id))).toContain("timeline_of_incident");
  });

  it.each([
    ["all", {}, "alerts_pkey"],
    ["of an integration", { integrationIds: [ONE] }, "alerts_of_integration"],
    ["of several integrations", { integrationIds: [ONE, OTHER] }, "alerts_of_integration"],
    ["of an incident", { incidentId: ONE }, "alerts_of_incident"],
    ["that fire", { statuses: ["firing"] }, "alerts_stale"],
  ] as const)("alerts %s", async (_what, filter, index) => {
    const plan = await planOf((db) => listAlerts(db, kit.home.id, { ...ALL_ALERTS, ...filter }, page));
    expect(plan).toContain(index);
    expect(plan).not.toContain("Seq Scan");
  });

  it("the counts beside alerts, and what the check of the ledger has found", async () => {
    const facets = await planOf((db) => countAlertFacets(db, kit.home.id, ALL_ALERTS));
    expect(facets).toContain("alerts_stale");
    expect(facets).not.toContain("Seq Scan");
    expect(await planOf((db) => listUnbalanced(db, kit.home.id))).toContain("ledger_days_unbalanced");
    expect(await planOf((db) => readLastLedgerCheck(db, kit.home.id))).toContain("ledger_days_pkey");
  });

  it.each([
    ["of an endpoint", { endpointIds: [ONE] }, "deliveries_of_endpoint"],
    ["of several endpoints", { endpointIds: [ONE, OTHER] }, "deliveries_of_endpoint"],
    ["of an incident", { incidentId: ONE }, "deliveries_of_incident"],
    ["of an event", { eventId: ONE }, "deliveries_event_endpoint"],
    ["that were given up", { statuses: ["exhausted"] }, "deliveries_exhausted"],
  ] as const)("deliveries %s", async (_what, filter, index) => {
    const plan = await planOf((db) =>
      listDeliveries(db, kit.home.id, { ...ALL_DELIVERIES, ...filter }, { before: null, limit: 50 }),
    );
    expect(plan).toContain(index);
  });

  it("receipts, and their rare states by their own indexes", async () => {
    expect(await planOf((db) => listReceipts(db, kit.home.id, { ...noFilter, integrationId: ONE }, page))).toMatch(
      /receipts_.*integration_id/,
    );
    const rare = { ...noFilter, integrationId: ONE, status: "quarantined" } as const;
    expect(await planOf((db) => listReceipts(db, kit.home.id, rare, page))).toMatch(
      /receipt_outcomes_\d+_organization_id_integration_id_st_idx/,
    );
    const queued = { ...noFilter, status: "queued" } as const;
    expect(await planOf((db) => listReceipts(db, kit.home.id, queued, page))).toContain("receipt_queue");
    const search = { integrationId: null, statuses: null, since: null, until: null, q: "request-1" };
    const found = await planOf((db) => searchReceipts(db, kit.home.id, search, page));
    expect(found).toMatch(/receipts_\d+_pkey/);
    // Each outcome by its key, however many receipts are looked at.
    expect(found).not.toMatch(/Hash|Merge Join/);
    const receipt = { id: kit.ids.next(), integrationId: ONE, alertIds: ["a"] };
    const before = await planOf((db) => findPrevious(db, kit.home.id, receipt));
    expect(before).toMatch(/receipts_.*integration_id/);
    expect(before).not.toMatch(/Hash|Merge Join/);
    const titles = await planOf((db) => readReceiptTitles(db, kit.home.id, [kit.ids.next(), ONE]));
    expect(titles).toMatch(/receipt_outcomes_\d+_pkey/);
    expect(titles).toContain("alerts_pkey");
    expect(titles).not.toMatch(/Seq Scan|Hash|Merge Join/);
    expect(await planOf((db) => listDeliveriesOfEvents(db, kit.home.id, [ONE], 100))).toContain("event_endpoint");
  });

  it("what live streams look at", async () => {
    const ask = { since: kit.ids.next(), ids: [kit.ids.next()], limit: 1_000 };
    const receipts = await planOf((db) => listReceiptStates(db, kit.home.id, ask));
    expect(receipts).toMatch(/receipts_\d+_pkey/);
    expect(receipts).not.toContain("Seq Scan");
    const deliveries = await planOf((db) => listDeliveryStates(db, kit.home.id, ask));
    expect(deliveries).toContain("deliveries_pkey");
    expect(deliveries).toMatch(/attempts_\d+_pkey/);
    expect(deliveries).not.toContain("Seq Scan");
  });

  it("what the overview looks at", async () => {
    expect(await planOf((db) => countUnresolved(db, kit.home.id))).toContain("incidents_unresolved");
    const waiting = await planOf((db) => readOldestWaiting(db, kit.home.id));
    expect(waiting).toContain("receipt_queue_pkey");
    expect(waiting).toContain("deliveries_due");
    expect(waiting).not.toContain("Seq Scan");
    expect(await planOf((db) => listBrokenEndpoints(db, kit.home.id, 20))).not.toContain("Seq Scan");
    expect(await planOf((db) => listSilentIntegrations(db, kit.home.id, kit.clock.now(), 20))).not.toContain("Seq");
    const views = { page: "incidents", before: null, limit: 51 };
    expect(await planOf((db) => listViews(db, kit.home.id, "key:1", views))).toContain("saved_views");
  });

  it("figures of what happened", async () => {
    const now = kit.clock.now();
    const hours = await planOf((db) => readHours(db, kit.home.id, [ONE, OTHER], now - 86_400_000, now));
    expect(hours).toMatch(/activity_pkey.*[\s\S]*bucket = .*subject_id = /);
    expect(await planOf((db) => sumLastHour(db, kit.home.id, now))).toContain("activity_pkey");
    expect(await planOf((db) => listRefusals(db, kit.home.id, ONE, page))).toContain("refusals_pkey");
    expect(await planOf((db) => findEndpointFailures(db, kit.home.id, [ONE]))).toContain("endpoint_failures_pkey");
  });

  it("events", async () => {
    const none = { ...page, incidentId: null, type: null };
    expect(await planOf((db) => listEvents(db, kit.home.id, none))).toContain("events_pkey");
  });
});

describe("searching incidents", () => {
  const numbers = async (query: string): Promise<readonly number[]> =>
    ((await kit.ask({ path: `/incidents?${query}` })).at("data") as { number: number }[]).map((one) => one.number);

  it("finds resolved ones by their words, old and new, in any case", async () => {
    expect(await numbers("q=service-4999")).toEqual([4999]);
    expect(await numbers("q=SERVICE-4999.exam")).toEqual([4999]);
    expect(await numbers("q=4999%20error")).toEqual([4999]);
    expect(await numbers("q=nothing-of-the-kind")).toEqual([]);
    expect(await numbers("q=%22%27%5C%20%26%20%7C%20%21%20%28%29%20%3A%2A%204999")).toEqual([4999]);
  });

  it("pages through frequent words without gaps or repeats", async () => {
    const seen: number[] = [];
    let cursor = "";
    for (let pages = 0; pages < 30; pages++) {
      const reply = await kit.ask({ path: `/incidents?q=error%20rate&limit=200${cursor}` });
      seen.push(...(reply.at("data") as { number: number }[]).map((one) => one.number));
      const next = reply.at("next_cursor");
      if (next === null) break;
      cursor = `&cursor=${String(next)}`;
    }
    expect(seen).toEqual(Array.from({ length: 5000 }, (_, index) => index + 1));
  });

  it("keeps to the other filters", async () => {
    expect(await numbers("q=error&severity=critical")).toEqual([1000, 2000, 3000, 4000, 5000]);
    expect(await numbers("q=service-50&status=open")).toEqual([50, 500, 5000].filter((one) => one % 50 === 0));
    expect(await numbers("q=service-51&status=resolved&limit=1")).toEqual([51]);
    expect(await numbers(`q=error&integration_id=${kit.ids.next()}`)).toEqual([]);
  });
});
