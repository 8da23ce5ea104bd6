import { describeError, type Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";

/** Work that is done again and again: at once while there is more, when woken, and at least every poll interval. */
export type Loop = {
  start(): void;
  /** Runs again as soon as the present run is over; cheap, may be called a thousand times a second. */
  wake(): void;
  /** Resolves when the present run is over; nothing runs afterwards. */
  stop(): Promise<void>;
};

/** What a loop does and how it rests. */
export type LoopOptions = {
  readonly stage: string;
  /** One round; true when there may be more to do at once. */
  readonly run: () => Promise<boolean>;
  readonly pollMs: number;
  readonly log: Log;
  readonly metrics: Metrics;
  /** 0 ≤ random < 1, spreads the retries of many nodes. */
  readonly random?: () => number;
};

const LONGEST_REST_MS = 2_000;

/** Makes a loop that survives every error: it says so once, rests a little longer each time, and says when it is over. */
export function createLoop(options: LoopOptions): Loop {
  const random = options.random ?? Math.random;
  let isStopped = true;
  let isWoken = false;
  let failures = 0;
  let endRest: (() => void) | null = null;
  let finished: Promise<void> = Promise.resolve();

  const rest = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => endRest?.(), ms);
      endRest = () => {
        clearTimeout(timer);
        endRest = null;
        resolve();
      };
    });

  const round = async (): Promise<number> => {
    try {
      const hasMore = await options.run();
      if (failures > 0) options.log.info({ stage: options.stage, failures }, "the stage works again");
      failures = 0;
      return hasMore ? 0 : options.pollMs;
    } catch (error) {
      failures += 1;
      options.metrics.count("overwatch_stage_errors_total", { stage: options.stage });
      const fields = { stage: options.stage, failures, ...describeError(error) };
      if (failures === 1) options.log.error(fields, "the stage failed and will try again");
      else options.log.debug(fields, "the stage failed again");
      return Math.min(LONGEST_REST_MS, 50 * 2 ** Math.min(failures, 6)) * (0.5 + random() / 2);
    }
  };

  const forever = async (): Promise<void> => {
    while (!isStopped) {
      isWoken = false;
      const restMs = await round();
      // A wake ends the rest of a healthy loop only: a failing one keeps its distance.
      if (isStopped || restMs === 0 || (isWoken && failures === 0)) continue;
      await rest(restMs);
    }
  };

  return {
    start() {
      if (!isStopped) return;
      isStopped = false;
      finished = forever();
    },
    wake() {
      isWoken = true;
      if (failures === 0) endRest?.();
    },
    async stop() {
      isStopped = true;
      endRest?.();
      await finished;
    },
  };
}
