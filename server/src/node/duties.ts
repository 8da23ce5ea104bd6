import type { Config } from "../config.ts";
import type { Place } from "../core/share.ts";
import type { AdjustableClock } from "../runtime/clock.ts";
import type { Database } from "../runtime/database.ts";
import { describeError, type Log } from "../runtime/log.ts";
import { createLoop, type Loop } from "../runtime/loop.ts";
import type { Metrics } from "../runtime/metrics.ts";
import { deleteOldActivity } from "../store/activity.ts";
import { cancelDeliveriesOfDeletedEndpoints } from "../store/delivery-actions.ts";
import { checkLedger, listLedgerDifferences } from "../store/ledger.ts";
import { beat, releaseNodes } from "../store/nodes.ts";
import { deleteLinksExpiredBefore } from "../store/one-time-links.ts";
import { dropPartitionsBefore, ensurePartitions } from "../store/partitions.ts";
import { deleteDeliveryIdsBefore } from "../store/receipts.ts";
import { deleteBulkRunsBefore, deleteLooseEventsBefore, deleteResolvedIncidentsBefore } from "../store/retention.ts";
import { deleteSessionsExpiredBefore } from "../store/sessions.ts";
import { deleteAttemptsBefore } from "../store/sign-in-attempts.ts";
import { analyzeGrownTables } from "../store/statistics.ts";

/** What a node does beside its stages: shows that it lives, takes over from the dead, keeps partitions, retention and the ledger. */
export type Duties = {
  start(): void;
  stop(): Promise<void>;
  /** How many live nodes take webhooks, as of the last heartbeat; integrations' rate limits are shared among them. */
  receivingNodes(): number;
  /** Where this node stands among those that send webhooks, as of the last heartbeat. */
  place(): Place;
};

const BEAT_MS = 5_000;
const ANALYZE_MS = 15_000;
const KEEP_HOUSE_MS = 3_600_000;
const DAY_MS = 86_400_000;
// Senders repeat a webhook for two days at most; an id must not outlive the receipt that it names.
const DELIVERY_ID_DAYS = 7;
const SKEW_WARNING_MS = 30_000;
const CHECK_LEDGER_MS = 60_000;
// Each day of the ledger is looked at this often even when nothing of it has changed, so many of them a minute.
const LEDGER_AGE_MS = 6 * 3_600_000;
const LEDGER_DAYS = 20;
const NAMED_DIFFERENCES = 10;

/** Makes the duties of a node; the first heartbeat is awaited by `beatOnce`, so that a start takes over at once. */
export function createDuties(deps: {
  readonly database: Database;
  readonly clock: AdjustableClock;
  readonly config: Config;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly nodeId: string;
  /** The machine's wall clock and its monotonic clock, both in milliseconds. */
  readonly wallNow: () => number;
  readonly monotonicNow: () => number;
  /** Called after claims of dead nodes were ended. */
  readonly onReleased: () => Promise<void> | void;
}): Duties & { beatOnce(): Promise<void>; keepHouseOnce(): Promise<void>; checkLedgerOnce(): Promise<void> } {
  const { database, clock, config, log, metrics, nodeId } = deps;
  let receivingNodes = 1;
  let place: Place = { rank: 0, nodes: 1 };
  let housekeepingDueAt = 0;
  let ledgerDueAt = 0;
  let analyzeDueAt = 0;
  let isSkewed = false;

  const beatOnce = async (): Promise<void> => {
    const before = deps.monotonicNow();
    const heartbeat = await beat(database, nodeId, clock.now());
    const roundTripMs = deps.monotonicNow() - before;
    // A slow answer tells little about the clock; wait for a quick one.
    if (roundTripMs < 500) {
      clock.adjust(heartbeat.databaseNow, roundTripMs);
      noteSkew(deps.wallNow() - clock.now());
    }
    receivingNodes = heartbeat.receiving;
    const rank = heartbeat.workerIds.indexOf(nodeId);
    if (rank >= 0) place = { rank, nodes: heartbeat.workerIds.length };
    if (heartbeat.deadNodeIds.length === 0) return;
    const released = await releaseNodes(database, heartbeat.deadNodeIds, clock.now());
    log.warn({ dead_nodes: heartbeat.deadNodeIds, released }, "took over from nodes that are gone");
    await deps.onReleased();
  };

  const noteSkew = (skewMs: number): void => {
    metrics.set("overwatch_clock_skew_seconds", skewMs / 1_000);
    const wasSkewed = isSkewed;
    isSkewed = Math.abs(skewMs) > SKEW_WARNING_MS;
    if (isSkewed && !wasSkewed) {
      log.warn(
        { skew_seconds: skewMs / 1_000 },
        "this machine's clock is far from the database's; signed timestamps use the database's",
      );
    }
  };

  const keepHouseOnce = async (): Promise<void> => {
    const now = clock.now();
    await ensurePartitions(database, now);
    const deliveryIdDays = Math.min(DELIVERY_ID_DAYS, config.receiptRetentionDays);
    await deleteSessionsExpiredBefore(database, now);
    await deleteLinksExpiredBefore(database, now);
    await deleteAttemptsBefore(database, now - DAY_MS);
    await deleteDeliveryIdsBefore(database, now - deliveryIdDays * DAY_MS);
    await deleteOldActivity(database, now);
    while (await cancelDeliveriesOfDeletedEndpoints(database, now));
    const dropped = [
      ...(await dropPartitionsBefore(database, "receipts", now - config.receiptRetentionDays * DAY_MS)),
      ...(await dropPartitionsBefore(database, "receipt_outcomes", now - config.receiptRetentionDays * DAY_MS)),
      ...(await dropPartitionsBefore(database, "audit_entries", now - config.auditRetentionDays * DAY_MS)),
      ...(await dropPartitionsBefore(database, "attempts", now - config.attemptRetentionDays * DAY_MS)),
    ];
    const incidents = await deleteResolvedIncidentsBefore(database, now - config.incidentRetentionDays * DAY_MS);
    // What hangs on no incident is kept as long as the attempts that tell of it.
    const attemptsSince = now - config.attemptRetentionDays * DAY_MS;
    const events = await deleteLooseEventsBefore(database, attemptsSince);
    const bulkRuns = await deleteBulkRunsBefore(database, attemptsSince);
    if (dropped.length + incidents + events + bulkRuns > 0)
      log.info({ dropped, incidents, events, bulk_runs: bulkRuns }, "retention removed what is too old");
  };

  const checkLedgerOnce = async (): Promise<void> => {
    const now = clock.now();
    const isMine = await checkLedger(database, { now, lookedAtBefore: now - LEDGER_AGE_MS, days: LEDGER_DAYS });
    const differences = isMine ? await listLedgerDifferences(database, NAMED_DIFFERENCES) : [];
    for (const { organizationId, endpointId, difference } of differences) {
      log.warn(
        { organization_id: organizationId, endpoint_id: endpointId, difference },
        "the ledger of an endpoint does not balance: deliveries are missing, or there are more than were matched",
      );
    }
  };

  const loop: Loop = createLoop({
    stage: "node",
    pollMs: BEAT_MS,
    log,
    metrics,
    run: async () => {
      await beatOnce();
      if (clock.now() >= analyzeDueAt) {
        analyzeDueAt = clock.now() + ANALYZE_MS;
        await analyzeGrownTables(database);
      }
      if (clock.now() >= housekeepingDueAt) {
        housekeepingDueAt = clock.now() + KEEP_HOUSE_MS;
        await keepHouseOnce().catch((error: unknown) => {
          housekeepingDueAt = clock.now() + BEAT_MS;
          log.error(describeError(error), "partitions or retention could not be kept; trying again");
        });
      }
      if (clock.now() >= ledgerDueAt) {
        ledgerDueAt = clock.now() + CHECK_LEDGER_MS;
        await checkLedgerOnce();
      }
      return false;
    },
  });

  return {
    start: loop.start,
    stop: loop.stop,
    receivingNodes: () => receivingNodes,
    place: () => place,
    beatOnce,
    keepHouseOnce,
    checkLedgerOnce,
  };
}
