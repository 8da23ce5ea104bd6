import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, inject } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../server/test/support/database.ts";
import { type NodeProcess, startNodeProcess } from "../../../server/test/support/node-process.ts";
import type { Role } from "../../src/lib/session.ts";
import { signInAs } from "./people.ts";
import { SCREENSHOTS } from "./screenshots.ts";

const PROGRAM = join(import.meta.dirname, "../../../server/src/main.ts");
const execute = promisify(execFile);

/** False where there is no browser; every file begins with `describe.skipIf(!isBrowserHere)`. */
export const isBrowserHere = inject("browser") !== null;

/** How a page is opened. */
export type Opening = {
  /** Who is signed in; null for nobody. An administrator when not given. */
  readonly as?: Role | null;
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: "light" | "dark";
};

/** A real Overwatch with a database of its own, and a browser in front of it. */
export type ConsoleKit = {
  /** The node: `kit.node.call("POST", "/integrations", …)` prepares what a page shows. */
  readonly node: NodeProcess;
  /** How to reach the node's database. */
  readonly database: TestDatabase["connection"];
  /** Opens a path in a context of its own, which is closed after the test. */
  open(path: string, opening?: Opening): Promise<Page>;
  /** Runs a command of the program on the node's database and gives what it prints. */
  run(...args: readonly string[]): Promise<string>;
  /** Lets a test make the browser complain, such as about an answer of 401: pass what its console will say. */
  expectComplaint(pattern: RegExp): void;
};

type Running = {
  readonly browser: Browser;
  readonly database: TestDatabase;
  readonly node: NodeProcess;
  readonly dataDir: string;
  readonly environment: Readonly<Record<string, string>>;
};

/**
 * Registers the hooks of a test file and gives access to its console; `prepare` may give its node further environment
 * variables, such as where something that it needs listens. After each test it fails when a page logged an error,
 * threw, or asked another host for anything.
 */
export function useConsole(prepare: () => Promise<Readonly<Record<string, string>>> = async () => ({})): ConsoleKit {
  let running: Running | null = null;
  const contexts: BrowserContext[] = [];
  const problems: string[] = [];
  const expected: RegExp[] = [];
  const now = (): Running => {
    if (running === null) throw new Error("The console runs only inside of tests");
    return running;
  };

  beforeAll(async () => {
    running = await start(await prepare());
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await picture(contexts, task.name);
    await Promise.all(contexts.splice(0).map((context) => context.close()));
    const complaints = problems.splice(0).filter((problem) => !expected.some((pattern) => pattern.test(problem)));
    expected.length = 0;
    expect(complaints).toEqual([]);
  });
  afterAll(async () => {
    if (running === null) return;
    await running.browser.close();
    await running.node.stop();
    await running.database.drop();
    rmSync(running.dataDir, { recursive: true, force: true });
  });

  return {
    get node() {
      return now().node;
    },
    get database() {
      return now().database.connection;
    },
    async open(path, { as = "admin", width = 1280, height = 800, scheme = "light" } = {}) {
      const { browser, node } = now();
      const context = await browser.newContext({
        baseURL: node.url,
        viewport: { width, height },
        colorScheme: scheme,
        reducedMotion: "reduce",
        timezoneId: "Europe/Berlin",
      });
      // Only a page that is broken makes a test wait so long.
      context.setDefaultTimeout(30_000);
      contexts.push(context);
      watch(context, node.url, (problem) => {
        // A browser without a session is told so, and writes that into its console.
        if (as !== null || !/ 401 .*\/api\/v1\/session$/.test(problem)) problems.push(problem);
      });
      if (as !== null) await signInAs(context, node, as);
      const page = await context.newPage();
      await page.goto(path);
      return page;
    },
    async run(...args) {
      const { environment, dataDir } = now();
      const env = { PATH: process.env.PATH ?? "", OVERWATCH_DATA_DIR: dataDir, ...environment };
      return (await execute(process.execPath, [PROGRAM, ...args], { env })).stdout.trim();
    },
    expectComplaint(pattern) {
      expected.push(pattern);
    },
  };
}

async function start(added: Readonly<Record<string, string>>): Promise<Running> {
  const endpoint = inject("browser");
  if (endpoint === null) throw new Error("There is no browser; begin the file with describe.skipIf(!isBrowserHere)");
  const [browser, database] = await Promise.all([chromium.connect(endpoint), createTestDatabase()]);
  const dataDir = mkdtempSync(join(tmpdir(), "overwatch-e2e-"));
  const environment = { DATABASE_URL: urlOf(database.connection), OVERWATCH_ALLOW_FSYNC_OFF: "true", ...added };
  const node = await startNodeProcess(dataDir, environment);
  return { browser, database, node, dataDir, environment };
}

function urlOf({ host, port, user, database, password }: TestDatabase["connection"]): string {
  const secret = password === undefined ? "" : `:${encodeURIComponent(password)}`;
  return `postgres://${encodeURIComponent(user)}${secret}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`;
}

function watch(context: BrowserContext, origin: string, report: (problem: string) => void): void {
  context.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(`${origin}/`) && !url.startsWith("data:") && !url.startsWith("blob:")) {
      report(`a request to another host: ${url}`);
    }
  });
  context.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") {
      report(`${message.type()} in the browser: ${message.text()} ${message.location().url}`);
    }
  });
  context.on("weberror", (error) => report(`thrown in the browser: ${error.error().message}`));
}

/** What the pages looked like when a test failed. */
async function picture(contexts: readonly BrowserContext[], name: string): Promise<void> {
  const slug = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 60);
  for (const [index, page] of contexts.flatMap((context) => context.pages()).entries()) {
    await page.screenshot({ path: join(SCREENSHOTS, `failed-${slug}-${index}.png`) }).catch(() => undefined);
  }
}
