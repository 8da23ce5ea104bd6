import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Database, openDatabase } from "../src/runtime/database.ts";
import { bigints, booleans, ints, jsonbs, jsons, texts, timestamps, uuids } from "../src/store/binary-array.ts";
import { sql } from "../src/store/sql.ts";
import { createTestDatabase, type TestDatabase } from "./support/database.ts";

let testDatabase: TestDatabase;
let database: Database;
beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = openDatabase({
    connection: testDatabase.connection,
    maxConnections: 2,
    statementTimeoutMs: 5_000,
    connectTimeoutMs: 3_000,
    applicationName: "test",
  });
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

const text = fc.string({ unit: "grapheme" }).filter((value) => !value.includes("\0"));
const row = fc.record({
  uuid: fc.option(fc.uuid()),
  text: fc.option(text),
  json: fc.jsonValue(),
  label: fc.dictionary(text, text),
  at: fc.option(
    fc
      .date({ min: new Date("1900-01-01"), max: new Date("2200-01-01"), noInvalidDate: true })
      .map((date) => date.getTime()),
  ),
  int: fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  bigint: fc.option(fc.maxSafeInteger()),
  boolean: fc.boolean(),
});

it("carries every value to the database and back as it was", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 20 }), async (rows) => {
      const read = await database.rows<{ json: string }>(sql`
        select uuid::text, text, json::text, label, at, int, bigint, boolean
        from unnest(${uuids(rows.map((one) => one.uuid))}, ${texts(rows.map((one) => one.text))},
                    ${jsons(rows.map((one) => one.json))}, ${jsonbs(rows.map((one) => one.label))},
                    ${timestamps(rows.map((one) => one.at))}, ${ints(rows.map((one) => one.int))},
                    ${bigints(rows.map((one) => one.bigint))}, ${booleans(rows.map((one) => one.boolean))})
          as given (uuid, text, json, label, at, int, bigint, boolean)`);
      expect(read).toEqual(rows.map((one) => ({ ...one, json: JSON.stringify(one.json), label: { ...one.label } })));
    }),
    { numRuns: 60 },
  );
});

it("refuses what is not a UUID rather than storing another", () => {
  for (const value of [
    "",
    "x",
    "0190",
    `${crypto.randomUUID()}0`,
    crypto.randomUUID().slice(1),
    crypto.randomUUID().replace(/.$/, "g"),
  ]) {
    expect(() => uuids([value])).toThrow(TypeError);
  }
});
