import { nextStep } from "../core/bulk-run.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Database } from "../runtime/database.ts";
import type { Ids } from "../runtime/id.ts";
import { describeError, type Log } from "../runtime/log.ts";
import { createLoop } from "../runtime/loop.ts";
import type { Metrics } from "../runtime/metrics.ts";
import { type BulkRun, findNextStepAt, lockDueBulkRun, saveFailedStep, saveStep } from "../store/bulk-runs.ts";
import { takeStep } from "./bulk-step.ts";

/** Works off bulk runs, one step at a time. */
export type BulkRunner = {
  start(): void;
  /** Looks for work at once; cheap. */
  wake(): void;
  stop(): Promise<void>;
  /** One step of the run that is due for longest; false when none is due. */
  runOnce(): Promise<boolean>;
};

/** What a runner works with. */
export type BulkRunnerDeps = {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Called when deliveries became due. */
  readonly onDue: () => void;
};

const POLL_MS = 10_000;
const FAILED_REST_MS = 10_000;
const SHOWN_CHARS = 500;

/** A runner for one node; any number of them share the runs, each step being one transaction of whoever locks the run. */
export function createBulkRunner(deps: BulkRunnerDeps): BulkRunner {
  const { database, clock, log } = deps;
  let timer: NodeJS.Timeout | null = null;
  let isStopped = true;

  const runOnce = async (): Promise<boolean> => {
    let run: BulkRun | null = null;
    try {
      run = await database.transaction(async (tx) => {
        run = await lockDueBulkRun(tx, clock.now());
        if (run !== null) await advance(tx, run);
        return run;
      });
    } catch (error) {
      if (run === null) throw error;
      await noteFailure(run, error);
    }
    if (run !== null) deps.onDue();
    return run !== null;
  };

  const advance = async (tx: Parameters<typeof takeStep>[0], run: BulkRun): Promise<void> => {
    const now = clock.now();
    const left = run.most - run.done;
    const step = nextStep(run.perSecond, left);
    const result = await takeStep(tx, deps.ids, run, step, now);
    const isOver = result.lastId === null || result.done >= left;
    await saveStep(tx, run, result, isOver ? null : now + step.durationMs, now);
    if (isOver) log.info({ bulk_run_id: run.id, kind: run.kind }, "a bulk run is finished");
  };

  const noteFailure = async (run: BulkRun, error: unknown): Promise<void> => {
    const described = describeError(error);
    log.error({ bulk_run_id: run.id, ...described }, "a step of a bulk run failed and will be tried again");
    const now = clock.now();
    const message = error instanceof Error ? error.message.slice(0, SHOWN_CHARS) : "unknown";
    await saveFailedStep(database, run, message, now + FAILED_REST_MS, now);
  };

  const loop = createLoop({
    stage: "bulk",
    pollMs: POLL_MS,
    log,
    metrics: deps.metrics,
    run: async () => {
      const nextAt = await findNextStepAt(database);
      if (nextAt === null) return false;
      // A run that is due and that another node has locked is left to that node.
      if (nextAt <= clock.now()) return runOnce();
      wakeAt(nextAt);
      return false;
    },
  });

  const wakeAt = (at: number): void => {
    const delay = at - clock.now();
    if (isStopped || timer !== null || delay > POLL_MS) return;
    timer = setTimeout(() => {
      timer = null;
      loop.wake();
    }, Math.max(0, delay) + 1);
    timer.unref();
  };

  return {
    start() {
      isStopped = false;
      loop.start();
    },
    wake: loop.wake,
    async stop() {
      isStopped = true;
      if (timer !== null) clearTimeout(timer);
      await loop.stop();
    },
    runOnce,
  };
}
