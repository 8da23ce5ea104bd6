import { PACE_REASONS } from "../core/pace.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Database } from "../runtime/database.ts";
import type { Metrics } from "../runtime/metrics.ts";
import { readGauges } from "../store/gauges.ts";
import { readLedgerTotals } from "../store/ledger.ts";

const OLDEST_MS = 5_000;
const CIRCUIT_STATES = ["closed", "open", "half_open", "disabled"];

/**
 * Returns a function that brings the gauges up to date, for scrapes: at most every five seconds, and never failing, so
 * that metrics can be read while the database is away.
 */
export function createGaugeRefresh(deps: {
  readonly database: Database;
  readonly clock: Clock;
  readonly metrics: Metrics;
}): () => Promise<void> {
  const { database, clock, metrics } = deps;
  let refreshedAt = Number.NEGATIVE_INFINITY;
  return async () => {
    const { total, idle, waiting } = database.stats();
    metrics.set("overwatch_database_connections", total, { state: "open" });
    metrics.set("overwatch_database_connections", idle, { state: "idle" });
    metrics.set("overwatch_database_connections", waiting, { state: "waiting" });
    if (clock.now() - refreshedAt < OLDEST_MS) return;
    refreshedAt = clock.now();
    const gauges = await readGauges(database, clock.now()).catch(() => null);
    if (gauges === null) return;
    metrics.set("overwatch_triage_queue_receipts", gauges.queuedReceipts);
    metrics.set("overwatch_triage_lag_seconds", gauges.triageLagSeconds);
    metrics.set("overwatch_deliveries_waiting", gauges.pending, { status: "pending" });
    metrics.set("overwatch_deliveries_waiting", gauges.parked, { status: "parked" });
    metrics.set("overwatch_deliveries_waiting", gauges.inFlight, { status: "in_flight" });
    metrics.set("overwatch_delivery_lag_seconds", gauges.deliveryLagSeconds);
    const ledger = await readLedgerTotals(database).catch(() => null);
    if (ledger !== null) {
      metrics.set("overwatch_ledger_difference", ledger.missing, { direction: "missing" });
      metrics.set("overwatch_ledger_difference", ledger.surplus, { direction: "surplus" });
    }
    for (const state of CIRCUIT_STATES) metrics.set("overwatch_circuits", gauges.circuits[state] ?? 0, { state });
    for (const reason of PACE_REASONS)
      metrics.set("overwatch_endpoints_slowed", gauges.slowed[reason] ?? 0, { reason });
  };
}
