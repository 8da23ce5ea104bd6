import { spawnSync } from "node:child_process";
import { join } from "node:path";
import pg from "pg";
import { type Browser, chromium, type Page } from "playwright-core";
import { startEmbeddedPostgres } from "../server/src/runtime/embedded-postgres.ts";
import { type NodeProcess, startNodeProcess } from "../server/test/support/node-process.ts";
import { findBrowser } from "../web/e2e/support/browser.ts";
import type { Bench } from "./bench.ts";
import { PROBE } from "./console-probe.ts";
import { type SeedScale, seedIncidents } from "./console-seed.ts";

/** A console over many incidents, and a browser in front of it. */
export type ConsoleScene = {
  readonly node: NodeProcess;
  readonly database: pg.Pool;
  readonly page: Page;
  stop(): Promise<void>;
};

const ROOT = join(import.meta.dirname, "..");
const PASSWORD = "four lamps over harbour";
const PLATFORMS = ["grafana", "datadog", "prometheus", "custom", "newrelic", "signoz"] as const;

/** Builds the console, starts PostgreSQL and a node, fills it, and signs an administrator in. */
export async function startConsoleScene(bench: Bench, scale: SeedScale): Promise<ConsoleScene> {
  const known = findBrowser();
  if (known === null) throw new Error("There is no Chromium here: set OVERWATCH_CHROMIUM to its path");
  const build = spawnSync(process.execPath, ["scripts/run.mjs", "build"], { cwd: ROOT, stdio: "inherit" });
  if (build.status !== 0) throw new Error("The console could not be built");
  const postgres = await startEmbeddedPostgres({ dataDir: bench.makeDataDir(), isDurable: true, maxConnections: 60 });
  const { host, port, user, database: name } = postgres.connection;
  const node = await startNodeProcess(bench.makeDataDir(), {
    DATABASE_URL: `postgresql://${user}@localhost/${name}?host=${encodeURIComponent(host)}&port=${port}`,
  });
  const database = new pg.Pool({ ...postgres.connection, max: 2 });
  const integrationIds: string[] = [];
  for (const platform of PLATFORMS) {
    const made = await node.call("POST", "/integrations", {
      name: `${platform} of the shop`,
      platform,
      verification: { type: "none" },
    });
    integrationIds.push(String(made.id));
  }
  const [organization] = (await database.query<{ id: string }>("select id from organizations")).rows;
  await seedIncidents(database, organization?.id ?? "", integrationIds, scale);
  const browser = await chromium.launch(known);
  const page = await signIn(browser, node);
  return {
    node,
    database,
    page,
    async stop() {
      await browser.close();
      await node.stop();
      await database.end();
      await postgres.stop();
    },
  };
}

async function signIn(browser: Browser, node: NodeProcess): Promise<Page> {
  const context = await browser.newContext({ baseURL: node.url, viewport: { width: 1440, height: 900 } });
  context.setDefaultTimeout(20_000);
  const person = { name: "Ada Berg", email: "ada@example.test", role: "admin" };
  const { invite_url: link } = await node.call("POST", "/users", person);
  const token = new URL(String(link)).searchParams.get("token");
  const answer = await context.request.post("/api/v1/invites/accept", { data: { token, password: PASSWORD } });
  if (!answer.ok()) throw new Error(`Nobody could be signed in: ${await answer.text()}`);
  await context.addInitScript({ content: PROBE });
  return context.newPage();
}
