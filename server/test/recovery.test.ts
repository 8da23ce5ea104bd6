import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { announce } from "../src/announce/announce.ts";
import { readSelection } from "../src/api/bulk-start.ts";
import type { EventType } from "../src/core/event.ts";
import { type BulkRunner, createBulkRunner } from "../src/deliver/bulk-runner.ts";
import { createDeliverer, type Deliverer } from "../src/deliver/deliverer.ts";
import { createEgress, type Egress } from "../src/runtime/egress.ts";
import { createLog } from "../src/runtime/log.ts";
import { createMetrics } from "../src/runtime/metrics.ts";
import { createVault } from "../src/runtime/secrets.ts";
import { countSelection } from "../src/store/delivery-selection.ts";
import { checkLedger, readLedgerTotals } from "../src/store/ledger.ts";
import { deleteBulkRunsBefore } from "../src/store/retention.ts";
import { sql } from "../src/store/sql.ts";
import { type ApiKit, createApiKit, type Reply } from "./support/api-kit.ts";
import { type Receiver, startReceiver } from "./support/receiver.ts";

const metrics = createMetrics({ withProcessMetrics: false });
let kit: ApiKit;
let receiver: Receiver;
let egress: Egress;
let deliverer: Deliverer;
let runner: BulkRunner;

const makeRunner = (): BulkRunner =>
  createBulkRunner({
    database: kit.database,
    clock: kit.clock,
    ids: kit.ids,
    log: createLog("silent"),
    metrics,
    onDue: () => undefined,
  });

beforeAll(async () => {
  kit = await createApiKit();
  receiver = await startReceiver();
  egress = createEgress({ allowCidrs: ["127.0.0.0/8"], now: kit.clock.now });
});
afterAll(async () => {
  await egress.close();
  await receiver.close();
  await kit.close();
});
beforeEach(async () => {
  receiver.respondWith({ status: 200 });
  await kit.database.rows(sql`
    truncate deliveries, events, attempts, circuits, secrets, links, endpoints, ledger_entries, ledger_days, bulk_runs
    cascade`);
  runner = makeRunner();
  deliverer = createDeliverer({
    database: kit.database,
    clock: kit.clock,
    ids: kit.ids,
    log: createLog("silent"),
    metrics,
    vault: createVault("a secret key of the tests, long enough"),
    egress,
    nodeId: kit.ids.next(),
    random: () => 0.5,
    monotonicNow: () => performance.now(),
    place: () => ({ rank: 0, nodes: 1 }),
  });
});

const post = (path: string, body: object = {}): Promise<Reply> => kit.ask({ method: "POST", path, body });

async function makeEndpoint(settings: object = {}): Promise<string> {
  const fields = { name: "receiver", url: `${receiver.url}/in/{{incident.number}}`, retry: { max_attempts: 1 } };
  const made = await post("/endpoints", { ...fields, ...settings });
  expect(made.status).toBe(201);
  return made.str("id");
}

type Told = { readonly incident?: string; readonly sequence?: number; readonly type?: EventType };

/** Announces events of incidents, each of its own unless told otherwise. */
async function tell(count: number, told: Told = {}): Promise<void> {
  for (let index = 0; index < count; index++) {
    const { incident = kit.ids.next(), sequence = 1, type = "incident.created" } = told;
    await kit.database.transaction((tx) =>
      announce(tx, { ids: kit.ids, metrics }, kit.home.id, [
        {
          type,
          incidentId: incident,
          integrationId: null,
          endpointId: null,
          sequence: sequence + index,
          payload: { incident: { id: incident, number: sequence + index, severity: index % 2 ? "low" : "high" } },
          at: kit.clock.now(),
        },
      ]),
    );
    kit.clock.advance(10);
  }
}

type Row = { id: string; event_id: string; status: string; cancel_reason: string | null; resend_of: string | null };
const rows = () =>
  kit.database.rows<Row>(sql`
    select id, event_id, status, cancel_reason, resend_of from deliveries order by id`);
const tally = async () => {
  const counted: Record<string, number> = {};
  for (const row of await rows()) counted[row.status] = (counted[row.status] ?? 0) + 1;
  return counted;
};

/** Works a run off to its end, the clock moved along; returns how many steps that took. */
async function workOff(): Promise<number> {
  for (let steps = 0; ; steps++) {
    while (await runner.runOnce());
    const [left] = await kit.database.rows(sql`select id from bulk_runs where status = 'running'`);
    if (left === undefined) return steps;
    kit.clock.advance(1_000);
  }
}

/** Sends what is due until nothing is. */
async function sendAll(): Promise<void> {
  while ((await deliverer.runOnce()) > 0);
}

async function expectBalanced(): Promise<void> {
  const ledger = await kit.ask({ path: "/ledger" });
  expect(ledger.at("balanced"), ledger.text).toBe(true);
  kit.clock.advance(1_000);
  await checkLedger(kit.database, { now: kit.clock.now(), lookedAtBefore: kit.clock.now(), days: 100 });
  expect(await readLedgerTotals(kit.database)).toEqual({ missing: 0, surplus: 0 });
}

/** An endpoint at which so many deliveries were given up. */
async function makeExhausted(count: number, settings: object = {}): Promise<string> {
  const endpointId = await makeEndpoint({ circuit: { failure_threshold: 1_000 }, ...settings });
  receiver.respondWith({ status: 500 });
  await tell(count);
  await sendAll();
  receiver.respondWith({ status: 200 });
  expect(await tally()).toEqual({ exhausted: count });
  return endpointId;
}

describe("events that are made while an endpoint cannot be sent to", () => {
  it("have their deliveries, parked, and these go out when it is open again", async () => {
    const endpointId = await makeEndpoint({ circuit: { failure_threshold: 1, first_probe_seconds: 3_600 } });
    receiver.respondWith({ status: 503 });
    await tell(1);
    await sendAll();
    await tell(5);
    const ledger = () => kit.ask({ path: `/endpoints/${endpointId}/ledger` });
    expect((await ledger()).body).toMatchObject({ matched: 6, exhausted: 1, parked: 5, balanced: true });
    receiver.respondWith({ status: 200 });
    await post(`/endpoints/${endpointId}/circuit`, { action: "close" });
    await sendAll();
    expect((await ledger()).body).toMatchObject({ matched: 6, succeeded: 5, exhausted: 1, parked: 0, balanced: true });
  });
});

describe("recovering an endpoint", () => {
  it("counts first, then brings back what was given up with the same ids, at a pace", async () => {
    const endpointId = await makeExhausted(25);
    const ids = (await rows()).map((row) => row.id);
    const preview = await post(`/endpoints/${endpointId}/recover`, { per_second: 10, dry_run: true });
    expect(preview.status).toBe(200);
    expect(preview.body).toMatchObject({
      matched: 25,
      parked: 0,
      exhausted: 25,
      would_collapse: 0,
      seconds: 3,
      by_endpoint: [{ endpoint_id: endpointId, name: "receiver", matched: 25 }],
      by_reason: [{ reason: "server_error", matched: 25 }],
    });
    const begun = await post(`/endpoints/${endpointId}/recover`, { per_second: 10 });
    expect(begun.status).toBe(202);
    expect(begun.body).toMatchObject({ kind: "retry", state: "running", matched: 25, done: 0, remaining: 25 });
    expect(begun.str("started_by")).toContain("admin key");
    await runner.runOnce();
    expect(await tally()).toEqual({ pending: 10, exhausted: 15 });
    const path = `/bulk-runs/${begun.str("id")}`;
    expect((await kit.ask({ path })).body).toMatchObject({ state: "running", done: 10, remaining: 15 });
    expect(await runner.runOnce(), "not before the pace allows it").toBe(false);
    expect(await workOff()).toBe(3);
    expect((await kit.ask({ path })).body).toMatchObject({ state: "finished", done: 25, remaining: 0, failed: 0 });
    await sendAll();
    expect(await tally()).toEqual({ succeeded: 25 });
    expect((await rows()).map((row) => row.id)).toEqual(ids);
    await expectBalanced();
  });

  it("with fresh ids makes new deliveries of the same events, once, and marks old and new", async () => {
    const endpointId = await makeExhausted(3);
    const old = await rows();
    await post(`/endpoints/${endpointId}/circuit`, { action: "open" });
    await tell(2);
    const parked = (await rows()).slice(3);
    const begun = await post(`/endpoints/${endpointId}/recover`, { ids: "fresh", per_second: 100 });
    expect(begun.body).toMatchObject({ kind: "resend", matched: 5 });
    await workOff();
    const fresh = (await rows()).filter((row) => row.resend_of !== null);
    expect(fresh.map((row) => row.resend_of)).toEqual([...old, ...parked].map((row) => row.id));
    expect(fresh.map((row) => row.event_id)).toEqual([...old, ...parked].map((row) => row.event_id));
    const cancelled = await kit.ask({ path: `/deliveries/${parked[0]?.id}` });
    expect(cancelled.body).toMatchObject({ status: "cancelled", cancel_reason: "resent", replaced_by: fresh[3]?.id });
    // The same request again finds nothing: what was sent anew speaks for itself.
    const again = await post(`/endpoints/${endpointId}/recover`, { ids: "fresh", status: ["exhausted", "cancelled"] });
    expect(again.at("matched")).toBe(0);
    await workOff();
    await post(`/endpoints/${endpointId}/circuit`, { action: "close" });
    const seenBefore = receiver.requests.length;
    kit.clock.advance(1_000);
    await sendAll();
    const webhookIds = receiver.requests.slice(seenBefore).map((request) => request.headers["webhook-id"]);
    expect(webhookIds.toSorted()).toEqual(fresh.map((row) => row.id).toSorted());
    expect(await tally()).toEqual({ exhausted: 3, cancelled: 2, succeeded: 5 });
    await expectBalanced();
  });

  it("sends again what had succeeded only when asked for fresh ids", async () => {
    const endpointId = await makeEndpoint();
    await tell(2);
    await sendAll();
    const refused = await post(`/endpoints/${endpointId}/recover`, { status: ["succeeded"] });
    expect(refused.status).toBe(422);
    expect(refused.at("error.details.fields.0.path")).toBe("status");
    await post(`/endpoints/${endpointId}/recover`, { status: ["succeeded"], ids: "fresh" });
    await workOff();
    await sendAll();
    expect(await tally()).toEqual({ succeeded: 4 });
    await expectBalanced();
  });

  it("keeps the order of an incident, and folds it where the endpoint collapses, as the preview said", async () => {
    for (const collapse of [false, true]) {
      const path = collapse ? "/folded" : "/ordered";
      const endpointId = await makeEndpoint({
        circuit: { failure_threshold: 1_000 },
        url: `${receiver.url}${path}/{{incident.number}}`,
        collapse,
      });
      receiver.respondWith({ status: 500 });
      const incident = kit.ids.next();
      await tell(1, { incident });
      await sendAll();
      for (const sequence of [2, 3, 4]) {
        await tell(1, { incident, sequence, type: "incident.updated" });
        await sendAll();
      }
      receiver.respondWith({ status: 200 });
      const preview = await post(`/endpoints/${endpointId}/recover`, { dry_run: true });
      expect(preview.body).toMatchObject({ matched: 4, would_collapse: collapse ? 2 : 0 });
      await post(`/endpoints/${endpointId}/recover`, { per_second: 1_000 });
      await workOff();
      const seenBefore = receiver.requests.length;
      kit.clock.advance(1_000);
      await sendAll();
      const sent = receiver.requests.slice(seenBefore).map((request) => request.url);
      const numbers = collapse ? [1, 4] : [1, 2, 3, 4];
      expect(sent).toEqual(numbers.map((number) => `${path}/${number}`));
      await expectBalanced();
      await kit.ask({ method: "DELETE", path: `/endpoints/${endpointId}` });
    }
  });
});

describe("replaying what an endpoint has missed", () => {
  it("makes the deliveries that its present subscription and filter want, each event once", async () => {
    await makeEndpoint();
    await tell(6);
    await tell(2, { type: "incident.resolved", sequence: 2 });
    const late = await makeEndpoint({
      url: `${receiver.url}/late/{{incident.number}}`,
      events: ["incident.created"],
      filter: "incident.severity == 'high'",
    });
    const path = `/endpoints/${late}/replay-missing`;
    const since = "2026-11-23T00:00:00Z";
    const preview = await post(path, { since, dry_run: true });
    expect(preview.body).toMatchObject({ looked_at: 6, matched: 3, failed: 0, is_complete: true, seconds: 1 });
    const begun = await post(path, { since, per_second: 100 });
    expect(begun.body).toMatchObject({ kind: "replay_missing", matched: 6 });
    await workOff();
    expect((await kit.ask({ path: `/bulk-runs/${begun.str("id")}` })).body).toMatchObject({
      state: "finished",
      done: 3,
      skipped: 3,
      remaining: 0,
    });
    await post(path, { since });
    await workOff();
    kit.clock.advance(1_000);
    await sendAll();
    expect(receiver.requests.filter((request) => request.url.startsWith("/late"))).toHaveLength(3);
    await expectBalanced();
  });

  it("counts as failed what the filter cannot be evaluated for, rather than leave it out in silence", async () => {
    await makeEndpoint();
    await tell(1);
    const late = await makeEndpoint({ filter: "incident.labels.team == 'a'" });
    const since = "2026-11-23T00:00:00Z";
    const preview = await post(`/endpoints/${late}/replay-missing`, { since, dry_run: true });
    expect(preview.body).toMatchObject({ looked_at: 1, matched: 0, failed: 1 });
    await post(`/endpoints/${late}/replay-missing`, { since });
    await workOff();
    expect((await kit.ask({ path: "/bulk-runs" })).body).toMatchObject({ data: [{ done: 0, failed: 1 }] });
  });

  it("makes a delivery again that was lost, which mends the ledger", async () => {
    const endpointId = await makeEndpoint();
    await tell(3);
    await kit.database.rows(sql`delete from deliveries where id = (select id from deliveries order by id limit 1)`);
    const red = await kit.ask({ path: `/endpoints/${endpointId}/ledger` });
    expect(red.body).toMatchObject({ matched: 3, pending: 2, difference: -1, balanced: false });
    expect((await kit.ask({ path: "/ledger" })).at("balanced")).toBe(false);
    await post(`/endpoints/${endpointId}/replay-missing`, { since: "2026-11-23T00:00:00Z" });
    await workOff();
    expect(await tally()).toEqual({ pending: 3 });
    await expectBalanced();
  });
});

describe("bulk runs", () => {
  it("retry and cancel by filter, counted by endpoint and by reason", async () => {
    const endpointId = await makeExhausted(4);
    const since = new Date(kit.clock.now()).toISOString();
    receiver.respondWith({ status: 404 });
    await tell(2);
    await sendAll();
    receiver.respondWith({ status: 200 });
    const filter = { endpoint_id: endpointId, reason: "client_error" };
    const counted = await post("/deliveries/retry", { dry_run: true });
    expect(counted.at("by_reason")).toEqual([
      { reason: "server_error", matched: 4 },
      { reason: "client_error", matched: 2 },
    ]);
    expect((await post("/deliveries/retry", { ...filter, dry_run: true })).at("matched")).toBe(2);
    expect((await post("/deliveries/retry", { since, dry_run: true })).at("matched")).toBe(2);
    expect((await post("/deliveries/retry", { event_type: "incident.resolved", dry_run: true })).at("matched")).toBe(0);
    const cancelled = await post("/deliveries/cancel", { ...filter, status: ["exhausted"] });
    expect(cancelled.body).toMatchObject({ kind: "cancel", matched: 2, per_second: null });
    await workOff();
    expect(await tally()).toEqual({ exhausted: 4, cancelled: 2 });
    await post("/deliveries/retry", { status: ["cancelled"], limit: 1 });
    await workOff();
    await sendAll();
    expect(await tally()).toEqual({ exhausted: 4, cancelled: 1, succeeded: 1 });
    await expectBalanced();
  });

  it("cancel what waits of one incident, so that nothing of it waits for a turn that never comes", async () => {
    await makeEndpoint();
    const incident = kit.ids.next();
    await tell(3, { incident });
    await tell(1);
    await post("/deliveries/cancel", { incident_id: incident });
    await workOff();
    await sendAll();
    expect(await tally()).toEqual({ cancelled: 3, succeeded: 1 });
  });

  it("go on where they stood when another node takes over, and lose no step to a crash in the middle of one", async () => {
    await makeExhausted(30);
    const begun = await post("/deliveries/retry", { per_second: 10 });
    await runner.runOnce();
    kit.clock.advance(1_000);
    // The second step fails when its progress is written: all of it is as if it had not begun.
    await kit.database.rows(sql`alter table bulk_runs add constraint planted check (done <= 10)`);
    await runner.runOnce();
    expect(await tally()).toEqual({ pending: 10, exhausted: 20 });
    const failed = await kit.ask({ path: `/bulk-runs/${begun.str("id")}` });
    expect(failed.body).toMatchObject({ state: "running", done: 10 });
    expect(failed.str("last_error")).toContain("planted");
    await kit.database.rows(sql`alter table bulk_runs drop constraint planted`);
    runner = makeRunner();
    await workOff();
    expect((await kit.ask({ path: `/bulk-runs/${begun.str("id")}` })).body).toMatchObject({
      state: "finished",
      done: 30,
      last_error: null,
    });
    expect(await tally()).toEqual({ pending: 30 });
  });

  it("are taken by one node at a time", async () => {
    await makeExhausted(30);
    await post("/deliveries/retry", { per_second: 10 });
    const others = [makeRunner(), makeRunner(), makeRunner()];
    const worked = await Promise.all(others.map((other) => other.runOnce()));
    expect(worked.filter(Boolean)).toHaveLength(1);
    expect(await tally()).toEqual({ pending: 10, exhausted: 20 });
  });

  it("are stopped for good, and the same request begins what is left", async () => {
    await makeExhausted(30);
    const begun = await post("/deliveries/retry", { per_second: 10 });
    await runner.runOnce();
    const stopped = await post(`/bulk-runs/${begun.str("id")}/stop`);
    expect(stopped.body).toMatchObject({ state: "stopped", done: 10, remaining: 20 });
    kit.clock.advance(5_000);
    expect(await runner.runOnce()).toBe(false);
    expect((await post(`/bulk-runs/${begun.str("id")}/stop`)).status, "again does nothing").toBe(200);
    expect((await post("/deliveries/retry", { per_second: 10 })).at("matched")).toBe(20);
    await workOff();
    const list = await kit.ask({ path: "/bulk-runs?state=finished" });
    expect(list.at("data")).toHaveLength(1);
    expect((await post(`/bulk-runs/${list.str("data.0.id")}/stop`)).status).toBe(409);
    expect(await tally()).toEqual({ pending: 30 });
  });

  it("count a bounded number before they begin, say so, and work off all the same", async () => {
    const id = await makeEndpoint();
    await tell(5);
    await post(`/endpoints/${id}/disable`);
    const selection = readSelection({ endpoint_id: id }, ["parked"], kit.clock.now() + 1);
    const bounded = await countSelection(kit.database, kit.home.id, selection, 3);
    expect(bounded).toMatchObject({ isExact: false, counts: [{ endpointId: id, status: "parked", count: 3 }] });
    const narrowed = { ...selection, reason: "timeout" };
    expect(await countSelection(kit.database, kit.home.id, narrowed, 3)).toEqual({ isExact: false, counts: [] });
    expect(await countSelection(kit.database, kit.home.id, narrowed, 6)).toEqual({ isExact: true, counts: [] });
    const started = await post("/deliveries/cancel", { endpoint_id: id });
    expect(started.body).toMatchObject({ matched: 5, is_matched_exact: true });
    await kit.database.rows(sql`update bulk_runs set matched = 3, is_matched_exact = false`);
    while (await runner.runOnce());
    const ended = await kit.ask({ path: `/bulk-runs/${started.str("id")}` });
    expect(ended.body).toMatchObject({ state: "finished", done: 5, matched: 5, is_matched_exact: false, remaining: 0 });
  });

  it("are forgotten when they are old, and those that run are not", async () => {
    await makeEndpoint();
    await tell(1);
    const [over, running] = [await post("/deliveries/retry"), await post("/deliveries/retry")];
    await post(`/bulk-runs/${over.str("id")}/stop`);
    expect(await deleteBulkRunsBefore(kit.database, kit.clock.now())).toBe(0);
    expect(await deleteBulkRunsBefore(kit.database, kit.clock.now() + 1)).toBe(1);
    expect((await kit.ask({ path: `/bulk-runs/${over.str("id")}` })).status).toBe(404);
    expect((await kit.ask({ path: `/bulk-runs/${running.str("id")}` })).status).toBe(200);
  });

  it("begin once for an Idempotency-Key", async () => {
    await makeExhausted(1);
    const ask = () =>
      kit.ask({ method: "POST", path: "/deliveries/retry", body: {}, headers: { "idempotency-key": "recover-1" } });
    const [one, other] = [await ask(), await ask()];
    expect(other.str("id")).toBe(one.str("id"));
    expect((await kit.ask({ path: "/bulk-runs" })).at("data")).toHaveLength(1);
  });

  it("belong to their organization", async () => {
    await makeExhausted(1);
    const begun = await post("/deliveries/retry", {});
    const path = `/bulk-runs/${begun.str("id")}`;
    expect((await kit.ask({ path, key: kit.foreign.keys.admin })).status).toBe(404);
    expect(
      (await kit.ask({ method: "POST", path: `${path}/stop`, body: {}, key: kit.foreign.keys.admin })).status,
    ).toBe(404);
    expect((await kit.ask({ path: "/bulk-runs", key: kit.foreign.keys.admin })).at("data")).toEqual([]);
  });
});

describe("one delivery", () => {
  it("is retried whatever its final state, with the same webhook-id", async () => {
    await makeEndpoint();
    await tell(1);
    await sendAll();
    const [row] = await rows();
    expect((await post(`/deliveries/${row?.id}/retry`)).at("status")).toBe("pending");
    await sendAll();
    const ids = receiver.requests.slice(-2).map((request) => request.headers["webhook-id"]);
    expect(ids).toEqual([row?.id, row?.id]);
  });

  it("is forced through an open circuit, but not to an endpoint that is disabled", async () => {
    const endpointId = await makeEndpoint({ circuit: { failure_threshold: 1, first_probe_seconds: 3_600 } });
    receiver.respondWith({ status: 503 });
    await tell(3);
    await sendAll();
    receiver.respondWith({ status: 200 });
    const last = (await rows()).at(-1)?.id;
    expect((await post(`/deliveries/${last}/retry`, { force: true })).status).toBe(200);
    expect(await deliverer.runOnce()).toBe(1);
    expect(receiver.requests.at(-1)?.headers["webhook-id"]).toBe(last);
    await post(`/endpoints/${endpointId}/disable`);
    const refused = await post(`/deliveries/${last}/retry`, { force: true });
    expect(refused.status).toBe(409);
    expect(refused.at("error.details.reason")).toBe("endpoint_disabled");
  });
});
