import { defineConfig } from "vitest/config";

// Two projects, so that a run of unit tests alone never starts a database.
export default defineConfig({
  test: {
    // Many tests wait for a database or another process, so a worker per core keeps small machines busy, not overloaded.
    maxWorkers: "100%",
    projects: [
      { test: { name: "unit", include: ["server/src/**/*.test.ts"], environment: "node" } },
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
