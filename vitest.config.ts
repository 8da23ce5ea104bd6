import { defineConfig } from "vitest/config";

// Two projects, so that a run of unit tests alone never starts a database.
export default defineConfig({
  test: {
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
