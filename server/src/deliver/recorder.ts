import { latencyBucket } from "../core/duration-buckets.ts";
import type { ActivityCounts, LatestKeeper } from "../runtime/activity.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Database } from "../runtime/database.ts";
import { describeError, type Log } from "../runtime/log.ts";
import type { Metrics } from "../runtime/metrics.ts";
import type { EndpointFailure } from "../store/activity.ts";
import { collapseTurns } from "../store/delivery-collapse.ts";
import { type RecordedAttempt, recordAttempts } from "../store/delivery-queue.ts";
import { promoteNext } from "../store/delivery-turns.ts";
import { cancelStoodInFor } from "../store/failovers.ts";

/** Writes down attempts in batches; a batch leaves as soon as the one before it has returned. */
export type Recorder = {
  /** Resolves when the attempt is written or was refused because the delivery is no longer this node's. */
  record(attempt: RecordedAttempt): Promise<void>;
  /** Waits for what is under way; with the database away it gives up after the grace. */
  stop(graceMs: number): Promise<void>;
};

type Entry = { readonly attempt: RecordedAttempt; readonly done: () => void };

const MOST_ROWS = 250;
const RETRY_MS = 250;
const SHORT_BATCH = 50;
// Nobody waits for a record: a few milliseconds collect those of a burst into one statement.
const COLLECT_MS = 8;

/**
 * A recorder for one node. A result outlives a database that is away: it is written when the database is back, unless
 * its lease has ended and another node has taken over by then.
 */
export function createRecorder(deps: {
  readonly database: Database;
  readonly clock: Clock;
  readonly nodeId: string;
  /** Called when deliveries became due because those before them have ended. */
  readonly onPromoted: () => void;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Counts attempts for people; nothing when absent. */
  readonly counts?: ActivityCounts;
  /** Keeps the last failure of an endpoint. */
  readonly failures?: LatestKeeper<EndpointFailure>;
}): Recorder {
  let waiting: Entry[] = [];
  let isRunning = false;
  let isStopping = false;
  let isStopped = false;
  let idle: (() => void) | null = null;

  const tell = (attempt: RecordedAttempt): void => {
    const { organizationId, endpointId, reason } = attempt;
    const durationMs = Math.max(0, attempt.finishedAt - attempt.startedAt);
    deps.counts?.add(organizationId, endpointId, `attempt:${reason ?? "ok"}`);
    deps.counts?.add(organizationId, endpointId, `latency:${latencyBucket(durationMs)}`);
    if (attempt.status !== "pending") deps.counts?.add(organizationId, endpointId, `delivery:${attempt.status}`);
    if (reason === null) return;
    const { id: deliveryId, finishedAt: at, statusCode, message } = attempt;
    deps.failures?.keep(endpointId, { organizationId, endpointId, deliveryId, at, reason, statusCode, message });
  };

  const write = async (batch: readonly Entry[]): Promise<void> => {
    const attempts = batch.map((entry) => entry.attempt);
    const turns = attempts.flatMap(({ organizationId, endpointId, incidentId, status, collapses }) =>
      status === "pending" || incidentId === null ? [] : [{ organizationId, endpointId, incidentId, collapses }],
    );
    const folded = turns.filter((turn) => turn.collapses);
    // Two statements: an event that was announced while the first waited for its lock is seen by the second only.
    const standIns = attempts.filter((attempt) => attempt.isFailover && attempt.status === "succeeded");
    const [ids, , promoted] = await deps.database.transaction(
      async (tx) => {
        const recorded = recordAttempts(tx, deps.nodeId, attempts);
        if (folded.length > 0) {
          await recorded;
          await collapseTurns(tx, folded, deps.clock.now());
        }
        return Promise.all([
          recorded,
          standIns.length === 0 ? undefined : cancelStoodInFor(tx, standIns, deps.clock.now()),
          turns.length === 0 ? 0 : promoteNext(tx, turns, deps.clock.now()),
        ]);
      },
      { arePlansKept: attempts.length <= SHORT_BATCH },
    );
    if (promoted > 0) deps.onPromoted();
    const written = new Set(ids);
    for (const { attempt } of batch) {
      if (!written.has(attempt.id)) {
        deps.metrics.count("overwatch_fenced_total", { stage: "deliver" });
        deps.log.warn({ delivery_id: attempt.id, attempt: attempt.attempt }, "fenced: another node has taken over");
        continue;
      }
      deps.metrics.count("overwatch_attempts_total", { reason: attempt.reason ?? "ok" });
      tell(attempt);
      deps.metrics.observe("overwatch_attempt_seconds", Math.max(0, attempt.finishedAt - attempt.startedAt) / 1000);
      if (attempt.status !== "pending")
        deps.metrics.count("overwatch_deliveries_finished_total", { status: attempt.status });
    }
  };

  const drain = async (): Promise<void> => {
    isRunning = true;
    let failures = 0;
    while (waiting.length > 0) {
      if (waiting.length < MOST_ROWS && !isStopping) await new Promise((resolve) => setTimeout(resolve, COLLECT_MS));
      const batch = waiting.slice(0, MOST_ROWS);
      try {
        await write(batch);
        failures = 0;
        waiting = waiting.slice(batch.length);
        for (const entry of batch) entry.done();
      } catch (error) {
        failures += 1;
        if (failures === 1) deps.log.error(describeError(error), "attempts cannot be written; trying again");
        if (isStopped) break;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    isRunning = false;
    idle?.();
  };

  return {
    record(attempt) {
      return new Promise((done) => {
        waiting.push({ attempt, done });
        if (!isRunning) void drain();
      });
    },
    async stop(graceMs) {
      isStopping = true;
      if (!isRunning) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, graceMs);
        idle = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      isStopped = true;
    },
  };
}
