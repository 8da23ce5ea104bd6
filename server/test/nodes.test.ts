import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Database, openDatabase } from "../src/runtime/database.ts";
import { beat, insertNode, NODE_LOCK_CLASS } from "../src/store/nodes.ts";
import { createTestDatabase, type TestDatabase } from "./support/database.ts";

const NOW = Date.UTC(2026, 10, 23, 12);
const idOf = (place: number): string => `01980000-0000-7000-8000-0000000000${String(place).padStart(2, "0")}`;

let server: TestDatabase;
let database: Database;
let session: pg.Client;
beforeAll(async () => {
  server = await createTestDatabase();
  database = openDatabase({
    connection: server.connection,
    maxConnections: 2,
    statementTimeoutMs: 10_000,
    connectTimeoutMs: 3_000,
    applicationName: "nodes-test",
  });
  // One session holds the locks by which all these nodes show that they live.
  session = new pg.Client(server.connection);
  await session.connect();
});
afterAll(async () => {
  await session.end();
  await database.close();
  await server.drop();
});

async function join(place: number, role: string, isLive = true): Promise<void> {
  await insertNode(database, { id: idOf(place), lockKey: place, role, version: "1.0.0", startedAt: NOW });
  if (isLive) await session.query("select pg_advisory_lock($1, $2)", [NODE_LOCK_CLASS, place]);
}

describe("a heartbeat", () => {
  test("counts who takes webhooks and who sends them, so that limits are divided among those alone (B11)", async () => {
    await join(1, "all");
    expect(await beat(database, idOf(1), NOW)).toMatchObject({ receiving: 1, workerIds: [idOf(1)] });
    await join(2, "receive");
    await join(3, "work");
    await join(4, "work");
    expect(await beat(database, idOf(1), NOW)).toMatchObject({
      receiving: 2,
      workerIds: [idOf(1), idOf(3), idOf(4)],
      deadNodeIds: [],
    });
  });

  test("does not count the dead, and names them", async () => {
    await join(5, "receive", false);
    expect(await beat(database, idOf(1), NOW)).toMatchObject({ receiving: 2, deadNodeIds: [idOf(5)] });
  });

  test("leaves a node that is stopped, but not gone, without a share of what endpoints allow", async () => {
    const later = NOW + 20_000;
    await beat(database, idOf(3), later);
    expect(await beat(database, idOf(1), later)).toMatchObject({
      workerIds: [idOf(1), idOf(3)],
      deadNodeIds: [idOf(5)],
    });
  });
});
