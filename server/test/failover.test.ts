import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { announce } from "../src/announce/announce.ts";
import type { Endpoint } from "../src/core/endpoint.ts";
import type { EventType } from "../src/core/event.ts";
import { readLedger } from "../src/store/ledger-read.ts";
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

let told = 0;
beforeEach(async () => {
  receiver.respondWith({ status: 200 });
  told = receiver.requests.length;
  await kit.database.rows(sql`truncate deliveries, events, attempts, circuits, secrets, links, endpoints, ledger_entries,
    ledger_days cascade`);
});

const make = async (path: string, settings: Partial<Endpoint> = {}): Promise<Endpoint> =>
  (await kit.makeEndpoint({ url: `${receiver.url}/${path}`, name: path, ...settings })).endpoint;

const fallbackTo = (endpoint: Endpoint, originals: "keep" | "cancel" = "keep") => ({
  endpoint_id: endpoint.id,
  after_minutes: 5,
  originals,
});

/** The circuit of an endpoint, opened now or closed. */
const setCircuit = ({ id }: Endpoint, state: "open" | "closed" | "disabled") =>
  kit.database.rows(sql`
    update circuits
    set state = ${state}, opened_at = ${timestamp(state === "closed" ? null : kit.clock.now())},
      next_probe_at = ${timestamp(state === "open" ? kit.clock.now() + 3_600_000 : null)}
    where endpoint_id = ${id}`);

const tell = (type: EventType, incidentId: string, sequence: number) =>
  kit.database.transaction((tx) =>
    announce(tx, kit, kit.organizationId, [
      {
        type,
        incidentId,
        integrationId: null,
        endpointId: null,
        sequence,
        payload: { incident: { id: incidentId, number: 7, title: `event ${sequence}` } },
        at: kit.clock.now(),
      },
    ]),
  );

const MINUTE = 60_000;
const requests = () => receiver.requests.slice(told);
const statuses = async ({ id }: Endpoint) =>
  (await kit.deliveries()).filter((row) => row.endpoint_id === id).map((row) => row.status);
const isBalanced = async ({ id }: Endpoint): Promise<boolean> => {
  const ledger = await readLedger(kit.database, kit.organizationId, id, kit.clock.now());
  if (ledger === null) return false;
  const { succeeded, pending, inFlight, parked, exhausted, cancelled } = ledger;
  return ledger.matched > 0 && succeeded + pending + inFlight + parked + exhausted + cancelled === ledger.matched;
};

/** Everything that is due, sent. */
async function sendAll(): Promise<void> {
  const deliverer = kit.makeDeliverer();
  await deliverer.promote();
  while ((await deliverer.runOnce()) > 0);
}

describe("a fallback", () => {
  it("hears after its minutes what waits for the endpoint, says so, and leaves the waiting ones parked", async () => {
    const spare = await make("spare", { events: ["endpoint.disabled"] });
    const main = await make("main", { fallback: fallbackTo(spare), events: ["incident.*"] });
    await setCircuit(main, "open");
    const incidentId = kit.ids.next();
    await tell("incident.created", incidentId, 1);
    await tell("incident.updated", incidentId, 2);

    kit.clock.advance(5 * MINUTE - 1);
    expect(await kit.makeDeliverer().failOver()).toBe(0);
    kit.clock.advance(1);
    expect(await kit.makeDeliverer().failOver()).toBe(2);
    expect(await kit.makeDeliverer().failOver()).toBe(0);
    await sendAll();

    expect(requests().map(({ url }) => url)).toEqual(["/spare", "/spare"]);
    const bodies = requests().map(({ body }) => JSON.parse(body.toString()));
    expect(bodies.map(({ data }) => data.incident.title)).toEqual(["event 1", "event 2"]);
    expect(bodies[0].failover).toMatchObject({ endpoint_id: main.id, endpoint_name: "main" });
    expect(requests()[0]?.headers["overwatch-failover"]).toBe(main.id);
    expect(await statuses(main)).toEqual(["pending", "pending"]);
    expect(await statuses(spare)).toEqual(["succeeded", "succeeded"]);
    expect([await isBalanced(main), await isBalanced(spare)]).toEqual([true, true]);
  });

  it("is told the rest of an incident that it heard of, also when the endpoint is back, which hears all of it", async () => {
    const spare = await make("spare", { events: ["endpoint.disabled"] });
    const main = await make("main", { fallback: fallbackTo(spare), events: ["incident.*"] });
    await setCircuit(main, "open");
    const incidentId = kit.ids.next();
    await tell("incident.created", incidentId, 1);
    kit.clock.advance(5 * MINUTE);
    await kit.makeDeliverer().failOver();
    await sendAll();
    await setCircuit(main, "closed");
    await tell("incident.resolved", incidentId, 2);
    await tell("incident.created", kit.ids.next(), 1);
    await sendAll();

    const heard = (path: string) =>
      requests()
        .filter(({ url }) => url === `/${path}`)
        .map(({ body }) => JSON.parse(body.toString()).type);
    expect(heard("spare")).toEqual(["incident.created", "incident.resolved"]);
    expect(heard("main").sort()).toEqual(["incident.created", "incident.created", "incident.resolved"]);
  });

  it("makes the endpoint's own delivery needless where that is wanted, once it has been told", async () => {
    const spare = await make("spare", { events: ["endpoint.disabled"] });
    const main = await make("main", { fallback: fallbackTo(spare, "cancel"), events: ["incident.*"] });
    await setCircuit(main, "open");
    await tell("incident.created", kit.ids.next(), 1);
    kit.clock.advance(5 * MINUTE);
    receiver.respondWith({ status: 500 });
    await kit.makeDeliverer().failOver();
    await sendAll();
    expect(await statuses(main)).toEqual(["pending"]);

    receiver.respondWith({ status: 200 });
    kit.clock.advance(MINUTE);
    await sendAll();
    expect(await statuses(spare)).toEqual(["succeeded"]);
    const [original] = (await kit.deliveries()).filter((row) => row.endpoint_id === main.id);
    expect(original).toMatchObject({ status: "cancelled", cancel_reason: "failed_over" });
    expect(await isBalanced(main)).toBe(true);
    await setCircuit(main, "closed");
    await sendAll();
    expect(requests().filter(({ url }) => url === "/main")).toEqual([]);
  });

  it("hears at once for a disabled endpoint, what is announced while it is disabled too", async () => {
    const spare = await make("spare", { events: ["endpoint.disabled"] });
    const main = await make("main", { fallback: fallbackTo(spare), events: ["incident.*"] });
    await setCircuit(main, "disabled");
    await tell("incident.created", kit.ids.next(), 1);
    expect(await kit.makeDeliverer().failOver()).toBe(1);
    await sendAll();
    expect(requests().map(({ url }) => url)).toEqual(["/spare"]);
    expect(await statuses(main)).toEqual(["pending"]);
  });

  it("is not told again what it hears by itself, nor of itself, and never in a circle", async () => {
    const spare = await make("spare", { events: ["incident.*"] });
    const main = await make("main", { fallback: fallbackTo(spare), events: ["*"] });
    // Such a circle is refused when it is saved; a row that has it anyway must do no harm.
    await kit.database.rows(sql`
      update endpoints set fallback = ${JSON.stringify(fallbackTo(main))}::jsonb where id = ${spare.id}`);
    await setCircuit(main, "open");
    await setCircuit(spare, "open");
    await tell("incident.created", kit.ids.next(), 1);
    await kit.database.transaction((tx) =>
      announce(tx, kit, kit.organizationId, [
        {
          type: "endpoint.circuit_opened",
          incidentId: null,
          integrationId: null,
          endpointId: spare.id,
          sequence: 0,
          payload: {},
          at: kit.clock.now(),
        },
      ]),
    );
    kit.clock.advance(5 * MINUTE);
    expect(await kit.makeDeliverer().failOver()).toBe(0);
    expect((await kit.deliveries()).length).toBe(3);
    expect(await kit.makeDeliverer().failOver()).toBe(0);
  });

  it("that cannot be reached itself hands on to its own", async () => {
    const last = await make("last", { events: ["endpoint.disabled"] });
    const spare = await make("spare", { events: ["endpoint.disabled"], fallback: fallbackTo(last) });
    const main = await make("main", { fallback: fallbackTo(spare), events: ["incident.*"] });
    for (const endpoint of [main, spare]) await setCircuit(endpoint, "open");
    await tell("incident.created", kit.ids.next(), 1);
    kit.clock.advance(5 * MINUTE);
    expect(await kit.makeDeliverer().failOver()).toBe(1);
    expect(await kit.makeDeliverer().failOver()).toBe(1);
    await sendAll();
    expect(requests().map(({ url }) => url)).toEqual(["/last"]);
    expect(JSON.parse(requests()[0]?.body.toString() ?? "").failover.endpoint_id).toBe(spare.id);
  });
});
