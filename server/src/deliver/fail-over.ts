import { takeTurns } from "../announce/take-turns.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Database } from "../runtime/database.ts";
import type { Ids } from "../runtime/id.ts";
import type { Log } from "../runtime/log.ts";
import type { Metrics } from "../runtime/metrics.ts";
import { insertFailovers, listFailingOver } from "../store/failovers.ts";

/** What failing over needs. */
export type FailOverDeps = {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly metrics: Metrics;
};

const TOGETHER = 500;

/**
 * Makes deliveries to fallbacks of what waits for endpoints that cannot be reached for long enough; the waiting ones stay
 * as they are. Returns how many were made.
 */
export async function failOver(deps: FailOverDeps): Promise<number> {
  let made = 0;
  for (;;) {
    const batch = await deps.database.transaction(async (tx) => {
      const now = deps.clock.now();
      const waiting = await listFailingOver(tx, now, TOGETHER);
      if (waiting.length === 0) return { seen: 0, stored: 0 };
      const failovers = waiting
        .filter((one) => !one.isAboutFallback)
        .map(({ endpointId, endpointName, fallbackId, ...one }) => ({
          ...one,
          id: deps.ids.next(),
          endpointId: fallbackId,
          createdAt: now,
          isWaiting: false,
          failover: { delivery_id: one.id, endpoint_id: endpointId, endpoint_name: endpointName },
        }));
      return { seen: waiting.length, stored: await insertFailovers(tx, await takeTurns(tx, failovers), waiting) };
    });
    made += batch.stored;
    if (batch.seen < TOGETHER) break;
  }
  if (made > 0) {
    deps.metrics.count("overwatch_failovers_total", {}, made);
    deps.log.warn({ deliveries: made }, "fallbacks hear what their endpoints cannot be told");
  }
  return made;
}
