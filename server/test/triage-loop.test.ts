import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "../src/runtime/database.ts";
import { sql } from "../src/store/sql.ts";
import { createTriageKit, readSignals, type TriageKit } from "./support/triage-kit.ts";

let kit: TriageKit;
beforeAll(async () => {
  kit = await createTriageKit();
});
afterAll(() => kit.close());

describe("the loop of triage", () => {
  it("outlives a claim that fails while the batch before it is still being written, and loses nothing", async () => {
    const integration = await kit.makeIntegration(await kit.makeOrganization());
    for (let index = 0; index < 60; index++) await kit.storeSignals(integration, [{ dedupKey: `key-${index}` }]);
    let claims = 0;
    let failed = (): void => undefined;
    const hasFailed = new Promise<void>((resolve) => {
      failed = resolve;
    });
    // The second claim is the one ahead: it fails at once, and the first batch is held back until everybody could notice.
    const database: Database = {
      ...kit.database,
      lossyRows(statement, before) {
        claims += 1;
        if (claims !== 2) return kit.database.lossyRows(statement, before);
        setImmediate(failed);
        return Promise.reject(new Error("write EPIPE"));
      },
      async transaction(work, options) {
        if (claims === 2) {
          await hasFailed;
          await new Promise((resolve) => setImmediate(resolve));
        }
        return kit.database.transaction(work, options);
      },
    };
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    const triage = kit.makeTriage({ database, read: readSignals });
    try {
      triage.start();
      triage.wake();
      for (;;) {
        const [row] = await kit.rows<{ count: number }>(sql`select count(*)::int as count from receipt_outcomes`);
        if (row?.count === 60) break;
      }
    } finally {
      await triage.stop();
      process.off("unhandledRejection", note);
    }
    expect(claims).toBeGreaterThan(1);
    expect(unhandled).toEqual([]);
  });
});
