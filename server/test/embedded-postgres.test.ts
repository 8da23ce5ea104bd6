import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { databaseAccount } from "../src/runtime/embedded/account.ts";
import {
  type EmbeddedConnection,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from "../src/runtime/embedded-postgres.ts";

const OWNER = join(import.meta.dirname, "support/embedded-owner.ts");

let dataDir: string;
let server: EmbeddedPostgres | null = null;
let owner: ChildProcess | null = null;

beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), "overwatch-embedded-"));
});

afterEach(async () => {
  await server?.stop();
  server = null;
  owner?.kill("SIGKILL");
  owner = null;
});

afterAll(() => {
  rmSync(dataDir, { recursive: true, force: true });
});

async function start(options: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedPostgres> {
  server = await startEmbeddedPostgres({ dataDir, isDurable: false, maxConnections: 20, ...options });
  return server;
}

/** Starts the database from a process of its own, which can be killed. */
async function startFromOwner(): Promise<{ readonly child: ChildProcess; readonly connection: EmbeddedConnection }> {
  const child = spawn(process.execPath, [OWNER, dataDir], { stdio: ["ignore", "pipe", "inherit"] });
  owner = child;
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return { child, connection: JSON.parse(line.toString("utf8")) as EmbeddedConnection };
}

/** Resolves when the server has closed the connection. */
function closed(client: pg.Client): Promise<void> {
  return new Promise((resolve) => {
    client.on("end", () => resolve());
  });
}

async function connect(connection: EmbeddedConnection): Promise<pg.Client> {
  const client = new pg.Client(connection);
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

async function ask(connection: EmbeddedConnection, text: string): Promise<unknown> {
  const client = await connect(connection);
  try {
    return Object.values((await client.query<Record<string, unknown>>(text)).rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

const pidFile = () => join(dataDir, "postgres/postmaster.pid");
const serverPid = () => Number.parseInt(readFileSync(pidFile(), "utf8"), 10);

function guardOf(ownerPid: number): number {
  const children = readFileSync(`/proc/${ownerPid}/task/${ownerPid}/children`, "utf8").trim().split(" ");
  return Number(children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("postgres-guard")));
}

describe("the embedded PostgreSQL", () => {
  it("keeps its data from one start to the next", async () => {
    const first = await start();
    await ask(first.connection, "create table kept as select 42 as answer");
    await first.stop();
    expect(await ask((await start()).connection, "select answer from kept")).toBe(42);
  });

  it("stores text as UTF-8, ordered by code point on every machine", async () => {
    const { connection } = await start();
    expect(await ask(connection, "show server_encoding")).toBe("UTF8");
    expect(await ask(connection, "select array_agg(w order by w) from unnest(array['b', 'B', 'ä', 'a']) w")).toEqual([
      "B",
      "a",
      "b",
      "ä",
    ]);
  });

  it("listens on no port, only on a socket in a folder closed to others", async () => {
    const { connection } = await start();
    expect(await ask(connection, "show listen_addresses")).toBe("");
    expect(statSync(connection.host).mode & 0o777).toBe(0o700);
  });

  it("syncs every commit to disk unless that is turned off", async () => {
    const { connection } = await start({ isDurable: true });
    const settings = ["fsync", "synchronous_commit", "full_page_writes"];
    expect(await Promise.all(settings.map((name) => ask(connection, `show ${name}`)))).toEqual(["on", "on", "on"]);
  });

  it("does not run as root", async () => {
    await start();
    expect(statSync(join(dataDir, "postgres")).uid).not.toBe(0);
  });

  it("stops when the process that started it is killed, and starts again from its data", async () => {
    const { child, connection } = await startFromOwner();
    const end = closed(await connect(connection));
    child.kill("SIGKILL");
    await end;
    expect(await ask((await start()).connection, "select answer from kept")).toBe(42);
  });

  it("refuses a data directory that another living process uses, and leaves that one alone", async () => {
    const { child, connection } = await startFromOwner();
    await expect(start()).rejects.toThrow(`in use by another Overwatch (process ${child.pid})`);
    expect(await ask(connection, "select 1")).toBe(1);
    child.kill("SIGTERM");
    await once(child, "exit");
  });

  it.runIf(process.platform === "linux")("takes over from a server that nobody owns or guards any more", async () => {
    const { child } = await startFromOwner();
    process.kill(guardOf(child.pid ?? 0), "SIGKILL");
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await ask((await start()).connection, "select answer from kept")).toBe(42);
  });

  it("starts its server again when that is killed", async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const { connection } = await start({ onRestart: resolve });
    const end = closed(await connect(connection));
    process.kill(serverPid(), "SIGKILL");
    await end;
    expect(await promise).toMatch(/started again/);
    expect(await ask(connection, "select answer from kept")).toBe(42);
  });

  it.each([
    ["a process that is gone", "999999"],
    ["another program's process", String(process.pid)],
  ])("clears a pid file that names %s", async (_what, pid) => {
    writeFileSync(pidFile(), `${pid}\n`);
    expect(await ask((await start()).connection, "select answer from kept")).toBe(42);
  });

  it("finds a shorter place for its socket when the data directory's path is too long for one", async () => {
    const long = join(dataDir, "x".repeat(100));
    const { connection } = await start({ dataDir: long });
    expect(connection.host.startsWith(long)).toBe(false);
    expect(await ask(connection, "select 1")).toBe(1);
    await server?.stop();
    expect(statSync(connection.host, { throwIfNoEntry: false })).toBeUndefined();
  });

  it.each([
    ["a newer", "99"],
    ["an older", "9"],
  ])("refuses data of %s PostgreSQL and says so", async (age, version) => {
    const file = join(dataDir, "postgres/PG_VERSION");
    const original = readFileSync(file);
    writeFileSync(file, `${version}\n`);
    await expect(start()).rejects.toThrow(`made by PostgreSQL ${version}, which is ${age.split(" ")[1]} than`);
    writeFileSync(file, original);
  });

  it("names the data directory when that cannot be written", async () => {
    await expect(start({ dataDir: "/proc/overwatch" })).rejects.toThrow(
      /^The data directory \/proc\/overwatch cannot be written .* OVERWATCH_DATA_DIR\.$/,
    );
  });
});

describe("databaseAccount", () => {
  const PASSWD = "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n";

  it("is nobody else when we are not root", () => {
    expect(databaseAccount("/nowhere", 1000, PASSWD)).toBeNull();
  });

  it("is postgres before nobody when we are root", () => {
    const withPostgres = `${PASSWD}postgres:x:101:104::/:/bin/sh\n`;
    expect(databaseAccount("/nowhere", 0, withPostgres)).toEqual({ name: "postgres", uid: 101, gid: 104 });
    expect(databaseAccount("/nowhere", 0, PASSWD)).toEqual({ name: "nobody", uid: 65534, gid: 65534 });
  });

  it("explains what to do when there is neither", () => {
    expect(() => databaseAccount("/nowhere", 0, "root:x:0:0::/root:/bin/sh\n")).toThrow(/useradd --system postgres/);
  });
});
