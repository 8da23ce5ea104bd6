import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

// The longest files, longest first: what is begun late ends late, while other cores have nothing left to do. A file that is
// missing here only makes the run a little longer.
const LONGEST = [
  "web/e2e/endpoints.test.ts",
  "server/test/crash-leases.test.ts",
  "server/test/crash-promises.test.ts",
  "web/e2e/incidents.test.ts",
  "web/e2e/hostile.test.ts",
  "web/e2e/integrations.test.ts",
  "web/e2e/receipts.test.ts",
  "server/test/cli.test.ts",
  "server/test/crash.test.ts",
  "web/e2e/settings.test.ts",
  "web/e2e/deliveries.test.ts",
  "web/e2e/shell.test.ts",
  "web/e2e/set-up-walk.test.ts",
  "web/e2e/access.test.ts",
  "web/e2e/home-and-alerts.test.ts",
  "server/test/deliver-order.test.ts",
  "web/e2e/live-stream.test.ts",
  "server/test/deliver-many.test.ts",
  "web/e2e/audit.test.ts",
  "server/test/api-access.test.ts",
  "web/e2e/system.test.ts",
];

/** Begins the longest files first, whatever project they are of, and the others in vitest's own order. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { root } = this.ctx.config;
    const rankOf = ({ moduleId }: TestSpecification): number => {
      const rank = LONGEST.indexOf(relative(root, moduleId).replaceAll("\\", "/"));
      return rank === -1 ? LONGEST.length : rank;
    };
    return (await super.sort(files)).sort((one, other) => rankOf(one) - rankOf(other));
  }
}
