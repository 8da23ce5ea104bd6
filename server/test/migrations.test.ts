import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { migrate, newestMigration, schemaVersion } from "../src/runtime/migrate.ts";
import { dumpSchema } from "../src/runtime/schema-dump.ts";
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from "./support/database.ts";

const MIGRATIONS = join(import.meta.dirname, "../migrations");

let database: TestDatabase;
let directory: string;

beforeEach(async () => {
  database = await createEmptyDatabase();
  directory = mkdtempSync(join(tmpdir(), "overwatch-migrations-"));
});

afterEach(async () => {
  await database.drop();
  rmSync(directory, { recursive: true, force: true });
});

function write(name: string, text: string): void {
  writeFileSync(join(directory, `${name}.sql`), text);
}

async function query<Row extends object>(text: string): Promise<Row[]> {
  const client = new pg.Client(database.connection);
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

const run = (options: { readonly dryRun?: boolean } = {}) =>
  migrate({ connection: database.connection, directory, ...options });

describe("migrate", () => {
  it("brings an empty database to the schema of this release, and then has nothing to do", async () => {
    const first = await migrate({ connection: database.connection });
    expect(first.applied.at(-1)).toBe(newestMigration());
    expect(await migrate({ connection: database.connection })).toEqual({ applied: [], pending: [] });
    expect(await schemaVersion(database.connection)).toBe(newestMigration());
  });

  it("runs files in the order of their numbers and reports them", async () => {
    write("0002_second", "insert into trail values (2);");
    write("0001_first", "create table trail (n int); insert into trail values (1);");
    expect((await run()).applied).toEqual(["0001_first", "0002_second"]);
    expect(await query("select n from trail order by n")).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it("lists what would run without running it", async () => {
    write("0001_first", "create table trail (n int);");
    expect(await run({ dryRun: true })).toEqual({ applied: [], pending: ["0001_first"] });
    expect(await schemaVersion(database.connection)).toBeNull();
    expect(await query("select to_regclass('trail') as found")).toEqual([{ found: null }]);
  });

  it("applies each file once when several nodes start together", async () => {
    write("0001_first", "create table trail (n int);");
    write("0002_second", "insert into trail values (1);");
    const results = await Promise.all([run(), run(), run()]);
    expect(results.flatMap((result) => result.applied).sort()).toEqual(["0001_first", "0002_second"]);
    expect(await query("select n from trail")).toEqual([{ n: 1 }]);
  });

  it("undoes a file that fails half way, keeps those before it, and names it", async () => {
    write("0001_first", "create table trail (n int);");
    write("0002_broken", "create table other (n int); select 1 / 0;");
    await expect(run()).rejects.toThrow(/0002_broken failed: division by zero/);
    expect(await schemaVersion(database.connection)).toBe("0001_first");
    expect(await query("select to_regclass('other') as found")).toEqual([{ found: null }]);
  });

  it("refuses a database that a newer release migrated", async () => {
    write("0001_first", "create table trail (n int);");
    write("0002_second", "select 1;");
    await run();
    rmSync(join(directory, "0002_second.sql"));
    await expect(run()).rejects.toThrow(/migrated by a newer Overwatch \(it has 0002_second/);
  });

  it("refuses a file that was slipped in before one that ran", async () => {
    write("0002_second", "select 1;");
    await run();
    write("0001_late", "select 1;");
    await expect(run()).rejects.toThrow(/0001_late/);
  });

  it("can build an index concurrently, which no transaction allows", async () => {
    write("0001_first", "create table trail (n int);");
    write("0002_index", "-- no transaction\ncreate index concurrently trail_n on trail (n);");
    expect((await run()).applied).toEqual(["0001_first", "0002_index"]);
    expect(await query("select indisvalid from pg_index where indexrelid = 'trail_n'::regclass")).toEqual([
      { indisvalid: true },
    ]);
  });

  it("gets through when another session held the table for longer than the lock timeout", async () => {
    write("0001_first", "create table trail (n int);");
    await run();
    write("0002_second", "alter table trail add m int;");
    const holder = new pg.Client(database.connection);
    await holder.connect();
    await holder.query("begin; lock table trail");
    const told: string[] = [];
    const onProgress = (message: string) => {
      told.push(message);
      if (message.includes("waits for a table")) void holder.end();
    };
    const result = await migrate({ connection: database.connection, directory, lockTimeoutMs: 1, onProgress });
    expect(result.applied).toEqual(["0002_second"]);
    expect(told).toContain("The migration 0002_second waits for a table that other sessions hold");
  });
});

describe("the migrations of this release", () => {
  const names = readdirSync(MIGRATIONS).sort();

  it("have numbers without a gap or a double, so that none can come before one that ran already", () => {
    expect(names.map((name) => Number(name.slice(0, 4)))).toEqual(names.map((_, index) => index + 1));
  });

  it("bring a database of an earlier stage to the schema of this release", async () => {
    // A database that stopped at the first three, with what such an installation has in it.
    for (const name of names.slice(0, 3)) cpSync(join(MIGRATIONS, name), join(directory, name));
    await run();
    await query(SOME_ROWS);
    await migrate({ connection: database.connection });
    expect(await schemaVersion(database.connection)).toBe(newestMigration());
    expect(await query("select id from endpoints")).toHaveLength(1);
    expect(await query("select id from deliveries where status = 'pending'")).toHaveLength(1);
    expect(await dumpSchema(database.connection)).toBe(readFileSync(join(MIGRATIONS, "../schema.sql"), "utf8"));
  });
});

const SOME_ROWS = `
  insert into organizations (id, name, created_at)
  values ('00000000-0000-7000-8000-000000000001', 'default', now());
  insert into endpoints (organization_id, id, name, url, events, created_at, updated_at)
  values ('00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000002', 'tickets',
          'https://tickets.example', '{*}', now(), now());
  insert into circuits (organization_id, endpoint_id, updated_at)
  values ('00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000002', now());
  insert into events (organization_id, id, type, payload, created_at)
  values ('00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000003', 'test.ping', '{}', now());
  insert into deliveries (organization_id, id, event_id, event_type, event_at, endpoint_id, status, next_attempt_at, created_at)
  values ('00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000004',
          '00000000-0000-7000-8000-000000000003', 'test.ping', now(), '00000000-0000-7000-8000-000000000002', 'pending',
          now(), now())`;

describe("createTestDatabase", () => {
  it("gives each caller a migrated database of its own", async () => {
    const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    expect(one.connection.database).not.toBe(other.connection.database);
    expect(await schemaVersion(one.connection)).toBe(newestMigration());
    await Promise.all([one.drop(), other.drop()]);
    await expect(schemaVersion(one.connection)).rejects.toThrow(/does not exist/);
  });
});
