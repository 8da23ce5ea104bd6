import { join } from "node:path";
import { defineConfig } from "vitest/config";

const ROOT = join(import.meta.dirname, "../../..");

// Takes the pictures of the docs; no part of the tests, because it changes files of the repository.
export default defineConfig({
  root: ROOT,
  test: {
    name: "pictures",
    include: ["web/e2e/pictures/*.pictures.ts"],
    environment: "node",
    globalSetup: ["server/test/support/global-setup.ts", "web/e2e/support/global-setup.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
