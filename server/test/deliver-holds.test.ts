import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { announce } from "../src/announce/announce.ts";
import { createDeliverer, type Deliverer } from "../src/deliver/deliverer.ts";
import { createEgress, type Egress } from "../src/runtime/egress.ts";
import { createLog } from "../src/runtime/log.ts";
import { createMetrics } from "../src/runtime/metrics.ts";
import { createVault } from "../src/runtime/secrets.ts";
import { cancelDeliveriesOfDeletedEndpoints } from "../src/store/delivery-actions.ts";
import { checkLedger, readLedgerTotals } from "../src/store/ledger.ts";
import { ensurePartitions } from "../src/store/partitions.ts";
import { sql } from "../src/store/sql.ts";
import { type ApiKit, createApiKit, type Reply } from "./support/api-kit.ts";
import { type Receiver, startReceiver } from "./support/receiver.ts";

const metrics = createMetrics({ withProcessMetrics: false });
let kit: ApiKit;
let receiver: Receiver;
let egress: Egress;
let deliverer: Deliverer;

beforeAll(async () => {
  kit = await createApiKit({ onConfigChanged: (_kind, id) => deliverer.invalidate(id) });
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
    truncate deliveries, events, attempts, circuits, secrets, links, endpoints, ledger_entries, ledger_days cascade`);
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

type Delivery = { readonly id: string; readonly status: string; readonly attempt_count: number };
const post = (path: string, body: object = {}): Promise<Reply> => kit.ask({ method: "POST", path, body });
const read = (id: string): Promise<Reply> => kit.ask({ path: `/endpoints/${id}` });
/** Oldest first. */
const deliveries = async (endpointId: string): Promise<readonly Delivery[]> =>
  ((await kit.ask({ path: `/deliveries?endpoint_id=${endpointId}` })).at("data") as Delivery[]).toReversed();

async function makeEndpoint(settings: object = {}): Promise<string> {
  const made = await post("/endpoints", { name: "receiver", url: `${receiver.url}/in`, ...settings });
  expect(made.status).toBe(201);
  return made.str("id");
}

/** Announces events that belong to no incident, so that nothing but the endpoint holds their deliveries back. */
async function tell(count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    await kit.database.transaction((tx) =>
      announce(tx, { ids: kit.ids, metrics }, kit.home.id, [
        {
          type: "incident.created",
          incidentId: null,
          integrationId: null,
          endpointId: null,
          sequence: 0,
          payload: {},
          at: kit.clock.now(),
        },
      ]),
    );
  }
}

/** Resolves when all but one of the claims were given back; fails the test when that takes ten seconds. */
async function untilOneIsLeft(): Promise<void> {
  for (const startedAt = performance.now(); performance.now() - startedAt < 10_000; ) {
    const left = await kit.database.rows(sql`select id from deliveries where status = 'in_flight'`);
    if (left.length <= 1) return;
  }
  throw new Error("claims were not given back");
}

const balance = async (): Promise<unknown> => {
  kit.clock.advance(1_000);
  await checkLedger(kit.database, { now: kit.clock.now(), lookedAtBefore: kit.clock.now(), days: 100 });
  return readLedgerTotals(kit.database);
};

describe("an endpoint that a person holds open", () => {
  it.each([
    [200, "was accepted"],
    [500, "fails on its side"],
  ])("lets one through on request, answered %i, and stays held until it is released", async (status, words) => {
    const id = await makeEndpoint();
    await tell(3);
    const held = await post(`/endpoints/${id}/circuit`, { action: "open" });
    expect(held.at("circuit.held_by")).toMatch(/admin key/);
    receiver.respondWith({ status });
    await post(`/endpoints/${id}/circuit`, { action: "probe" });
    expect(await deliverer.runOnce()).toBe(1);
    const after = await read(id);
    expect(after.body).toMatchObject({ circuit: { state: "open", next_probe_at: null } });
    expect(after.str("circuit.held_by")).toBe(held.str("circuit.held_by"));
    expect(after.str("circuit.diagnosis")).toContain(words);

    receiver.respondWith({ status: 200 });
    const waiting = (await deliveries(id)).find((one) => one.status === "parked");
    const forced = await post(`/deliveries/${waiting?.id}/retry`, { force: true });
    expect(forced.at("forced_past")).toEqual(["circuit_held"]);
    expect(await deliverer.runOnce()).toBe(1);
    kit.clock.advance(1_000 * 3_600_000);
    await ensurePartitions(kit.database, kit.clock.now());
    await deliverer.expireCircuits();
    expect(await deliverer.runOnce(), "a month later").toBe(0);
    expect((await read(id)).at("circuit.state")).toBe("open");

    const released = await post(`/endpoints/${id}/circuit`, { action: "close" });
    expect(released.at("circuit.held_by")).toBeNull();
    for (let round = 0; round < 3; round++) await deliverer.runOnce();
    expect((await deliveries(id)).every((one) => one.status === "succeeded")).toBe(true);
  });
});

describe("a forced retry", () => {
  it("passes a Retry-After and a lowered pace, alone, and says so", async () => {
    const id = await makeEndpoint({ max_in_flight: 4 });
    receiver.respondWith({ status: 429, headers: { "retry-after": "600" } });
    await tell(1);
    await deliverer.runOnce();
    await tell(3);
    expect(await deliverer.runOnce(), "the receiver asked to wait").toBe(0);
    receiver.respondWith({ status: 200 });
    const wanted = (await deliveries(id)).at(-1)?.id ?? "";
    const forced = await post(`/deliveries/${wanted}/retry`, { force: true });
    expect(forced.at("forced_past")).toEqual(["retry_after", "pace"]);
    const before = receiver.requests.length;
    expect(await deliverer.runOnce()).toBe(1);
    expect(receiver.requests.slice(before).map((request) => request.headers["webhook-id"])).toEqual([wanted]);
    expect(await deliverer.runOnce(), "all others still wait").toBe(0);
    expect((await read(id)).at("pace.reason")).toBe("rate_limited");
  });

  it("goes although max_in_flight is used up, and is sent once by two nodes that look at the same time", async () => {
    const id = await makeEndpoint({ max_in_flight: 1, url: `${receiver.url}/one-at-a-time` });
    receiver.respondWith("hang");
    await tell(1);
    const first = deliverer.runOnce();
    await receiver.waitFor((request) => request.url === "/one-at-a-time");
    await tell(2);
    const wanted = (await deliveries(id)).at(-1)?.id ?? "";
    expect((await post(`/deliveries/${wanted}/retry`, { force: true })).at("forced_past")).toEqual([]);
    const rounds = [deliverer.runOnce(), deliverer.runOnce()];
    await receiver.waitFor((request) => request.headers["webhook-id"] === wanted);
    receiver.release();
    await Promise.all([first, ...rounds]);
    expect(receiver.requests.filter((request) => request.headers["webhook-id"] === wanted)).toHaveLength(1);
  });

  it("that is called off before it goes holds nothing up", async () => {
    const id = await makeEndpoint();
    await tell(2);
    const [, second] = await deliveries(id);
    await post(`/deliveries/${second?.id}/retry`, { force: true });
    await post(`/deliveries/${second?.id}/cancel`);
    await deliverer.runOnce();
    await deliverer.runOnce();
    expect((await deliveries(id)).map((one) => one.status)).toEqual(["succeeded", "cancelled"]);
  });
});

describe("an endpoint that is switched off while it is being sent to", () => {
  const takeAway: readonly (readonly [string, (id: string) => Promise<Reply>, string])[] = [
    [
      "disabled by a change",
      (id) => kit.ask({ method: "PATCH", path: `/endpoints/${id}`, body: { enabled: false } }),
      "parked",
    ],
    ["disabled", (id) => post(`/endpoints/${id}/disable`), "parked"],
    ["held open", (id) => post(`/endpoints/${id}/circuit`, { action: "open" }), "parked"],
    ["deleted", (id) => kit.ask({ method: "DELETE", path: `/endpoints/${id}` }), "cancelled"],
  ];

  it.each(takeAway)(
    "is %s: what is in the air ends, what was claimed is given back uncounted",
    async (word, act, state) => {
      const id = await makeEndpoint({ max_in_flight: 1, url: `${receiver.url}/${word.replaceAll(" ", "-")}` });
      receiver.respondWith("hang");
      await tell(3);
      const running = deliverer.runOnce();
      const inTheAir = await receiver.waitFor((request) => request.url === `/${word.replaceAll(" ", "-")}`);
      const claimed = await kit.database.rows(sql`select id from deliveries where status = 'in_flight'`);
      expect(claimed.length, "more are claimed than are in the air").toBeGreaterThan(1);
      expect((await act(id)).status).toBeLessThan(300);
      const recalled = deliverer.runOnce();
      await untilOneIsLeft();
      receiver.release();
      await Promise.all([running, recalled]);
      while (await cancelDeliveriesOfDeletedEndpoints(kit.database, kit.clock.now()));
      const rows = await deliveries(id);
      expect(rows.map((one) => one.status).toSorted()).toEqual([state, state, "succeeded"].toSorted());
      expect(rows.find((one) => one.status === "succeeded")?.id).toBe(inTheAir.headers["webhook-id"]);
      expect(rows.map((one) => one.attempt_count).toSorted()).toEqual([0, 0, 1]);
      expect(await deliverer.runOnce()).toBe(0);
      expect(await balance()).toEqual({ missing: 0, surplus: 0 });
    },
  );

  it("does not send what another node switched off a moment ago, although it has claimed it", async () => {
    const id = await makeEndpoint({ url: `${receiver.url}/unheard` });
    await tell(1);
    // Another node has written it, and the news has not come here.
    await kit.database.rows(sql`
      create function switch_off() returns trigger language plpgsql as $$
      begin update endpoints set enabled = false where id = new.endpoint_id; return new; end $$`);
    await kit.database.rows(sql`
      create trigger switch_off before update on deliveries for each row when (new.status = 'in_flight')
      execute function switch_off()`);
    await deliverer.runOnce();
    await kit.database.rows(sql`drop function switch_off cascade`);
    expect(receiver.requests.filter((request) => request.url === "/unheard")).toEqual([]);
    expect(await deliveries(id)).toMatchObject([{ status: "parked", attempt_count: 0 }]);
  });
});
