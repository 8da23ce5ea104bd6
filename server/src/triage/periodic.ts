import { readQueue } from "../store/receipt-queue.ts";
import { listWatchedIntegrations } from "../store/triage-integrations.ts";
import type { BatchDeps } from "./batch.ts";
import { settleDueIncidents } from "./due-incidents.ts";
import type { Hearing } from "./hearing.ts";
import type { PeriodicResult } from "./periodic-result.ts";
import { announceSilence } from "./silent-integrations.ts";
import { resolveStaleAlerts } from "./stale-alerts.ts";

/** What the periodic work needs. */
export type PeriodicDeps = BatchDeps & {
  readonly onDeliveries: () => void;
  readonly onChange?: (organizationId: string, incidentIds: readonly string[]) => void;
  readonly hearing: Hearing;
};

const WATCH_EVERY_MS = 15_000;
const GAUGES_EVERY_MS = 10_000;
const MOST_ROUNDS = 50;

/**
 * Builds the work that is due by time alone. Held back updates are looked at in every call; stale alerts, silent
 * integrations and gauges at longer intervals, so that an idle node asks little.
 */
export function createPeriodic(deps: PeriodicDeps): () => Promise<void> {
  let watchedAt = Number.NEGATIVE_INFINITY;
  let gaugedAt = Number.NEGATIVE_INFINITY;

  const repeat = async (work: () => Promise<PeriodicResult>): Promise<void> => {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const result = await work();
      if (result.hasDeliveries) deps.onDeliveries();
      for (const [organizationId, rows] of Map.groupBy(result.changed, (one) => one.organizationId)) {
        deps.onChange?.(
          organizationId,
          rows.map((row) => row.id),
        );
      }
      if (!result.isFull) return;
    }
  };

  const watch = async (): Promise<void> => {
    await deps.hearing.flush();
    const watched = await listWatchedIntegrations(deps.database);
    for (const integration of watched) {
      if (integration.triage.stale_after_seconds) await repeat(() => resolveStaleAlerts(deps, integration));
    }
    await repeat(() => announceSilence(deps, watched));
  };

  const gauge = async (now: number): Promise<void> => {
    const { waiting, oldestId } = await readQueue(deps.database);
    deps.metrics.set("overwatch_triage_queue_receipts", waiting);
    const receivedAt = oldestId === null ? now : Number.parseInt(oldestId.replace("-", "").slice(0, 12), 16);
    deps.metrics.set("overwatch_triage_lag_seconds", Math.max(0, now - receivedAt) / 1000);
  };

  return async () => {
    const now = deps.clock.now();
    await repeat(() => settleDueIncidents(deps));
    if (now - watchedAt >= WATCH_EVERY_MS) {
      await watch();
      watchedAt = now;
    }
    if (now - gaugedAt >= GAUGES_EVERY_MS) {
      await gauge(now);
      gaugedAt = now;
    }
  };
}
