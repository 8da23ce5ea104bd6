import type { IntegrationWire } from "../../../../server/src/api/contract.ts";
import { parseTime } from "../../lib/time.ts";

type Watched = Pick<IntegrationWire, "silent_after_seconds" | "last_receipt_at" | "created_at">;

/** How many milliseconds an integration has been silent when that is longer than it may be, else null. */
export function silentFor(integration: Watched, now: number): number | null {
  const { silent_after_seconds: limit, last_receipt_at: lastAt, created_at: createdAt } = integration;
  const since = parseTime(lastAt ?? createdAt);
  if (limit === null || since === null || now - since <= limit * 1_000) return null;
  return now - since;
}
