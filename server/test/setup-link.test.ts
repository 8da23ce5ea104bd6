import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "./support/database.ts";
import { type NodeProcess, startNodeProcess } from "./support/node-process.ts";

const run = promisify(execFile);
const MAIN = join(import.meta.dirname, "../src/main.ts");
const LINK = /http:\/\/127\.0\.0\.1:\d+\/setup\?token=([\w-]{43})/g;

let test: TestDatabase;
let dataDir: string;
let node: NodeProcess;
let environment: Record<string, string>;

beforeAll(async () => {
  test = await createTestDatabase();
  dataDir = mkdtempSync(join(tmpdir(), "overwatch-setup-"));
  const { host, port, user, database } = test.connection;
  environment = {
    DATABASE_URL: `postgres://${user}@localhost/${database}?host=${host}&port=${port}`,
    OVERWATCH_DATA_DIR: dataDir,
    OVERWATCH_ALLOW_FSYNC_OFF: "true",
    OVERWATCH_BOOTSTRAP_API_KEY: "",
    LOG_LEVEL: "debug",
  };
  node = await startNodeProcess(dataDir, environment);
});
afterAll(async () => {
  await node.stop();
  rmSync(dataDir, { recursive: true, force: true });
  await test.drop();
});

const post = (path: string, body: object): Promise<Response> =>
  fetch(`${node.url}/api/v1${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });

async function command(...args: readonly string[]): Promise<{ stdout: string; stderr: string; code: number }> {
  const env = { PATH: process.env.PATH ?? "", ...environment, PORT: String(node.port) };
  return run(process.execPath, [MAIN, "setup-link", ...args], { env }).then(
    (result) => ({ ...result, code: 0 }),
    (error: { stdout: string; stderr: string; code: number }) => error,
  );
}

describe("a first start without a key", () => {
  it("prints one link that makes the first administrator, and nothing of it in the log", async () => {
    const lines = node.output().split("\n");
    const tokens = lines.flatMap((line) => [...line.matchAll(LINK)].map((match) => match[1] ?? ""));
    expect(tokens).toHaveLength(1);
    const logged = lines.filter((line) => line.startsWith("{"));
    expect(logged.length).toBeGreaterThan(0);
    expect(logged.join("\n")).not.toContain(tokens[0]);

    const more = await command();
    const token = new RegExp(LINK.source).exec(more.stdout)?.[1];
    expect(more.stdout.trim().split("\n")).toHaveLength(1);
    const ada = { name: "Ada", email: "ada@example.com", password: "tallow heron quay" };
    expect((await post("/setup", { ...ada, token })).status).toBe(201);
    expect((await post("/setup", { ...ada, token: tokens[0] })).status).toBe(404);
  });

  it("keeps an admin key in a file that its owner alone can read", async () => {
    const path = join(dataDir, "admin-api-key");
    expect(existsSync(path)).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const authorization = `Bearer ${readFileSync(path, "utf8").trim()}`;
    expect((await fetch(`${node.url}/api/v1/users`, { headers: { authorization } })).status).toBe(200);
  });

  it("prints none any more once somebody can sign in; whoever is locked out names an address", async () => {
    const refused = await command();
    expect([refused.code, refused.stdout]).toEqual([2, ""]);
    expect(refused.stderr).toContain("--email");
    const { stdout } = await command("--email", "Ada@Example.com");
    const token = /\/invite\?token=([\w-]{43})$/.exec(stdout.trim())?.[1];
    const accepted = await post("/invites/accept", { token, password: "walnut heron quay" });
    expect(((await accepted.json()) as { user: { role: string } }).user.role).toBe("admin");
    expect((await post("/session", { email: "ada@example.com", password: "walnut heron quay" })).status).toBe(200);

    await node.stop();
    node = await startNodeProcess(dataDir, environment);
    expect(node.output()).not.toMatch(LINK);
  });
});
