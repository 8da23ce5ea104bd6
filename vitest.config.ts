import { defineConfig } from "vitest/config";

// Projects, so that a run of unit tests alone starts neither a database nor a browser.
export default defineConfig({
  test: {
    // Many tests wait for a database or another process, so a worker per core keeps small machines busy, not overloaded.
    maxWorkers: "100%",
    projects: [
      {
        // Property tests take a second, and several on a machine that is busy.
        test: { name: "unit", include: ["server/src/**/*.test.ts"], environment: "node", testTimeout: 20_000 },
      },
      { test: { name: "web", include: ["web/src/**/*.test.ts"], environment: "node" } },
      {
        test: {
          name: "e2e",
          include: ["web/e2e/**/*.test.ts"],
          environment: "node",
          globalSetup: ["server/test/support/global-setup.ts", "web/e2e/support/global-setup.ts"],
          // One browser and one node serve all files.
          fileParallelism: false,
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
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
