import { tmpdir } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readConfig } from "../src/config.ts";
import type { Pace } from "../src/core/pace.ts";
import { createDeliverer, type Deliverer } from "../src/deliver/deliverer.ts";
import { createDuties } from "../src/node/duties.ts";
import { createNodeClock } from "../src/runtime/clock.ts";
import { lockCircuit } from "../src/store/circuits.ts";
import { insertNode } from "../src/store/nodes.ts";
import { readPace } from "../src/store/paces.ts";
import { sql, timestamp } from "../src/store/sql.ts";
import { createDeliveryKit, type DeliveryKit } from "./support/delivery-kit.ts";
import { type Receiver, startReceiver } from "./support/receiver.ts";

let kit: DeliveryKit;
let receiver: Receiver;

beforeAll(async () => {
  kit = await createDeliveryKit();
  receiver = await startReceiver();
});

afterAll(async () => {
  await receiver.close();
  await kit.close();
});

beforeEach(async () => {
  receiver.respondWith({ status: 200 });
  await kit.database.rows(sql`truncate deliveries, events, attempts, circuits, secrets, links, endpoints cascade`);
});

const sentTo = (path: string): number => receiver.requests.filter((request) => request.url === path).length;
const paceOf = (endpointId: string): Promise<Pace> => readPace(kit.database, kit.organizationId, endpointId);
const circuitOf = (endpointId: string) =>
  kit.database.transaction((tx) => lockCircuit(tx, kit.organizationId, endpointId));
const threeNodes = (): Deliverer[] => [0, 1, 2].map((rank) => kit.makeDeliverer(kit.ids.next(), { rank, nodes: 3 }));
const runAll = (nodes: readonly Deliverer[]): Promise<number[]> => Promise.all(nodes.map((node) => node.runOnce()));

async function makeEvents(count: number): Promise<void> {
  for (let event = 0; event < count; event++) await kit.makeEvent("incident.created");
}

/** Answers with 200 after a moment and notes how many requests were under way at most. */
function watchPeak(): { peak: number } {
  const seen = { peak: 0 };
  let underWay = 0;
  receiver.respondWith(async () => {
    underWay += 1;
    seen.peak = Math.max(seen.peak, underWay);
    await delay(3);
    underWay -= 1;
    return { status: 200 };
  });
  return seen;
}

describe("max_in_flight", () => {
  test.each([
    [1, 20],
    [4, 60],
  ])("of %i holds over three nodes together", async (maxInFlight, events) => {
    await kit.makeEndpoint({ url: `${receiver.url}/capped-${maxInFlight}`, maxInFlight });
    await makeEvents(events);
    const seen = watchPeak();
    const nodes = threeNodes();
    for (let round = 0; round < 20; round++) await runAll(nodes);
    expect(sentTo(`/capped-${maxInFlight}`)).toBe(events);
    expect(seen.peak).toBe(maxInFlight);
  });

  test("of one is one node's, and a node that has no share tells the others once of what is due", async () => {
    await kit.makeEndpoint({ url: `${receiver.url}/owned`, maxInFlight: 1 });
    await makeEvents(1);
    const before = kit.toldElsewhere();
    const nodes = threeNodes();
    const counts: number[] = [];
    for (const node of nodes) {
      await kit.database.rows(sql`
        update deliveries
        set status = 'pending', next_attempt_at = ${timestamp(kit.clock.now())}, finished_at = null`);
      counts.push(await node.runOnce(), await node.runOnce());
    }
    expect(counts.toSorted()).toEqual([0, 0, 0, 0, 0, 1]);
    expect(kit.toldElsewhere() - before).toBe(2);
  });
});

describe("rate_limit and max_in_flight", () => {
  test.each([
    { requests: 30, perSeconds: 1, maxInFlight: 6, events: 30 },
    { requests: 120, perSeconds: 60, maxInFlight: 3, events: 4 },
  ])("%o hold over three nodes, as the receiver sees it", async ({ requests, perSeconds, maxInFlight, events }) => {
    const path = `/rate-${requests}`;
    await kit.makeEndpoint({
      url: `${receiver.url}${path}`,
      maxInFlight,
      rateLimit: { requests, per_seconds: perSeconds },
    });
    await makeEvents(events);
    // Moved by hand and never backwards: what the nodes take for the time that has passed.
    let elapsedMs = 0;
    const nodes = [0, 1, 2].map((rank) =>
      kit.makeDeliverer(kit.ids.next(), { rank, nodes: 3 }, { monotonicNow: () => elapsedMs }),
    );
    const perMs = requests / (perSeconds * 1_000);
    // One request a node, or a tenth of a second's worth of its part.
    const burst = 3 * Math.max(1, (100 * perMs) / 3);
    const arrivals: number[] = [];
    let [underWay, peak] = [0, 0];
    receiver.respondWith(async () => {
      underWay += 1;
      peak = Math.max(peak, underWay);
      arrivals.push(elapsedMs);
      await delay(2);
      underWay -= 1;
      return { status: 200 };
    });
    while (arrivals.length < events) {
      await runAll(nodes);
      // A lane waits by a timer of its own for what is left of a token.
      await delay(5);
      elapsedMs += 1 / perMs / 4;
    }
    for (const [index, at] of arrivals.entries()) expect(index + 1).toBeLessThanOrEqual(burst + perMs * at + 1e-6);
    expect(peak).toBeLessThanOrEqual(maxInFlight);
  });
});

describe("a receiver that asks for less", () => {
  test("by Retry-After gets nothing at all until then, from any node, and others are not held back", async () => {
    receiver.respondWith((request) =>
      request.url === "/busy" ? { status: 429, headers: { "retry-after": "90" } } : { status: 200 },
    );
    const { endpoint } = await kit.makeEndpoint({ url: `${receiver.url}/busy`, maxInFlight: 2 });
    await kit.makeEndpoint({ url: `${receiver.url}/beside` });
    await makeEvents(8);
    const nodes = [kit.makeDeliverer(), kit.makeDeliverer()];
    await nodes[0]?.runOnce();
    const asked = sentTo("/busy");
    // The two under way, and one more that may begin before the first answer is written down.
    expect(asked).toBeLessThan(8);
    expect(sentTo("/beside")).toBe(8);
    expect(await paceOf(endpoint.id)).toMatchObject({
      limit: 1,
      heldUntil: kit.clock.now() + 90_000,
      reason: "rate_limited",
    });
    kit.clock.advance(89_999);
    await runAll(nodes);
    expect(sentTo("/busy")).toBe(asked);
    receiver.respondWith({ status: 200 });
    kit.clock.advance(1);
    for (let round = 0; round < 3; round++) await runAll(nodes);
    const rows = await kit.deliveries();
    expect(rows.filter((row) => row.status === "succeeded")).toHaveLength(16);
    // What was given back meanwhile was never sent and costs no attempt.
    expect(rows.reduce((sum, row) => sum + row.attempt_count, 0)).toBe(16 + asked);
  });

  test("by 503 is sent half as many at a time, and one more with every good round", async () => {
    const { endpoint } = await kit.makeEndpoint({ url: `${receiver.url}/tired`, circuit: { failure_threshold: 100 } });
    receiver.respondWith({ status: 503 });
    await makeEvents(1);
    const node = kit.makeDeliverer();
    await node.runOnce();
    expect(await paceOf(endpoint.id)).toMatchObject({ limit: 5, reason: "overloaded", heldUntil: null });
    const seen = watchPeak();
    kit.clock.advance(1_000);
    await makeEvents(4);
    await node.runOnce();
    expect(seen.peak).toBeLessThanOrEqual(5);
    expect((await paceOf(endpoint.id)).limit).toBe(6);
    await makeEvents(60);
    for (let round = 0; round < 15; round++) await node.runOnce();
    expect(await paceOf(endpoint.id)).toMatchObject({ limit: null, reason: null });
    expect(seen.peak).toBeLessThanOrEqual(10);
  });
});

describe("a circuit of three nodes", () => {
  async function open(path: string, settings: { readonly maxInFlight?: number } = {}): Promise<string> {
    const { endpoint } = await kit.makeEndpoint({ url: `${receiver.url}${path}`, ...settings });
    receiver.respondWith({ status: 500 });
    await makeEvents(12);
    const node = kit.makeDeliverer();
    for (let round = 0; round < 2; round++) await node.runOnce();
    expect((await circuitOf(endpoint.id))?.state).toBe("open");
    return endpoint.id;
  }

  test("is probed by one of them with one delivery, although all find it due at once", async () => {
    await open("/probed");
    const before = sentTo("/probed");
    kit.clock.advance(30_000);
    await runAll(threeNodes());
    expect(sentTo("/probed") - before).toBe(1);
  });

  test("goes on with one request of all nodes together after it has closed, then 2, 4 and 8, never above the cap", async () => {
    const id = await open("/back", { maxInFlight: 8 });
    await makeEvents(100);
    receiver.respondWith({ status: 200 });
    kit.clock.advance(30_000);
    expect(await kit.makeDeliverer().runOnce()).toBe(1);
    expect(await circuitOf(id)).toMatchObject({ state: "closed" });
    expect(await paceOf(id)).toMatchObject({ limit: 1, reason: "catching_up" });

    const underWayAt: number[] = [];
    let underWay = 0;
    receiver.respondWith(async () => {
      underWay += 1;
      underWayAt.push(underWay);
      await delay(3);
      underWay -= 1;
      return { status: 200 };
    });
    const nodes = threeNodes();
    for (let round = 0; round < 30; round++) await runAll(nodes);
    expect((await kit.deliveries()).every((row) => row.status === "succeeded")).toBe(true);
    // One good answer allows two at a time, two more allow four, and four more eight.
    expect(underWayAt[0]).toBe(1);
    expect(Math.max(...underWayAt.slice(0, 3))).toBeLessThanOrEqual(2);
    expect(Math.max(...underWayAt.slice(0, 7))).toBeLessThanOrEqual(4);
    expect(Math.max(...underWayAt)).toBeLessThanOrEqual(8);
    expect(await paceOf(id)).toMatchObject({ limit: null, reason: null });
  });

  test("that has been open for 72 hours is disabled although nothing is left to be sent, and others hear of it once", async () => {
    const id = await open("/forgotten");
    await kit.makeEndpoint({ url: `${receiver.url}/told`, events: ["endpoint.*"] });
    await kit.database.rows(sql`
      update deliveries
      set status = 'cancelled', next_attempt_at = null, finished_at = ${timestamp(kit.clock.now())}
      where status = 'pending'`);
    const nodes = threeNodes();
    kit.clock.advance(72 * 3_600_000);
    for (const node of nodes) await node.expireCircuits();
    expect((await circuitOf(id))?.state).toBe("open");
    kit.clock.advance(1);
    await Promise.all(nodes.map((node) => node.expireCircuits()));
    expect(await circuitOf(id)).toMatchObject({ state: "disabled" });
    expect((await circuitOf(id))?.disabledReason).toContain("72 hours");
    receiver.respondWith({ status: 200 });
    await runAll(nodes);
    expect(sentTo("/told")).toBe(1);
    expect((await kit.deliveries()).filter((row) => row.event_type === "endpoint.disabled")).toHaveLength(1);
  });
});

describe("claims of a node", () => {
  test("come to every endpoint, however many have something due, in a walk that goes on where it stopped", async () => {
    const made: string[] = [];
    for (let index = 0; index < 3; index++) {
      made.push((await kit.makeEndpoint({ url: `${receiver.url}/walk` })).endpoint.id);
    }
    // Far more endpoints than one look visits; those of the kit have the smallest and the largest keys among them.
    await kit.database.rows(sql`
      with made as (
        insert into endpoints (organization_id, id, name, url, events, created_at, updated_at)
        select ${kit.organizationId}, gen_random_uuid(), 'none', ${`${receiver.url}/walk`}, '{*}', now(), now()
        from generate_series(1, 300)
        returning organization_id, id
      )
      insert into circuits (organization_id, endpoint_id, updated_at)
      select organization_id, id, now() from made`);
    const eventId = await kit.makeEvent("incident.created");
    await kit.database.rows(sql`
      insert into deliveries (organization_id, id, event_id, event_type, event_at, endpoint_id, status, next_attempt_at,
        created_at)
      select organization_id, gen_random_uuid(), ${eventId}, 'incident.created', ${timestamp(kit.clock.now())}, id,
        'pending', ${timestamp(kit.clock.now())}, ${timestamp(kit.clock.now())}
      from endpoints
      where name = 'none'
      on conflict do nothing`);
    const due = (await kit.deliveries()).length;
    expect(due).toBe(303);
    expect(await kit.makeDeliverer().runOnce()).toBe(303);
  });

  test.each([3_600_000, -3_600_000])(
    "F41: keep leases and due times although its machine's clock is %i ms off",
    async (offMs) => {
      const nodeId = kit.ids.next();
      const clock = createNodeClock(() => Date.now() + offMs);
      const config = readConfig({}, { dataDir: tmpdir() });
      if (!config.ok) throw new Error(config.problems.join());
      const duties = createDuties({
        database: kit.database,
        clock,
        config: config.config,
        log: kit.log,
        metrics: kit.metrics,
        nodeId,
        wallNow: () => Date.now() + offMs,
        monotonicNow: () => performance.now(),
        onReleased: () => undefined,
      });
      await insertNode(kit.database, { id: nodeId, role: "all", version: "1", lockKey: 77, startedAt: clock.now() });
      await duties.beatOnce();
      expect(Math.abs(await kit.metrics.read("overwatch_clock_skew_seconds"))).toBeGreaterThan(3_590);
      const shared = { ...kit, place: duties.place, onElsewhere: () => undefined };
      const node = createDeliverer({
        ...shared,
        clock,
        nodeId,
        random: () => 0.5,
        monotonicNow: () => performance.now(),
      });
      await kit.makeEndpoint({ url: `${receiver.url}/skewed${offMs}` });
      const eventId = await kit.makeEvent("incident.created");
      const databaseTime = async (text: string) =>
        kit.database.rows(sql`
      update deliveries set next_attempt_at = now() + ${text}::interval where event_id = ${eventId}`);
      await databaseTime("1 minute");
      expect(await node.runOnce()).toBe(0);
      await databaseTime("-1 second");
      receiver.respondWith("hang");
      const running = node.runOnce();
      await receiver.waitFor((request) => request.url === `/skewed${offMs}`);
      const [lease] = await kit.database.rows<{ seconds: number }>(sql`
      select extract(epoch from lease_until - now())::float8 as seconds from deliveries where status = 'in_flight'`);
      expect(lease?.seconds).toBeGreaterThan(25);
      expect(lease?.seconds).toBeLessThanOrEqual(31);
      expect(await node.takeOver()).toBe(0);
      receiver.release();
      await running;
    },
  );
});
