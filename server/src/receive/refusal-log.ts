import type { Log, LogFields } from "../runtime/log.ts";

/** Logs refusals one line each, up to ten a second for each reason; the line after a gap tells how many were left out. */
export type RefusalLog = { note(reason: string, fields: LogFields): void };

type Second = { startedAt: number; lines: number; leftOut: number };

const MOST_LINES = 10;
const SECOND_MS = 1_000;

/** Makes a log of refusals; reasons come from a closed set. Times are of a monotonic clock in milliseconds. */
export function createRefusalLog(log: Log, monotonicNow: () => number): RefusalLog {
  const seconds = new Map<string, Second>();
  return {
    note(reason, fields) {
      const now = monotonicNow();
      const second = seconds.get(reason) ?? { startedAt: now, lines: 0, leftOut: 0 };
      seconds.set(reason, second);
      if (now - second.startedAt >= SECOND_MS) {
        second.startedAt = now;
        second.lines = 0;
      }
      if (second.lines >= MOST_LINES) {
        second.leftOut += 1;
        return;
      }
      second.lines += 1;
      const leftOut = second.leftOut === 0 ? {} : { left_out: second.leftOut };
      second.leftOut = 0;
      log.info({ reason, ...fields, ...leftOut }, "webhook refused");
    },
  };
}
