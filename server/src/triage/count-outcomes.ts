import type { ActivityCounts } from "../runtime/activity.ts";
import type { BatchResult } from "./batch.ts";

/** Counts what became of receipts, by integration; receipts that are processed again or were edited are not counted. */
export function countOutcomes(counts: ActivityCounts, result: BatchResult): void {
  for (const { receipt, outcome } of result.outcomes) {
    if (receipt.payload.isReplay || receipt.payload.verifiedBy.startsWith("edited by ")) continue;
    const { organizationId, integrationId } = receipt.claim;
    counts.add(organizationId, integrationId, `read:${outcome.status}`);
    const { reading } = receipt;
    if (reading.kind === "signals" && reading.signals.length > 0) {
      counts.add(organizationId, integrationId, "signals", reading.signals.length);
    }
  }
}
