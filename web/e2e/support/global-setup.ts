import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type BrowserServer, chromium } from "playwright-core";
import type { TestProject } from "vitest/node";
import { findBrowser } from "./browser.ts";
import { SCREENSHOTS } from "./screenshots.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Where the browser of this run listens, null when there is none. */
    readonly browser: string | null;
  }
}

const ROOT = join(import.meta.dirname, "../../..");

/** Builds the console when it is not built, and starts one browser for the run. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const browser = await startBrowser();
  project.provide("browser", browser?.wsEndpoint() ?? null);
  if (browser === null) return async () => undefined;
  rmSync(SCREENSHOTS, { recursive: true, force: true });
  mkdirSync(SCREENSHOTS, { recursive: true });
  const build = spawnSync(process.execPath, ["scripts/run.mjs", "build"], { cwd: ROOT, stdio: "inherit" });
  if (build.status !== 0) throw new Error("The console could not be built");
  return () => browser.close();
}

async function startBrowser(): Promise<BrowserServer | null> {
  const known = findBrowser();
  if (known === null) {
    const sentence =
      "There is no Chromium here: on Debian `npm run e2e -- --install` gets it, else set OVERWATCH_CHROMIUM";
    if (process.env.REQUIRE_E2E === "1") throw new Error(sentence);
    console.warn(`\n  SKIPPED: every test in a browser. ${sentence}.\n`);
    return null;
  }
  return chromium.launchServer(known);
}
