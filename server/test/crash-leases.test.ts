import { expect, test } from "vitest";
import { type Cluster, createCluster, createSender } from "./support/cluster.ts";
import { lockTable, within } from "./support/crash-scenarios.ts";
import { type Receiver, startReceiver } from "./support/receiver.ts";

// Nodes that stand still while their sessions live on: nothing but the end of a lease frees what they hold, so these
// tests take as long as a lease does, and wait for it together.

const LEASE_AND_POLL_MS = 35_000;
const PATIENCE_MS = 60_000;

type Scene = { readonly cluster: Cluster; readonly receiver: Receiver };

async function withCluster(play: (scene: Scene) => Promise<void>): Promise<void> {
  const cluster = await createCluster();
  const receiver = await startReceiver();
  try {
    await play({ cluster, receiver });
  } finally {
    await cluster.close();
    await receiver.close();
  }
}

test.concurrent(
  "what a node that stands still was sending is sent by another within 35 seconds",
  {
    timeout: 120_000,
  },
  () =>
    withCluster(async ({ cluster, receiver }) => {
      const frozen = await cluster.start();
      const sender = await createSender(frozen, `${receiver.url}/hook`);
      receiver.respondWith((request) => (request.index === 0 ? "hang" : { status: 200 }));
      await sender.send("one");
      await receiver.waitForCount(1);
      frozen.freeze();
      const [leased] = await cluster.query<{ until: Date }>("select lease_until as until from deliveries");
      await cluster.start();
      await receiver.waitForCount(2);
      const [{ now } = { now: new Date(0) }] = await cluster.query<{ now: Date }>("select now()");
      const leaseBeganAt = (leased?.until.getTime() ?? 0) - 30_000;
      expect(now.getTime() - leaseBeganAt).toBeLessThanOrEqual(LEASE_AND_POLL_MS);
      expect(new Set(receiver.requests.map((request) => request.headers["webhook-id"])).size).toBe(1);
    }),
);

test.concurrent(
  "what a node that stands still was reading is read by another, and once the node goes on it changes nothing",
  {
    timeout: 120_000,
  },
  () =>
    withCluster(async ({ cluster }) => {
      const frozen = await cluster.start();
      const sender = await createSender(frozen);
      const lock = await lockTable(cluster, "incidents");
      expect(await sender.send("one")).toBe(200);
      expect(await within(lock.isWaitedFor)).toBe(true);
      frozen.freeze();
      await lock.release();
      const other = await cluster.start();
      const isRead = async (): Promise<boolean> =>
        (await cluster.query("select 1 from receipt_outcomes where status = 'processed'")).length > 0;
      expect(await within(isRead, PATIENCE_MS)).toBe(true);
      frozen.resume();
      // Its next webhook has to be read by somebody, so both stages of both nodes are known to go on.
      expect(await within(async () => (await sender.send("two")) === 200)).toBe(true);
      expect(await within(async () => (await cluster.query("select 1 from incidents")).length === 2)).toBe(true);
      const told = await cluster.query<{ type: string; count: number }>(
        "select type, count(*)::int as count from events group by type order by type",
      );
      expect(told).toEqual([{ type: "incident.created", count: 2 }]);
      expect(other.isRunning() && frozen.isRunning()).toBe(true);
    }),
);
