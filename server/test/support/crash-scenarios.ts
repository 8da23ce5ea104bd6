import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { startEmbeddedPostgres } from "../../src/runtime/embedded-postgres.ts";
import { type Cluster, createCluster, createSender, type Sender, sendMany } from "./cluster.ts";
import type { NodeProcess, Program } from "./node-process.ts";
import { type Receiver, startReceiver } from "./receiver.ts";

/**
 * Something breaks under a running program; answers with the promises that were not kept, none when all is well. The same
 * scenario runs on the program as it is and on programs with a planted bug. What must happen is waited for as long as
 * `patienceMs`: a bug may show by its never happening.
 */
export type Scenario = (program: Program, patienceMs: number) => Promise<readonly string[]>;

const PATIENCE_MS = 30_000;

/** A node is killed while a receiver holds its request: the delivery is sent once more, under the same id. */
export const nodeKilledBeforeTheRecord: Scenario = (program, patienceMs) =>
  withCluster({ program }, async ({ cluster, receiver, broken }) => {
    const within = patientFor(patienceMs);
    const first = await cluster.start();
    const sender = await createSender(first, `${receiver.url}/hook`);
    receiver.respondWith(async () => {
      await first.kill("SIGKILL");
      return { status: 200 };
    });
    await sender.send("one");
    await receiver.waitForCount(1);
    await first.kill("SIGKILL");
    // However long the next start takes, it is not the end of the lease that frees the delivery.
    await cluster.query("update deliveries set lease_until = now() + interval '1 hour' where status = 'in_flight'");
    receiver.respondWith({ status: 200 });
    await cluster.start();
    const isSent = await within(() => receiver.requests.length >= 2);
    if (!isSent) return broken("it was not sent again");
    const isRecorded = await within(async () => (await statuses(cluster)).every((status) => status === "succeeded"));
    if (!isRecorded) broken("the end was not written down");
    if (receiver.requests.length > 2) broken(`it was sent ${receiver.requests.length} times`);
    if (new Set(receiver.requests.map((request) => request.headers["webhook-id"])).size > 1) broken("its id changed");
    const attempts = await cluster.query<{ number: number; reason: string | null }>(
      "select number, reason from attempts order by number, id",
    );
    const told = JSON.stringify(attempts.map(({ number, reason }) => [number, reason]));
    if (told !== '[[1,"lost"],[2,null]]') broken(`its attempts are ${told}`);
  });

/**
 * A node stands still with a request under way, its lease ends, another node takes over and succeeds, and then the first
 * goes on and hears a refusal: what it says comes too late and changes nothing.
 */
export const zombieSpeaksTooLate: Scenario = (program, patienceMs) =>
  withCluster({ program }, async ({ cluster, receiver, broken }) => {
    const within = patientFor(patienceMs);
    const zombie = await cluster.start();
    const sender = await createSender(zombie, `${receiver.url}/hook`);
    let answerLate = (): void => undefined;
    const late = new Promise<void>((resolve) => {
      answerLate = resolve;
    });
    receiver.respondWith(async (request) => {
      if (request.index > 0) return { status: 200 };
      await late;
      return { status: 500 };
    });
    await sender.send("one");
    await receiver.waitForCount(1);
    zombie.freeze();
    await cluster.start();
    // Half a minute passes for the lease.
    await cluster.query("update deliveries set lease_until = now() - interval '1 second' where status = 'in_flight'");
    const isTakenOver = await within(async () => (await statuses(cluster)).includes("succeeded"));
    if (!isTakenOver) broken("no other node took over");
    answerLate();
    zombie.resume();
    await within(async () => {
      const [found] = await cluster.query<{ attempts: number }>("select count(*)::int as attempts from attempts");
      return /fenced/.test(zombie.output()) || (found?.attempts ?? 0) > 2;
    });
    if (!/fenced/.test(zombie.output())) broken("the late word was not noticed as such");
    const [row] = await cluster.query<{ status: string; attempt_count: number; attempts: number; last_error: unknown }>(
      "select status, attempt_count, last_error, (select count(*) from attempts)::int as attempts from deliveries",
    );
    if (row?.status !== "succeeded" || row.attempt_count !== 2 || row.attempts !== 2 || row.last_error !== null) {
      broken(`the late word changed the record: ${JSON.stringify(row)}`);
    }
    if (receiver.requests.length !== 2) broken(`it was sent ${receiver.requests.length} times`);
  });

/** All of PostgreSQL is killed, once while a commit hangs and then right behind acknowledgements: none was given too early. */
export const databaseKilledWhileReceiving: Scenario = (program, patienceMs) =>
  withOwnServer({ program }, async ({ cluster, server, broken }) => {
    const within = patientFor(patienceMs);
    const node = await cluster.start();
    const sender = await createSender(node);
    const acknowledged = new Set<string>();
    // What is not synced by its own commit stays off the disk, so that it shows.
    await cluster.query("alter system set wal_writer_delay = '10s'");
    await cluster.query("select pg_reload_conf()");

    const lock = await lockTable(cluster, "receipts", "insert into receipts");
    const hanging = sendMany(sender, idsOf("hanging", 20));
    if (!(await within(lock.isWaitedFor))) throw new Error("no webhook is being written");
    server.kill();
    for (const id of await hanging) acknowledged.add(id);

    for (let round = 0; round < 2; round++) {
      await cluster.isBack();
      // The node finds that out by itself, a moment later.
      const isAccepting = await within(async () => (await sender.send(`first-of-round-${round}`)) === 200);
      if (!isAccepting) return broken("webhooks are not accepted although the database is back");
      // Whatever else commits would bring what was acknowledged before to the disk: triage stands still.
      await lockTable(cluster, "incidents");
      const target = acknowledged.size + 200;
      const storm = beginStorm(sender, `round-${round}`, (id) => {
        acknowledged.add(id);
        if (acknowledged.size === target) server.kill();
      });
      await within(() => acknowledged.size >= target);
      await storm.end(200);
    }
    await cluster.isBack();
    if (!node.isRunning()) broken(`the node ended: ${lastWords(node)}`);
    if (acknowledged.size < 400) broken(`only ${acknowledged.size} webhooks were accepted in all`);
    const stored = await cluster.query<{ id: string }>(
      "select convert_from(body, 'UTF8')::json ->> 'id' as id from receipts",
    );
    const ids = new Set(stored.map((row) => row.id));
    const lost = [...acknowledged].filter((id) => !ids.has(id));
    if (lost.length > 0) broken(`${lost.length} of ${acknowledged.size} acknowledged webhooks are lost`);
  });

/** PostgreSQL restarts while the end of a delivery is being written: the node lives on, and writes it when it can. */
export const databaseRestartsWhileRecording: Scenario = (program, patienceMs) =>
  withOwnServer({ program }, async ({ cluster, server, receiver, broken }) => {
    const within = patientFor(patienceMs);
    const node = await cluster.start();
    const sender = await createSender(node, `${receiver.url}/hook`);
    let lock: TableLock | null = null;
    receiver.respondWith(async (request) => {
      if (request.index === 0) lock = await lockTable(cluster, "attempts", "with given as");
      return { status: 200 };
    });
    await sender.send("one");
    await receiver.waitForCount(1);
    const isWriting = await within(async () => (await lock?.isWaitedFor()) === true);
    if (!isWriting) throw new Error("the end of the delivery is not being written");
    await server.restart();
    const isRecorded = await within(async () => (await statuses(cluster)).includes("succeeded"));
    if (!node.isRunning()) return broken(`the node ended: ${lastWords(node)}`);
    if (!isRecorded) broken("the answer was not written down");
    const isAccepting = await within(async () => (await sender.send("two")) === 200);
    if (!isAccepting) return broken("webhooks are no longer accepted");
    const isDelivered = await within(() => receiver.requests.length >= 2);
    if (!isDelivered) broken("webhooks are no longer delivered");
    const [one, ...others] = receiver.requests;
    if (others.some((request) => request.headers["webhook-id"] === one?.headers["webhook-id"])) {
      broken("a delivery that had succeeded was sent again");
    }
  });

/** Sends alerts, forty at a time, until it is ended, and then so many more. */
function beginStorm(sender: Sender, name: string, onAcknowledged: (id: string) => void) {
  let left = Number.POSITIVE_INFINITY;
  let sent = 0;
  const lane = async (): Promise<void> => {
    while (left-- > 0) {
      const id = `${name}-${sent++}`;
      if ((await sender.send(id)) === 200) onAcknowledged(id);
    }
  };
  const lanes = Array.from({ length: 40 }, lane);
  return {
    async end(more: number): Promise<void> {
      left = more;
      await Promise.all(lanes);
    },
  };
}

type Scene = {
  readonly cluster: Cluster;
  readonly receiver: Receiver;
  readonly broken: (promise: string) => void;
};

async function withCluster(
  options: Parameters<typeof createCluster>[0],
  play: (scene: Scene) => Promise<void>,
): Promise<readonly string[]> {
  const found: string[] = [];
  const cluster = await createCluster(options);
  const receiver = await startReceiver();
  try {
    await play({ cluster, receiver, broken: (promise) => void found.push(promise) });
  } finally {
    await cluster.close();
    await receiver.close();
  }
  return found;
}

type OwnServer = {
  /** Kills the server and all that it has begun without warning; it is started again by itself. */
  kill(): void;
  /** Restarts the server as an administrator would, which ends every session, and resolves when it accepts again. */
  restart(): Promise<void>;
};

/** A scene with a durable PostgreSQL of its own, which may be killed. */
function withOwnServer(
  { program }: { readonly program: Program },
  play: (
    scene: Scene & { readonly server: OwnServer; readonly cluster: Cluster & { isBack(): Promise<void> } },
  ) => Promise<void>,
): Promise<readonly string[]> {
  return withFolder(async (dataDir) => {
    const postgres = await startEmbeddedPostgres({ dataDir, isDurable: true, maxConnections: 60 });
    const pidFile = join(dataDir, "postgres/postmaster.pid");
    const pidOf = (): number => Number(readFileSync(pidFile, "utf8").split("\n")[0]);
    const isBack = async (): Promise<void> => {
      while (!(await isAnswering(postgres.connection))) await turn();
    };
    const server: OwnServer = {
      kill() {
        const pid = pidOf();
        for (const each of [pid, ...childrenOf(pid)]) killQuietly(each, "SIGKILL");
      },
      async restart() {
        const before = pidOf();
        process.kill(before, "SIGINT");
        while (isAlive(before)) await turn();
        await isBack();
      },
    };
    try {
      const database = { connection: postgres.connection, drop: () => Promise.resolve() };
      return await withCluster({ program, database }, (scene) =>
        play({ ...scene, server, cluster: { ...scene.cluster, isBack } }),
      );
    } finally {
      await postgres.stop();
    }
  });
}

/** A table that nobody else can use until the lock is given back or its session ends. */
export type TableLock = {
  /** True when a statement waits for the table: with the given text in it, as others of a node may wait, too. */
  isWaitedFor(): Promise<boolean>;
  release(): Promise<void>;
};

/** Locks a table of the cluster's database; `statement` is a part of that for which somebody is to wait, any when absent. */
export async function lockTable(cluster: Cluster, table: string, statement = ""): Promise<TableLock> {
  const client = new pg.Client(cluster.database.connection);
  // The server may be killed under it.
  client.on("error", () => undefined);
  await client.connect();
  await client.query(`begin; lock table ${table} in access exclusive mode`);
  return {
    async isWaitedFor() {
      // Within one transaction PostgreSQL would tell the same again and again.
      await client.query("select pg_stat_clear_snapshot()");
      const { rowCount } = await client.query(
        `select 1
        from pg_locks
        join pg_stat_activity using (pid)
        where not granted and relation::regclass::text like $1 and position($2 in query) > 0`,
        [`${table}%`, statement],
      );
      return rowCount !== 0;
    },
    release: () => client.end(),
  };
}

async function isAnswering(connection: pg.ClientConfig): Promise<boolean> {
  const client = new pg.Client(connection).on("error", () => undefined);
  try {
    await client.connect();
    await client.query("select 1");
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "overwatch-crash-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** True once the condition holds; false when it did not in time. */
export async function within(
  condition: () => boolean | Promise<boolean>,
  patienceMs: number = PATIENCE_MS,
): Promise<boolean> {
  const end = performance.now() + patienceMs;
  while (!(await condition())) {
    if (performance.now() > end) return false;
    await turn();
  }
  return true;
}

function patientFor(patienceMs: number): (condition: () => boolean | Promise<boolean>) => Promise<boolean> {
  return (condition) => within(condition, patienceMs);
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}

function lastWords(node: NodeProcess): string {
  return node.output().trim().split("\n").slice(-3).join("\n");
}

async function statuses(cluster: Cluster): Promise<readonly string[]> {
  return (await cluster.query<{ status: string }>("select status from deliveries")).map((row) => row.status);
}

function idsOf(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${name}-${index}`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Linux tells at once; asking a program takes so long that what was acknowledged before is on the disk behind it. */
function childrenOf(pid: number): readonly number[] {
  const told =
    process.platform === "linux"
      ? readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
      : execFileSync("ps", ["-o", "pid=", "--ppid", String(pid)], { encoding: "utf8" });
  return told.trim().split(/\s+/).map(Number);
}

function killQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}
