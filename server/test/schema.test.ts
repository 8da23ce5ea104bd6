import { readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dumpSchema } from "../src/runtime/schema-dump.ts";
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from "./support/database.ts";

const COMMITTED = readFileSync(join(import.meta.dirname, "../schema.sql"), "utf8");

let migrated: TestDatabase;
let empty: TestDatabase;

beforeAll(async () => {
  [migrated, empty] = await Promise.all([createTestDatabase(), createEmptyDatabase()]);
});

afterAll(async () => {
  await Promise.all([migrated.drop(), empty.drop()]);
});

async function run(database: TestDatabase, text: string): Promise<void> {
  const client = new pg.Client(database.connection);
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

describe("server/schema.sql", () => {
  it("is what the migrations make; `npm run schema` writes it anew", async () => {
    expect(await dumpSchema(migrated.connection)).toBe(COMMITTED);
  });

  it("makes the same schema when it is run", async () => {
    await run(empty, COMMITTED);
    expect(await dumpSchema(empty.connection)).toBe(COMMITTED);
  });
});

describe("dumpSchema", () => {
  it.each([
    ["a column", "alter table settings add column extra int default 7"],
    ["a lost not null", "alter table settings alter column value drop not null"],
    ["a constraint", "alter table settings add constraint short check (length(value) < 9)"],
    ["an index", "create index settings_extra on settings (value)"],
    ["a storage option", "alter table settings set (fillfactor = 50)"],
    ["a function", "create function answer() returns int language sql as 'select 42'"],
  ])("shows %s", async (_what, statement) => {
    const before = await dumpSchema(migrated.connection);
    await run(migrated, statement);
    expect(await dumpSchema(migrated.connection)).not.toBe(before);
  });

  it("leaves out partitions, which come and go", async () => {
    const before = await dumpSchema(migrated.connection);
    await run(migrated, "create table receipts_today partition of receipts default");
    expect(await dumpSchema(migrated.connection)).toBe(before);
  });

  it("refuses what it cannot show", async () => {
    await run(migrated, "create view answers as select 42 as answer");
    await expect(dumpSchema(migrated.connection)).rejects.toThrow("cannot show a relation of kind v: answers");
  });
});
