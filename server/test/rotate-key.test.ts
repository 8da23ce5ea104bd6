import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { placeOfAnswer } from "../src/api/idempotency.ts";
import { type Database, openDatabase } from "../src/runtime/database.ts";
import { createVault } from "../src/runtime/secrets.ts";
import { ensureDefaultOrganization } from "../src/store/organizations.ts";
import { resealSecrets } from "../src/store/resealing.ts";
import { insertSecret, placeOfSecret } from "../src/store/secrets.ts";
import { ensureSetting } from "../src/store/settings.ts";
import { json, sql } from "../src/store/sql.ts";
import { createTestDatabase, type TestDatabase } from "./support/database.ts";

const run = promisify(execFile);
const MAIN = join(import.meta.dirname, "../src/main.ts");
const OLD = "the former key of this installation, long";
const NEW = "the next key of this installation, longer";
const COUNT = 250;

let test: TestDatabase;
let database: Database;
let dataDir: string;
let organizationId: string;
const idOf = (n: number): string => `00000000-0000-7000-8000-${String(n).padStart(12, "0")}`;

beforeAll(async () => {
  test = await createTestDatabase();
  database = openDatabase({
    connection: test.connection,
    maxConnections: 2,
    statementTimeoutMs: 5_000,
    connectTimeoutMs: 3_000,
    applicationName: "rotate-key-test",
  });
  dataDir = mkdtempSync(join(tmpdir(), "overwatch-rotate-"));
  const vault = createVault(OLD);
  await ensureSetting(database, "secret_key_check", vault.checkValue);
  organizationId = (await ensureDefaultOrganization(database, idOf(1), 0)).id;
  for (let n = 0; n < COUNT; n++) {
    const secret = { organizationId, id: idOf(n), purpose: "token" } as const;
    const ciphertext = vault.seal(`secret ${n}`, placeOfSecret(secret));
    await insertSecret(database, { ...secret, ownerKind: "integration", ownerId: idOf(0), ciphertext, createdAt: 0 });
  }
  const sealed = vault.seal("answer", placeOfAnswer(organizationId, "k")).toString("base64");
  await database.rows(sql`
    insert into idempotency_keys (organization_id, key, fingerprint, status, response, created_at)
    values (${organizationId}, 'k', '\\x00', 201, ${json({ sealed })}, now())`);
});
afterAll(async () => {
  await database.close();
  await test.drop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function command(
  keys: Readonly<Record<string, string>>,
): Promise<{ stdout: string; stderr: string; code: number }> {
  const { host, port, user, database: name } = test.connection;
  const env = {
    PATH: process.env.PATH ?? "",
    DATABASE_URL: `postgres://${user}@localhost/${name}?host=${host}&port=${port}`,
    OVERWATCH_DATA_DIR: dataDir,
    OVERWATCH_ALLOW_FSYNC_OFF: "true",
    ...keys,
  };
  return run(process.execPath, [MAIN, "rotate-key"], { env }).then(
    (result) => ({ ...result, code: 0 }),
    (error: { stdout: string; stderr: string; code: number }) => error,
  );
}

const readAll = () =>
  database.rows<{ id: string; ciphertext: Buffer }>(sql`select id, ciphertext from secrets order by id`);

describe("overwatch rotate-key", () => {
  it("needs both keys, and the right ones", async () => {
    expect((await command({ OVERWATCH_SECRET_KEY: NEW })).code).toBe(2);
    const wrong = await command({ OVERWATCH_SECRET_KEY: NEW, OVERWATCH_SECRET_KEY_OTHER: "x".repeat(40) });
    expect([wrong.code, wrong.stderr.includes("nothing was changed")]).toEqual([1, true]);
  });

  it("goes on after an interruption, while both keys open everything, and ends with the new key alone", async () => {
    const both = createVault(NEW, undefined, OLD);
    // As after a kill: one batch is done, the others are not.
    expect(await database.transaction((tx) => resealSecrets(tx, both.header, both.reseal))).toBe(100);
    for (const { id, ciphertext } of await readAll()) {
      expect(both.open(ciphertext, placeOfSecret({ organizationId, id, purpose: "token" }))).toMatch(/^secret \d+$/);
    }
    const keys = { OVERWATCH_SECRET_KEY: NEW, OVERWATCH_SECRET_KEY_OTHER: OLD };
    const done = await command(keys);
    expect(done.stdout, done.stderr).toBe(`sealed anew: ${COUNT - 100} secrets, 1 kept answers\n`);
    const alone = createVault(NEW);
    for (const [n, { id, ciphertext }] of (await readAll()).entries()) {
      expect(alone.open(ciphertext, placeOfSecret({ organizationId, id, purpose: "token" }))).toBe(`secret ${n}`);
    }
    const [kept] = await database.rows<{ sealed: string }>(
      sql`select response ->> 'sealed' as sealed from idempotency_keys`,
    );
    expect(alone.open(Buffer.from(kept?.sealed ?? "", "base64"), placeOfAnswer(organizationId, "k"))).toBe("answer");
    expect(await ensureSetting(database, "secret_key_check", "")).toBe(alone.checkValue);
    expect((await command(keys)).stdout).toBe("sealed anew: 0 secrets, 0 kept answers\n");
  });
});
