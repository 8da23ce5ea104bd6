import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Cluster, createCluster, createSender, sendMany } from "./support/cluster.ts";
import { type ReceivedRequest, type Receiver, startReceiver } from "./support/receiver.ts";
import { until } from "./support/until.ts";

// Real processes on a real PostgreSQL, ended without warning.

let cluster: Cluster;
let receiver: Receiver;

beforeEach(async () => {
  cluster = await createCluster();
  receiver = await startReceiver();
});

afterEach(async () => {
  await cluster.close();
  await receiver.close();
});

const alertOf = (request: ReceivedRequest): string => (JSON.parse(request.body.toString()) as { alert: string }).alert;
const idsOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `alert-${index}`);

describe("a node that is killed", () => {
  test("after acknowledging 1,000 alerts loses none of them: the next start delivers each of them once", {
    timeout: 120_000,
  }, async () => {
    const first = await cluster.start();
    receiver.respondWith({ status: 503 });
    const sender = await createSender(first, `${receiver.url}/hook`);
    const acknowledged = await sendMany(sender, idsOf(1_000));
    expect(acknowledged.size).toBe(1_000);
    await first.kill("SIGKILL");

    const before = receiver.requests.length;
    receiver.respondWith({ status: 200 });
    await cluster.start();
    const delivered = new Set<string>();
    await receiver.waitFor((request) => {
      if (request.index >= before) delivered.add(alertOf(request));
      return delivered.size === 1_000;
    });
    const again = receiver.requests.slice(before);
    const succeeded = again.map((request) => request.headers["webhook-id"]);
    expect(new Set(succeeded).size, "each delivery is sent once after the start").toBe(succeeded.length);
  });

  test("in the middle of receiving has stored every webhook that it answered 200, exactly once", {
    timeout: 120_000,
  }, async () => {
    const first = await cluster.start();
    const sender = await createSender(first);
    const sending = sendMany(sender, idsOf(2_000), 40);
    // The kill comes while requests are under way: after the first few hundred have been answered.
    await until(async () => (await countReceipts()) >= 300);
    await first.kill("SIGKILL");
    const acknowledged = await sending;
    expect(acknowledged.size).toBeGreaterThan(0);
    expect(acknowledged.size).toBeLessThan(2_000);

    const stored = await storedAlertIds();
    for (const id of acknowledged) expect(stored.filter((other) => other === id)).toHaveLength(1);

    const second = await cluster.start();
    await allTriaged();
    const incidents = await second.call("GET", "/incidents?limit=1");
    expect((incidents.data as unknown[]).length).toBe(1);
    const numbers = await query<{ alerts: number; incidents: number }>(
      "select (select count(*) from alerts)::int as alerts, (select count(*) from incidents)::int as incidents",
    );
    expect(numbers[0]).toEqual({ alerts: stored.length, incidents: stored.length });
  });

  test("between the receiver's 2xx and the record sends that delivery once more, with the same id", {
    timeout: 120_000,
  }, async () => {
    const first = await cluster.start();
    const sender = await createSender(first, `${receiver.url}/hook`);
    receiver.respondWith(async () => {
      // Killed with the request in the receiver's hands: the answer is never heard.
      await first.kill("SIGKILL");
      return { status: 200 };
    });
    expect(await sender.send("one")).toBe(200);
    await receiver.waitForCount(1);
    receiver.respondWith({ status: 200 });
    await cluster.start();
    await receiver.waitForCount(2);
    await finished("succeeded", 1);
    expect(receiver.requests).toHaveLength(2);
    const [one, other] = receiver.requests;
    expect(one?.headers["webhook-id"]).toBe(other?.headers["webhook-id"]);
    const attempts = await query<{ number: number; reason: string | null }>(
      "select number, reason from attempts order by number",
    );
    expect(attempts).toEqual([
      { number: 1, reason: "lost" },
      { number: 2, reason: null },
    ]);
  });
});

describe("a node that is told to stop", () => {
  test("answers what it has begun, gives back what it has not, and exits with 0", { timeout: 60_000 }, async () => {
    const node = await cluster.start();
    const sender = await createSender(node, `${receiver.url}/hook`);
    const sending = sendMany(sender, idsOf(400), 40);
    await receiver.waitForCount(20);
    const exit = node.stop();
    const acknowledged = await sending;
    expect(await exit).toBe(0);
    const stored = await storedAlertIds();
    for (const id of acknowledged) expect(stored).toContain(id);
    const held = await query<{ held: number }>(
      "select count(*)::int as held from deliveries where status = 'in_flight'",
    );
    expect(held[0]?.held).toBe(0);
    const nodes = await query("select id from nodes");
    expect(nodes).toEqual([]);
  });
});

describe("nodes with roles", () => {
  test("share the work: one receives, another triages and delivers, each delivery once", {
    timeout: 60_000,
  }, async () => {
    const receiving = await cluster.start({ OVERWATCH_ROLE: "receive" });
    await cluster.start({ OVERWATCH_ROLE: "work" });
    await cluster.start({ OVERWATCH_ROLE: "work" });
    const sender = await createSender(receiving, `${receiver.url}/hook`);
    const acknowledged = await sendMany(sender, idsOf(200));
    expect(acknowledged.size).toBe(200);
    await finished("succeeded", 200);
    expect(new Set(receiver.requests.map((request) => request.headers["webhook-id"])).size).toBe(200);
    expect(receiver.requests).toHaveLength(200);
  });
});

describe("a start", () => {
  test("with another secret key than the database's is refused in a sentence and changes nothing", {
    timeout: 60_000,
  }, async () => {
    const node = await cluster.start();
    await createSender(node);
    await node.stop();
    await expect(cluster.start({ OVERWATCH_SECRET_KEY: "quite another key, also long enough" })).rejects.toThrow(
      /is not the one that sealed this database's secrets/,
    );
    await expect(cluster.start()).resolves.toBeDefined();
  });

  test("on a database without fsync is refused unless that is allowed", { timeout: 60_000 }, async () => {
    await expect(cluster.start({ OVERWATCH_ALLOW_FSYNC_OFF: "false" })).rejects.toThrow(/fsync = off/);
  });
});

function query<Row extends object>(text: string): Promise<readonly Row[]> {
  return cluster.query<Row>(text);
}

async function countReceipts(): Promise<number> {
  return (await query<{ count: number }>("select count(*)::int as count from receipts"))[0]?.count ?? 0;
}

async function storedAlertIds(): Promise<readonly string[]> {
  const rows = await query<{ id: string }>("select convert_from(body, 'UTF8')::json ->> 'id' as id from receipts");
  return rows.map((row) => row.id);
}

async function allTriaged(): Promise<void> {
  await until(async () => (await query("select 1 from receipt_queue limit 1")).length === 0);
}

async function finished(status: string, count: number): Promise<void> {
  await until(async () => {
    const [row] = await query<{ count: number }>(
      `select count(*)::int as count from deliveries where status = '${status}'`,
    );
    return (row?.count ?? 0) >= count;
  });
}
