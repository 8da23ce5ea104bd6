import type { Clock } from "./clock.ts";
import { describeError, type Log } from "./log.ts";

/** What happened to a subject at a moment (epoch milliseconds), so often. */
export type Counted = {
  readonly organizationId: string;
  readonly subjectId: string;
  readonly measure: string;
  readonly at: number;
  readonly count: number;
};

/** Counts in memory what people want to see by hour; costs the counting path one look into a map. */
export type ActivityCounts = {
  /** Adds one, or `by`. */
  add(organizationId: string, subjectId: string, measure: string, by?: number): void;
};

/** Remembers the last of something by a key until it is written. */
export type LatestKeeper<Row> = { keep(key: string, row: Row): void };

/** What is written every few seconds while there is something to write, and once more at the end. */
export type Flushed = { flush(): Promise<void> };

/** Counts nothing. */
export const NO_COUNTS: ActivityCounts = { add: () => undefined };

type FlushDeps = { readonly log: Log; readonly clock: Clock };

const FLUSH_MS = 3_000;
const MOST_KEYS = 20_000;
const ROWS_A_WRITE = 2_000;
const FINE_MS = 300_000;

/** Counts that are written by `write` in batches; a batch that cannot be written is added to the next. */
export function createActivityCounts(
  deps: FlushDeps & { readonly write: (rows: readonly Counted[]) => Promise<void> },
): ActivityCounts & Flushed {
  const counts = new Map<string, { count: number; readonly row: Omit<Counted, "count"> }>();
  const add = (row: Omit<Counted, "count">, by: number): void => {
    const key = `${row.subjectId} ${row.measure} ${row.at}`;
    const known = counts.get(key);
    if (known !== undefined) known.count += by;
    // With the database away the figures have holes; accepting goes first.
    else if (counts.size < MOST_KEYS) counts.set(key, { count: by, row });
    timer.start();
  };
  const timer = createFlushTimer(deps, "figures were not written; they are added to the next", async () => {
    const rows = [...counts.values()].map(({ row, count }) => ({ ...row, count }));
    counts.clear();
    for (let at = 0; at < rows.length; at += ROWS_A_WRITE) {
      try {
        await deps.write(rows.slice(at, at + ROWS_A_WRITE));
      } catch (error) {
        for (const { count, ...row } of rows.slice(at)) add(row, count);
        throw error;
      }
    }
  });
  return {
    add(organizationId, subjectId, measure, by = 1) {
      const at = Math.floor(deps.clock.now() / FINE_MS) * FINE_MS;
      add({ organizationId, subjectId, measure, at }, by);
    },
    flush: timer.flush,
  };
}

/** Keeps the last row of each key until `write` has it; what cannot be written is let go. */
export function createLatestKeeper<Row>(
  deps: FlushDeps & { readonly write: (rows: readonly Row[]) => Promise<void> },
): LatestKeeper<Row> & Flushed {
  const rows = new Map<string, Row>();
  const timer = createFlushTimer(deps, "the last of each kind was not written", async () => {
    const batch = [...rows.values()];
    rows.clear();
    for (let at = 0; at < batch.length; at += ROWS_A_WRITE) await deps.write(batch.slice(at, at + ROWS_A_WRITE));
  });
  return {
    keep(key, row) {
      if (rows.size >= MOST_KEYS && !rows.has(key)) return;
      rows.set(key, row);
      timer.start();
    },
    flush: timer.flush,
  };
}

/** A timer that runs only while there is something to write, so that an idle node stays quiet. */
function createFlushTimer(
  deps: FlushDeps,
  complaint: string,
  write: () => Promise<void>,
): { start(): void; flush(): Promise<void> } {
  let timer: NodeJS.Timeout | null = null;
  const flush = async (): Promise<void> => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    await write().catch((error: unknown) => deps.log.warn(describeError(error), complaint));
  };
  return {
    start() {
      timer ??= setTimeout(() => void flush(), FLUSH_MS).unref();
    },
    flush,
  };
}
