import { connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Database, openDatabase } from "../src/runtime/database.ts";
import { ensurePartitions } from "../src/store/partitions.ts";
import { type Connection, createTestDatabase, type TestDatabase } from "./support/database.ts";
import { openReceiveKit, type ReceiveKit, STARTED_AT, signed, storedReceipts } from "./support/receive-kit.ts";

/** A way to PostgreSQL that can be cut, refused, stalled, or robbed of its answers. */
type Way = {
  readonly connection: Connection;
  /** `open`; `refused`: no connection is taken; `silent`: what the server says is dropped. */
  set(state: "open" | "refused" | "silent"): void;
  /** Resets every connection. */
  cut(): void;
  close(): Promise<void>;
};

async function openWay(target: Connection): Promise<Way> {
  const pairs = new Set<Socket>();
  let state: "open" | "refused" | "silent" = "open";
  const server: Server = createServer((inner) => {
    if (state === "refused") return void inner.destroy();
    const outer = target.host.startsWith("/")
      ? connect(`${target.host}/.s.PGSQL.${target.port}`)
      : connect(target.port, target.host);
    for (const [from, to] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      pairs.add(from);
      from.on("data", (chunk) => {
        if (state !== "silent" || from === inner) to.write(chunk);
      });
      from.on("error", () => undefined);
      from.on("close", () => {
        pairs.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const cut = (): void => {
    for (const socket of pairs) socket.destroy();
  };
  return {
    connection: { ...target, host: "127.0.0.1", port: address.port },
    set(next) {
      state = next;
    },
    cut,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
}

const BODY = JSON.stringify({ id: "a-1", title: "Disk full" });
let own: TestDatabase;
let direct: Database;
let way: Way;
let kit: ReceiveKit;
let timers: (() => void)[] = [];

const open = (connection: Connection, statementTimeoutMs: number): Database =>
  openDatabase({
    connection,
    maxConnections: 4,
    statementTimeoutMs,
    connectTimeoutMs: 2_000,
    applicationName: "receive-storage-test",
  });

beforeEach(async () => {
  timers = [];
  own = await createTestDatabase();
  direct = open(own.connection, 10_000);
  await ensurePartitions(direct, STARTED_AT);
  way = await openWay(own.connection);
  kit = await openReceiveKit({
    database: open(way.connection, 10_000),
    schedule: (_ms, callback) => {
      timers.push(callback);
      return () => {
        timers = timers.filter((entry) => entry !== callback);
      };
    },
  });
});
afterEach(async () => {
  way.set("open");
  way.cut();
  for (const run of timers.splice(0)) run();
  await kit.close();
  await way.close();
  await direct.close();
  await own.drop();
});

const send = (id: string) => kit.send({ path: `/api/v1/webhooks/custom/${id}`, headers: signed(BODY), body: BODY });
const rowsOf = async (id: string): Promise<number> => (await storedReceipts({ ...kit, database: direct }, id)).length;

/** Runs what is due and sends until the node accepts again. */
async function sendUntilAccepted(id: string): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    for (const run of timers.splice(0)) run();
    if ((await send(id)).status === 200) return tries;
  }
}

describe("a database that is away", () => {
  test("makes every webhook a 503 with Retry-After at once, never a 200, and is met again by itself (F11, F15)", async () => {
    const { id } = kit.add({});
    expect((await send(id)).status).toBe(200);
    way.set("refused");
    way.cut();
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(id)));
    for (const answer of answers) {
      expect([answer.status, answer.json.error?.code]).toEqual([503, "STORAGE_UNAVAILABLE"]);
      expect(answer.headers.get("retry-after")).toBe("2");
    }
    expect(kit.receiver.activity().custom.lastFailedAt).toBe(kit.clock.now());
    way.set("open");
    await sendUntilAccepted(id);
    expect((await send(id)).status).toBe(200);
    const accepted = await rowsOf(id);
    expect(accepted).toBe(3);
  });

  test("also when integrations must be loaded from it", async () => {
    const loadIntegration = () => Promise.reject(new Error("connection refused"));
    const refusing = await openReceiveKit({ loadIntegration });
    const path = "/api/v1/webhooks/custom/01980000-0000-7000-8000-0000000000ff";
    const answer = await refusing.send({ path, headers: signed(BODY), body: BODY });
    expect([answer.status, answer.json.error?.code]).toEqual([503, "STORAGE_UNAVAILABLE"]);
    await refusing.close();
  });

  test("that never answers costs a webhook less than five seconds (F19, F21)", async () => {
    const { id } = kit.add({});
    expect((await send(id)).status).toBe(200);
    way.set("silent");
    const answer = send(id);
    while (kit.receiver.inFlight() === 0) await new Promise((resolve) => setImmediate(resolve));
    while ((await kit.metrics.read("overwatch_receive_waiting")) === 0 && timers.length === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    let isAnswered = false;
    void answer.then(() => {
      isAnswered = true;
    });
    while (!isAnswered) {
      kit.advance(4_500);
      kit.receiver.sweep();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await answer).status).toBe(503);
  });
});

describe("a commit whose reply is lost", () => {
  test("is answered 503, and the webhook that is sent again is accepted (F14)", async () => {
    const { id } = kit.add({});
    expect((await send(id)).status).toBe(200);
    way.set("silent");
    const answer = send(id);
    while ((await rowsOf(id)) < 2) await new Promise((resolve) => setImmediate(resolve));
    way.set("open");
    way.cut();
    expect((await answer).status).toBe(503);
    await sendUntilAccepted(id);
    // The lost one was committed, the sender could not know: at most one receipt more than answers.
    expect(await rowsOf(id)).toBe(3);
  });
});

describe("a table without room for today", () => {
  test("refuses the whole batch, and half of it is never stored", async () => {
    const { id } = kit.add({});
    kit.clock.set(STARTED_AT + 400 * 86_400_000);
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(id)));
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([503]));
    expect(await rowsOf(id)).toBe(0);
    const [queue] = await direct.rows<{ readonly count: number }>({
      text: "select count(*)::int as count from receipt_queue",
      values: [],
    });
    expect(queue?.count).toBe(0);
  });
});

describe("a table that somebody locks", () => {
  test("keeps webhooks waiting, answers them 503 in time, and accepts again when the lock is gone (F19)", async () => {
    const { id } = kit.add({});
    expect((await send(id)).status).toBe(200);
    let unlock = (): void => undefined;
    const locked = new Promise<void>((ready) => {
      void direct.transaction(async (tx) => {
        await tx.rows({ text: "lock table receipts in access exclusive mode", values: [] });
        ready();
        await new Promise<void>((resolve) => {
          unlock = resolve;
        });
      });
    });
    await locked;
    const answers = Array.from({ length: 5 }, () => send(id));
    while (kit.receiver.inFlight() < 5) await new Promise((resolve) => setImmediate(resolve));
    let answered = 0;
    for (const answer of answers) void answer.then(() => answered++);
    while (answered < 5) {
      kit.advance(4_500);
      kit.receiver.sweep();
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (const answer of await Promise.all(answers)) expect(answer.status).toBe(503);
    unlock();
    await sendUntilAccepted(id);
  });
});
