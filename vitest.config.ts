import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./scripts/longest-first.ts";

// Projects, so that a run of unit tests alone starts neither a database nor a browser.
export default defineConfig({
  test: {
    // Many tests wait for a database or another process: one worker more than cores keeps small machines busy.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "unit",
          include: ["server/src/**/*.test.ts"],
          environment: "node",
          // What is pure leaves nothing behind, and a process for each file would take longer than its tests.
          isolate: false,
          // Property tests take a second, and several on a machine that is busy.
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: "web",
          include: ["web/src/**/*.test.ts"],
          environment: "node",
          isolate: false,
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["web/e2e/**/*.test.ts"],
          environment: "node",
          globalSetup: ["server/test/support/global-setup.ts", "web/e2e/support/global-setup.ts"],
          expect: { poll: { timeout: 30_000 } },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "integration",
          include: ["server/test/**/*.test.ts"],
          environment: "node",
          globalSetup: ["server/test/support/global-setup.ts"],
          // Each of such tests starts processes of its own.
          maxConcurrency: 3,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
