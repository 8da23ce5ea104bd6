import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sql } from "../src/store/sql.ts";
import { createDeliveryKit, type DeliveryKit } from "./support/delivery-kit.ts";
import { type Receiver, startReceiver } from "./support/receiver.ts";

let kit: DeliveryKit;
let receiver: Receiver;

beforeAll(async () => {
  kit = await createDeliveryKit();
  receiver = await startReceiver();
  receiver.respondWith({ status: 200 });
});

afterAll(async () => {
  await receiver.close();
  await kit.close();
});

// More than a node remembers while they rest: what it forgets must not be what it has just claimed for.
const ENDPOINTS = 1_200;

describe("more endpoints than a node remembers", () => {
  test("all get every event, and nothing stays claimed", async () => {
    const url = `${receiver.url}/one-of-many`;
    const makeSome = async (): Promise<void> => {
      for (let count = 0; count < ENDPOINTS / 4; count++) await kit.makeEndpoint({ url });
    };
    await Promise.all([makeSome(), makeSome(), makeSome(), makeSome()]);
    const node = kit.makeDeliverer();
    for (let event = 1; event <= 2; event++) {
      await kit.makeEvent("incident.created");
      // An organization may hold a part of what the node can at a time, so it takes a few rounds.
      while ((await node.runOnce()) > 0);
      expect(receiver.requests.length).toBe(event * ENDPOINTS);
    }
    const open = (await kit.deliveries()).filter(({ status }) => status !== "succeeded");
    expect(open).toEqual([]);
  }, 60_000);
});

describe("an attempt that never ends", () => {
  test("loses its lease in the end, and the delivery is made", async () => {
    await kit.database.rows(sql`truncate deliveries, events, attempts, circuits, secrets, links, endpoints cascade`);
    await kit.makeEndpoint({ url: `${receiver.url}/stuck` });
    await kit.makeEvent("incident.created");
    const broken = kit.makeDeliverer(kit.ids.next(), undefined, {
      egress: { ...kit.egress, send: () => new Promise(() => undefined) },
    });
    void broken.runOnce();
    const isClaimed = async (): Promise<boolean> => (await kit.deliveries()).some((one) => one.status === "in_flight");
    await expect.poll(isClaimed).toBe(true);
    const other = kit.makeDeliverer();
    const passSeconds = async (seconds: number): Promise<void> => {
      for (let passed = 0; passed < seconds; passed += 10) {
        await broken.beat();
        kit.clock.advance(10_000);
      }
    };
    await passSeconds(590);
    expect(await other.takeOver()).toBe(0);
    await passSeconds(60);
    expect(await other.takeOver()).toBe(1);
    kit.clock.advance(3_600_000);
    await other.runOnce();
    expect(receiver.requests.filter(({ url }) => url === "/stuck")).toHaveLength(1);
  });
});
