import { isUnavailable, sqlState } from "../runtime/database.ts";
import { describeError, type Log } from "../runtime/log.ts";
import type { Metrics } from "../runtime/metrics.ts";
import type { NewReceipt } from "../store/receipts.ts";
import { createDeadlines, type Schedule } from "./deadlines.ts";

/** What became of one receipt. */
export type CommitOutcome =
  | { readonly kind: "stored"; readonly receiptId: string }
  /** Nothing is known to be stored: the database is away, too slow, or refused the batch. */
  | { readonly kind: "unavailable" }
  /** This very receipt cannot be stored, while others can. */
  | { readonly kind: "refused" }
  /** Too much waits already; nothing was tried. */
  | { readonly kind: "overloaded" };

/** Collects receipts and commits them together, as many as came while the batch before was being written. */
export type Batcher = {
  /** Commits the receipt with the next batch; `onDone` is called exactly once, within five seconds. */
  add(receipt: NewReceipt, onDone: (outcome: CommitOutcome) => void): void;
  /** Receipts that wait for their commit or are being committed. */
  waiting(): number;
  /** Answers what is overdue; runs by itself. */
  sweep(): void;
  /** Ends the timers; call it when nothing waits any more. */
  stop(): void;
};

type Row = { readonly receipt: NewReceipt; readonly onDone: (outcome: CommitOutcome) => void; isOver: boolean };

// The answer is promised within five seconds of the body; the sweep may come a little late.
const COMMIT_DEADLINE_MS = 4_500;
const SWEEP_MS = 250;
const PROBE_MS = 500;
const MOST_TRIES = 3;
const OVERLOADED: CommitOutcome = { kind: "overloaded" };
const UNAVAILABLE: CommitOutcome = { kind: "unavailable" };
const REFUSED: CommitOutcome = { kind: "refused" };

/** Makes a batcher; `write` stores all of its receipts or throws, `probe` throws while the database is away. */
export function createBatcher(deps: {
  readonly write: (receipts: readonly NewReceipt[]) => Promise<ReadonlyMap<string, string>>;
  readonly probe: () => Promise<void>;
  readonly onStored: () => void;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly monotonicNow: () => number;
  readonly schedule: Schedule;
  readonly random: () => number;
  readonly writers: number;
  readonly mostRows: number;
  readonly mostBytes: number;
  readonly mostWaitingRows: number;
  readonly mostWaitingBytes: number;
}): Batcher {
  const { log, metrics, schedule } = deps;
  let queue: Row[] = [];
  let waitingRows = 0;
  let waitingBytes = 0;
  let busyWriters = 0;
  let isFlushDue = false;
  let isAway = false;
  let isProbing = false;
  let isStopped = false;
  let cancelProbe: (() => void) | null = null;

  const finish = (row: Row, outcome: CommitOutcome): void => {
    if (row.isOver) return;
    row.isOver = true;
    deadlines.remove(row);
    try {
      row.onDone(outcome);
    } catch (error) {
      // The others of the batch still wait for their answers.
      log.error({ stage: "receive", ...describeError(error) }, "an answer could not be given");
    }
  };

  const deadlines = createDeadlines<Row>({
    spanMs: COMMIT_DEADLINE_MS,
    everyMs: SWEEP_MS,
    monotonicNow: deps.monotonicNow,
    schedule,
    onOver: (row) => finish(row, UNAVAILABLE),
  });

  const release = (rows: readonly Row[]): void => {
    waitingRows -= rows.length;
    for (const row of rows) waitingBytes -= row.receipt.body.length;
    metrics.set("overwatch_receive_waiting", waitingRows);
  };

  const takeBatch = (): Row[] => {
    let count = 0;
    let bytes = 0;
    for (const row of queue) {
      if (count > 0 && (count >= deps.mostRows || bytes + row.receipt.body.length > deps.mostBytes)) break;
      count += 1;
      bytes += row.receipt.body.length;
    }
    const taken = count === queue.length ? queue : queue.slice(0, count);
    queue = count === queue.length ? [] : queue.slice(count);
    // A row whose answer was given in the meantime must not be stored behind its sender's back.
    const live = taken.filter((row) => !row.isOver);
    if (live.length < taken.length) release(taken.filter((row) => row.isOver));
    return live;
  };

  const flush = (): void => {
    isFlushDue = false;
    while (!isProbing && !isAway && busyWriters < deps.writers && queue.length > 0) {
      const batch = takeBatch();
      if (batch.length > 0) void commit(batch);
    }
  };

  const commit = async (batch: readonly Row[]): Promise<void> => {
    busyWriters += 1;
    try {
      await store(batch);
    } finally {
      busyWriters -= 1;
      release(batch);
      flush();
    }
  };

  const store = async (batch: readonly Row[]): Promise<void> => {
    let first: ReadonlyMap<string, string>;
    try {
      first = await writeWithRetries(batch.map((row) => row.receipt));
    } catch (error) {
      metrics.count("overwatch_stage_errors_total", { stage: "receive" });
      return fail(batch, error);
    }
    metrics.observe("overwatch_receive_batch_rows", batch.length);
    for (const row of batch) finish(row, { kind: "stored", receiptId: first.get(row.receipt.id) ?? row.receipt.id });
    deps.onStored();
  };

  const fail = async (batch: readonly Row[], error: unknown): Promise<void> => {
    if (isUnavailable(error)) return lose(batch, error);
    if (!isDataError(error)) {
      log.error({ stage: "receive", rows: batch.length, ...describeError(error) }, "a batch of receipts was refused");
      for (const row of batch) finish(row, UNAVAILABLE);
    } else if (batch.length > 1) {
      // One receipt that the database cannot hold must not cost its neighbours theirs.
      const middle = batch.length >> 1;
      await store(batch.slice(0, middle));
      await store(batch.slice(middle));
    } else {
      log.error({ stage: "receive", ...describeError(error) }, "a receipt cannot be stored");
      for (const row of batch) finish(row, REFUSED);
    }
  };

  const writeWithRetries = async (receipts: readonly NewReceipt[]): Promise<ReadonlyMap<string, string>> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await deps.write(receipts);
      } catch (error) {
        const state = sqlState(error);
        // Only what the server certainly undid is tried again.
        if (attempt >= MOST_TRIES || (state !== "40P01" && state !== "40001")) throw error;
      }
    }
  };

  const lose = (batch: readonly Row[], error: unknown): void => {
    for (const row of batch) finish(row, UNAVAILABLE);
    if (isProbing || isAway) return;
    log.error({ stage: "receive", rows: batch.length, ...describeError(error) }, "receipts could not be committed");
    void probe();
  };

  const probe = async (): Promise<void> => {
    isProbing = true;
    cancelProbe = null;
    try {
      await deps.probe();
      if (isAway) log.info({ stage: "receive" }, "the database is back; webhooks are accepted again");
      isAway = false;
    } catch {
      isAway = true;
      for (const row of queue) finish(row, UNAVAILABLE);
      release(queue);
      queue = [];
      if (!isStopped) cancelProbe = schedule(PROBE_MS * (0.5 + deps.random()), () => void probe());
    } finally {
      isProbing = false;
    }
    flush();
  };

  return {
    add(receipt, onDone) {
      if (isAway) return onDone(UNAVAILABLE);
      const bytes = receipt.body.length;
      if (waitingRows >= deps.mostWaitingRows || waitingBytes + bytes > deps.mostWaitingBytes)
        return onDone(OVERLOADED);
      const row: Row = { receipt, onDone, isOver: false };
      queue.push(row);
      waitingRows += 1;
      waitingBytes += bytes;
      deadlines.add(row);
      if (isFlushDue || busyWriters >= deps.writers) return;
      // After the requests that arrived together, so that they are committed together.
      isFlushDue = true;
      setImmediate(flush);
    },
    waiting: () => waitingRows,
    sweep: deadlines.sweep,
    stop() {
      isStopped = true;
      deadlines.stop();
      cancelProbe?.();
      cancelProbe = null;
    },
  };
}

/** Class 22: the server says that a value is not one. */
function isDataError(error: unknown): boolean {
  const state = sqlState(error);
  return state !== null && (state.startsWith("22") || state === "54000");
}
