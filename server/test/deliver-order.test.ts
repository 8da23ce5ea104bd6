import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { announce } from "../src/announce/announce.ts";
import type { EventType } from "../src/core/event.ts";
import { findCircuit } from "../src/store/circuits.ts";
import { cancelDelivery, forceDelivery, retryDelivery } from "../src/store/delivery-actions.ts";
import { claimDeliveries } from "../src/store/delivery-queue.ts";
import { promoteForgotten } from "../src/store/delivery-turns.ts";
import { updateEndpoint } from "../src/store/endpoints.ts";
import { createDeliveryKit, type DeliveryKit } from "./support/delivery-kit.ts";
import { type ReceivedRequest, type Receiver, startReceiver } from "./support/receiver.ts";

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
  await kit.database.rows({
    text: "truncate deliveries, events, attempts, circuits, secrets, links, endpoints cascade",
    values: [],
  });
});

type Told = { readonly incidentId: string; readonly sequence: number; readonly type?: EventType };

/** Announces events in one transaction. */
async function tell(...told: readonly Told[]): Promise<void> {
  await kit.database.transaction((tx) =>
    announce(
      tx,
      kit,
      kit.organizationId,
      told.map(({ incidentId, sequence, type = sequence === 1 ? "incident.created" : "incident.updated" }) => ({
        type,
        incidentId,
        integrationId: null,
        endpointId: null,
        sequence,
        payload: { incident: { id: incidentId, number: sequence, labels: sequence === 1 ? {} : { later: "yes" } } },
        at: kit.clock.now(),
      })),
    ),
  );
}

const TEMPLATE = { incident: "{{incident.id}}", sequence: "{{incident.number}}" };
type Body = { readonly incident: string; readonly sequence: number };
const bodyOf = (request: ReceivedRequest): Body => JSON.parse(request.body.toString()) as Body;

/** Resolves when a statement on this database waits for a lock. */
async function untilSomebodyWaits(): Promise<void> {
  for (;;) {
    const waiting = await kit.database.rows({
      text: "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      values: [],
    });
    if (waiting.length > 0) return;
  }
}

describe("order per incident", () => {
  test("holds the later events of an incident back until the earlier one has ended, and lets other incidents pass", async () => {
    await kit.makeEndpoint({ url: `${receiver.url}/held`, template: TEMPLATE });
    const [one, other] = [kit.ids.next(), kit.ids.next()];
    receiver.respondWith((request) => ({ status: bodyOf(request).incident === one ? 503 : 200 }));
    await tell({ incidentId: one, sequence: 1 }, { incidentId: one, sequence: 2 }, { incidentId: other, sequence: 1 });
    await tell({ incidentId: one, sequence: 3 });
    const deliverer = kit.makeDeliverer();
    await deliverer.runOnce();
    await tell({ incidentId: other, sequence: 2 });
    await deliverer.runOnce();
    const seen = () => receiver.requests.filter((request) => request.url === "/held").map(bodyOf);
    expect(seen().filter((body) => body.incident === one)).toEqual([{ incident: one, sequence: 1 }]);
    expect(
      seen()
        .filter((body) => body.incident === other)
        .map((body) => body.sequence),
    ).toEqual([1, 2]);

    receiver.respondWith({ status: 200 });
    for (let round = 0; round < 4; round++) {
      kit.clock.advance(5_000);
      await deliverer.runOnce();
    }
    const sequences = seen().filter((body) => body.incident === one);
    expect(sequences.map((body) => body.sequence)).toEqual([1, 1, 2, 3]);
    expect((await kit.deliveries()).every((row) => row.status === "succeeded")).toBe(true);
  });

  test("goes on behind a head that is exhausted", async () => {
    await kit.makeEndpoint({ url: `${receiver.url}/dead`, template: TEMPLATE, retry: { max_attempts: 1 } });
    const incidentId = kit.ids.next();
    await tell({ incidentId, sequence: 1 }, { incidentId, sequence: 2 });
    receiver.respondWith((request) => ({ status: bodyOf(request).sequence === 1 ? 400 : 200 }));
    const deliverer = kit.makeDeliverer();
    await deliverer.runOnce();
    await deliverer.runOnce();
    expect((await kit.deliveries()).map((row) => row.status)).toEqual(["exhausted", "succeeded"]);
  });

  test("survives a crash between the end of a delivery and the promotion of the next", async () => {
    await kit.makeEndpoint({ url: `${receiver.url}/forgotten`, template: TEMPLATE });
    const incidentId = kit.ids.next();
    await tell({ incidentId, sequence: 1 }, { incidentId, sequence: 2 });
    // What a crash leaves behind: the first has ended, nobody has made the second due.
    await kit.database.rows({
      text: "update deliveries set status = 'succeeded', next_attempt_at = null, finished_at = $1 where sequence = 1",
      values: [new Date(kit.clock.now())],
    });
    const deliverer = kit.makeDeliverer();
    expect(await deliverer.runOnce()).toBe(0);
    await deliverer.promote();
    expect(await deliverer.runOnce()).toBe(1);
  });

  test("makes an event due at once that was announced while the end of the one before it was being written", async () => {
    await kit.makeEndpoint({ url: `${receiver.url}/raced`, template: TEMPLATE });
    const incidentId = kit.ids.next();
    await tell({ incidentId, sequence: 1 });
    receiver.respondWith("hang");
    const deliverer = kit.makeDeliverer();
    const first = deliverer.runOnce();
    await receiver.waitFor((request) => request.url === "/raced");
    await kit.database.transaction(async (tx) => {
      await announce(tx, kit, kit.organizationId, [
        {
          type: "incident.resolved",
          incidentId,
          integrationId: null,
          endpointId: null,
          sequence: 2,
          payload: { incident: { id: incidentId, number: 2 } },
          at: kit.clock.now(),
        },
      ]);
      // The record of the first now waits for this transaction; its statement began before the second was there.
      receiver.release();
      await untilSomebodyWaits();
    });
    await first;
    const [, second] = await kit.deliveries();
    expect(second?.next_attempt_at).toBe(kit.clock.now());
  });

  test("is not kept where the endpoint does not want it", async () => {
    await kit.makeEndpoint({ url: `${receiver.url}/free`, template: TEMPLATE, order: "none" });
    const incidentId = kit.ids.next();
    await tell({ incidentId, sequence: 1 }, { incidentId, sequence: 2 });
    expect(await kit.makeDeliverer().runOnce()).toBe(2);
  });

  test("holds for 50 incidents with 20 events each, a third of the answers failing, on three nodes", async () => {
    await kit.makeEndpoint({ url: `${receiver.url}/many`, template: TEMPLATE, maxInFlight: 50 });
    const incidents = Array.from({ length: 50 }, () => kit.ids.next());
    const accepted = new Map<string, number[]>(incidents.map((id) => [id, []]));
    let count = 0;
    receiver.respondWith((request) => {
      count += 1;
      if (count % 3 === 0) return { status: 503 };
      const { incident, sequence } = bodyOf(request);
      accepted.get(incident)?.push(sequence);
      return { status: 200 };
    });
    const nodes = [kit.makeDeliverer(), kit.makeDeliverer(), kit.makeDeliverer()];
    for (let sequence = 1; sequence <= 20; sequence++) {
      await tell(...incidents.map((incidentId) => ({ incidentId, sequence })));
      await Promise.all(nodes.map((node) => node.runOnce()));
      kit.clock.advance(1_500);
    }
    const isDone = async () => (await kit.deliveries()).every((row) => row.status === "succeeded");
    for (let round = 0; round < 200 && !(await isDone()); round++) {
      kit.clock.advance(40_000);
      await Promise.all(nodes.map((node) => node.runOnce()));
      await nodes[0]?.promote();
    }
    const expected = Array.from({ length: 20 }, (_, index) => index + 1);
    for (const id of incidents) expect(accepted.get(id)).toEqual(expected);
  });

  test("holds when nodes die in mid-flight and others take over when their leases end", async () => {
    const { endpoint } = await kit.makeEndpoint({ url: `${receiver.url}/killed`, template: TEMPLATE, maxInFlight: 50 });
    const pick = {
      organizationId: kit.organizationId,
      endpointId: endpoint.id,
      rows: 20,
      probeUntil: null,
      circuitState: "closed" as const,
      circuitFailures: 0,
      forcedDeliveryId: null,
    };
    const incidents = Array.from({ length: 50 }, () => kit.ids.next());
    const accepted = new Map<string, number[]>(incidents.map((id) => [id, []]));
    let count = 0;
    const answer = (request: ReceivedRequest) => {
      count += 1;
      if (count % 10 < 3) return { status: 503 };
      const { incident, sequence } = bodyOf(request);
      accepted.get(incident)?.push(sequence);
      return { status: 200 };
    };
    receiver.respondWith(answer);
    const nodes = Array.from({ length: 3 }, () => kit.makeDeliverer());
    let killed = 0;
    const round = async (): Promise<void> => {
      await Promise.all(nodes.map((node) => node.runOnce()));
      kit.clock.advance(1_500);
    };
    for (let sequence = 1; sequence <= 20; sequence++) {
      await tell(...incidents.map((incidentId) => ({ incidentId, sequence })));
      if (sequence % 5 === 0) {
        // A node claims and is never heard of again: what it held is under way until its leases end.
        const now = kit.clock.now();
        const lost = await claimDeliveries(kit.database, {
          nodeId: kit.ids.next(),
          now,
          leaseUntil: now + 30_000,
          picks: [pick],
        });
        killed += lost.length;
        // It had sent half of them: the receiver has seen these, and sees them again.
        for (const claim of lost.filter((_, index) => index % 2 === 0)) {
          const { incident } = claim.payload as { incident: { id: string; number: number } };
          accepted.get(incident.id)?.push(incident.number);
        }
      }
      await round();
    }
    expect(killed).toBeGreaterThan(40);
    const isDone = async () => (await kit.deliveries()).every((row) => row.status === "succeeded");
    for (let left = 200; left > 0 && !(await isDone()); left--) {
      kit.clock.advance(40_000);
      await nodes[left % 3]?.takeOver();
      await round();
    }
    const expected = Array.from({ length: 20 }, (_, index) => index + 1);
    for (const id of incidents) {
      const seen = accepted.get(id) ?? [];
      // Each at least once, and never one before all that come before it: a repetition only ever follows itself.
      expect([...new Set(seen)]).toEqual(expected);
      expect(seen).toEqual(seen.toSorted((one, other) => one - other));
    }
    const lost = (await kit.attempts()).filter((attempt) => attempt.reason === "lost");
    expect(lost).toHaveLength(killed);
  });
});

describe("a dead head", () => {
  test("that is cancelled lets the next go at once", async () => {
    await kit.makeEndpoint({ url: `${receiver.url}/cancelled`, template: TEMPLATE });
    const incidentId = kit.ids.next();
    await tell({ incidentId, sequence: 1 }, { incidentId, sequence: 2 });
    const [head] = await kit.deliveries();
    await kit.database.transaction((tx) => cancelDelivery(tx, kit.organizationId, head?.id ?? "", kit.clock.now()));
    expect(await kit.makeDeliverer().runOnce()).toBe(1);
    expect((await kit.deliveries()).map((row) => row.status)).toEqual(["cancelled", "succeeded"]);
  });

  test("goes out although the endpoint's filter would not want it any more", async () => {
    const { endpoint } = await kit.makeEndpoint({ url: `${receiver.url}/filtered`, template: TEMPLATE });
    const incidentId = kit.ids.next();
    await tell({ incidentId, sequence: 1 }, { incidentId, sequence: 2 });
    await updateEndpoint(kit.database, { ...endpoint, filter: "false", events: ["test.ping"] }, kit.clock.now());
    const deliverer = kit.makeDeliverer();
    await deliverer.runOnce();
    await deliverer.runOnce();
    expect((await kit.deliveries()).map((row) => row.status)).toEqual(["succeeded", "succeeded"]);
  });

  test("that cannot be rendered is given up at once, so that its incident goes on, and says what to change", async () => {
    const { endpoint } = await kit.makeEndpoint({ url: `${receiver.url}/unrendered/{{incident.labels.later}}` });
    const [poisoned, other] = [kit.ids.next(), kit.ids.next()];
    await tell({ incidentId: poisoned, sequence: 1 }, { incidentId: poisoned, sequence: 2 });
    const deliverer = kit.makeDeliverer();
    expect(await deliverer.runOnce()).toBe(1);
    const diagnosis = async () => (await findCircuit(kit.database, kit.organizationId, endpoint.id))?.diagnosis;
    expect(await diagnosis()).toMatch(/could not be rendered.*mend.*later/);
    expect(await deliverer.runOnce(), "the next of its incident, not a second later").toBe(1);
    const rows = await kit.deliveries();
    expect(rows.map((row) => row.status)).toEqual(["exhausted", "succeeded"]);
    expect(rows[0]).toMatchObject({ attempt_count: 1, last_error: { reason: "render" } });
    expect(await diagnosis(), "a success is news").toBeNull();

    await updateEndpoint(kit.database, { ...endpoint, url: `${receiver.url}/mended` }, kit.clock.now());
    deliverer.invalidate(endpoint.id);
    await kit.database.transaction((tx) => retryDelivery(tx, kit.organizationId, rows[0]?.id ?? "", kit.clock.now()));
    await tell({ incidentId: other, sequence: 1 });
    expect(await deliverer.runOnce()).toBe(2);
    expect((await kit.deliveries()).every((row) => row.status === "succeeded")).toBe(true);
  });

  test("that cannot be rendered is tried again where an earlier one may still capture what it lacks", async () => {
    await kit.makeEndpoint({
      url: `${receiver.url}/overtaken/{{incident.number == 1 ? 'new' : link.ticket_id}}`,
      order: "none",
      capture: { ticket_id: "json.id" },
    });
    receiver.respondWith({ status: 201, body: '{"id":"17"}' });
    const incidentId = kit.ids.next();
    await tell({ incidentId, sequence: 2 });
    const deliverer = kit.makeDeliverer();
    await deliverer.runOnce();
    expect((await kit.deliveries())[0]).toMatchObject({ status: "pending", last_error: { reason: "render" } });
    await tell({ incidentId, sequence: 1 });
    await deliverer.runOnce();
    kit.clock.advance(2_000);
    await deliverer.runOnce();
    expect((await kit.deliveries()).map((row) => row.status)).toEqual(["succeeded", "succeeded"]);
    expect(receiver.requests.at(-1)?.url).toBe("/overtaken/17");
  });

  test("is not given up where the whole endpoint has become unusable, and its diagnosis says so", async () => {
    const { endpoint } = await kit.makeEndpoint({ url: `${receiver.url}/unusable`, template: TEMPLATE });
    await kit.database.rows({
      text: `update endpoints set template = '"{{ nobody.knows }}"' where id = $1`,
      values: [endpoint.id],
    });
    await tell({ incidentId: kit.ids.next(), sequence: 1 });
    await kit.makeDeliverer().runOnce();
    expect((await kit.deliveries())[0]).toMatchObject({ status: "pending", last_error: { reason: "render" } });
    const circuit = await findCircuit(kit.database, kit.organizationId, endpoint.id);
    expect(circuit?.diagnosis).toContain("nobody");
  });

  test("is not forgotten behind more that wait rightly than one look takes", async () => {
    await kit.makeEndpoint({ url: `${receiver.url}/many-waiting`, template: TEMPLATE });
    const busy = kit.ids.next();
    await tell(...Array.from({ length: 4 }, (_, index) => ({ incidentId: busy, sequence: index + 1 })));
    const forgotten = kit.ids.next();
    await tell({ incidentId: forgotten, sequence: 1 }, { incidentId: forgotten, sequence: 2 });
    await kit.database.rows({
      text: "update deliveries set status = 'succeeded', next_attempt_at = null, finished_at = now() where incident_id = $1 and sequence = 1",
      values: [forgotten],
    });
    const first = await promoteForgotten(kit.database, kit.clock.now(), null, 3);
    expect(first.promoted).toBe(0);
    expect(await promoteForgotten(kit.database, kit.clock.now(), first.last, 3)).toEqual({ promoted: 1, last: null });
  });
});

describe("what is retried by hand", () => {
  test("takes its place in the order: the later ones that wait go after it", async () => {
    await kit.makeEndpoint({ url: `${receiver.url}/again`, template: TEMPLATE, retry: { max_attempts: 1 } });
    const incidentId = kit.ids.next();
    receiver.respondWith({ status: 400 });
    await tell({ incidentId, sequence: 1 });
    const deliverer = kit.makeDeliverer();
    await deliverer.runOnce();
    receiver.respondWith({ status: 200 });
    await tell({ incidentId, sequence: 2 }, { incidentId, sequence: 3 });
    const [failed] = await kit.deliveries();
    await kit.database.transaction((tx) => retryDelivery(tx, kit.organizationId, failed?.id ?? "", kit.clock.now()));
    for (let round = 0; round < 3; round++) expect(await deliverer.runOnce()).toBe(1);
    const sent = receiver.requests
      .filter((request) => request.url === "/again")
      .map((request) => bodyOf(request).sequence);
    expect(sent).toEqual([1, 1, 2, 3]);
  });

  test("with force is the one real attempt that an open circuit lets through", async () => {
    const { endpoint } = await kit.makeEndpoint({
      url: `${receiver.url}/forced`,
      template: TEMPLATE,
      circuit: { failure_threshold: 1 },
    });
    receiver.respondWith({ status: 503 });
    const [one, other] = [kit.ids.next(), kit.ids.next()];
    await tell({ incidentId: one, sequence: 1 });
    const deliverer = kit.makeDeliverer();
    await deliverer.runOnce();
    await tell({ incidentId: other, sequence: 1 });
    kit.clock.advance(2_000);
    expect(await deliverer.runOnce(), "the circuit is open").toBe(0);
    const wanted = (await kit.deliveries())[1];
    const force = () =>
      kit.database.transaction((tx) => forceDelivery(tx, kit.organizationId, wanted?.id ?? "", kit.clock.now()));
    expect(await force()).toEqual({ passed: ["circuit_open", "pace"] });
    expect(await deliverer.runOnce()).toBe(1);
    expect(await deliverer.runOnce(), "it stays open for all others").toBe(0);
    const sent = receiver.requests
      .filter((request) => request.url === "/forced")
      .map((request) => bodyOf(request).incident);
    expect(sent).toEqual([one, other]);
    await kit.database.rows({ text: "update circuits set state = 'disabled', next_probe_at = null", values: [] });
    expect(await force()).toBe("endpoint_disabled");
    expect(endpoint.id).toBe(wanted?.endpoint_id);
  });

  test("with force does not overtake an earlier delivery of its incident", async () => {
    await kit.makeEndpoint({ url: `${receiver.url}/queued`, template: TEMPLATE });
    const incidentId = kit.ids.next();
    await tell({ incidentId, sequence: 1 }, { incidentId, sequence: 2 });
    const [, second] = await kit.deliveries();
    const forced = kit.database.transaction((tx) =>
      forceDelivery(tx, kit.organizationId, second?.id ?? "", kit.clock.now()),
    );
    expect(await forced).toBe("not_its_turn");
  });
});

describe("a two-way link", () => {
  test("carries what the first answer told into the later deliveries of that incident only", async () => {
    await kit.makeEndpoint({
      url: `${receiver.url}/tickets/{{default(link.ticket_id, 'new')}}`,
      template: { ticket: "{{link.ticket_id}}" },
      capture: { ticket_id: "json.ticket.id", region: "headers['x-region']", nothing: "json.missing" },
    });
    let made = 100;
    receiver.respondWith((request) =>
      request.url === "/tickets/new"
        ? { status: 201, headers: { "x-region": "eu" }, body: JSON.stringify({ ticket: { id: ++made } }) }
        : { status: 200, body: "no json" },
    );
    const [one, other] = [kit.ids.next(), kit.ids.next()];
    const deliverer = kit.makeDeliverer();
    await tell({ incidentId: one, sequence: 1 }, { incidentId: one, sequence: 2 });
    await deliverer.runOnce();
    await deliverer.runOnce();
    await tell({ incidentId: other, sequence: 1 });
    await deliverer.runOnce();
    const urls = receiver.requests
      .filter((request) => request.url.startsWith("/tickets"))
      .map((request) => request.url);
    expect(urls).toEqual(["/tickets/new", "/tickets/101", "/tickets/new"]);
    const links = await kit.database.rows<{ captured: unknown }>({
      text: "select captured from links order by incident_id",
      values: [],
    });
    expect(links.map((link) => link.captured)).toEqual([
      { ticket_id: 101, region: "eu" },
      { ticket_id: 102, region: "eu" },
    ]);
  });
});
