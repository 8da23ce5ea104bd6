import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDueWalk } from "../src/core/due-walk.ts";
import { findDueEndpoints } from "../src/store/due-endpoints.ts";
import { sql, timestamp } from "../src/store/sql.ts";
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
      for (let count = 0; count < ENDPOINTS / 4; count++) await kit.makeEndpoint({ url, timeoutSeconds: 60 });
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

describe("F50: the walk over what is due", () => {
  test("comes by every organization in every look, and by each endpoint of a large one in time", async () => {
    await kit.database.rows(sql`truncate deliveries, events, attempts, circuits, secrets, links, endpoints cascade`);
    const [large, small, other] = await Promise.all([makeOrganization(9), makeOrganization(1), makeOrganization(2)]);
    const walk = createDueWalk();
    const looks: string[][] = [];
    do {
      const position = walk.position();
      const look = await findDueEndpoints(kit.database, {
        now: kit.clock.now(),
        position,
        most: 9,
        mostOrganizations: 4,
      });
      looks.push(look.due.map(({ endpointId }) => endpointId));
      walk.note(look, look.due, []);
    } while (!walk.isAtEnd());
    expect(looks.length).toBeGreaterThan(2);
    for (const look of looks) expect(look).toEqual(expect.arrayContaining([...small, ...other]));
    expect(new Set(looks.flat())).toEqual(new Set([...large, ...small, ...other]));
  });

  test("goes on behind the organizations that one look takes", async () => {
    await kit.database.rows(sql`truncate deliveries, events, attempts, circuits, secrets, links, endpoints cascade`);
    const made: string[] = [];
    for (let count = 0; count < 5; count++) made.push(...(await makeOrganization(1)));
    const walk = createDueWalk();
    const seen: string[] = [];
    do {
      const position = walk.position();
      const look = await findDueEndpoints(kit.database, {
        now: kit.clock.now(),
        position,
        most: 9,
        mostOrganizations: 2,
      });
      expect(look.due.length).toBeLessThanOrEqual(2);
      seen.push(...look.due.map(({ endpointId }) => endpointId));
      walk.note(look, look.due, []);
    } while (!walk.isAtEnd());
    expect(seen.toSorted()).toEqual(made.toSorted());
  });
});

/** An organization with endpoints that have one delivery due each; returns the endpoints' ids. */
async function makeOrganization(endpoints: number): Promise<readonly string[]> {
  const id = kit.ids.next();
  const eventId = kit.ids.next();
  const now = timestamp(kit.clock.now());
  const endpointIds = Array.from({ length: endpoints }, () => kit.ids.next());
  await kit.database.rows(sql`insert into organizations (id, name, created_at) values (${id}, ${id}, ${now})`);
  await kit.database.rows(sql`
    insert into events (organization_id, id, type, payload, created_at) values (${id}, ${eventId}, 'test.ping', '{}', ${now})`);
  await kit.database.rows(sql`
    insert into endpoints (organization_id, id, name, url, events, created_at, updated_at)
    select ${id}::uuid, id, 'receiver', ${receiver.url}, '{*}', ${now}, ${now} from unnest(${endpointIds}::uuid[]) as ids (id)`);
  await kit.database.rows(sql`
    insert into circuits (organization_id, endpoint_id, updated_at)
    select ${id}::uuid, id, ${now} from unnest(${endpointIds}::uuid[]) as ids (id)`);
  await kit.database.rows(sql`
    insert into deliveries
      (organization_id, id, event_id, event_type, event_at, endpoint_id, status, next_attempt_at, created_at)
    select ${id}::uuid, id, ${eventId}::uuid, 'test.ping', ${now}, id, 'pending', ${now}, ${now}
    from unnest(${endpointIds}::uuid[]) as ids (id)`);
  return endpointIds;
}
