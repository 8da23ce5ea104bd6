import type { readReceipt } from "../reading/read-receipt.ts";
import type { ActivityCounts } from "../runtime/activity.ts";
import type { Log } from "../runtime/log.ts";
import { createLoop } from "../runtime/loop.ts";
import { type ClaimedReceipt, claimReceipts, ORGANIZATIONS_A_CLAIM } from "../store/receipt-claims.ts";
import { isQueueUsed, releaseReceipts } from "../store/receipt-queue.ts";

import type { BatchDeps, BatchResult, ReadReceipt } from "./batch.ts";

import { countOutcomes } from "./count-outcomes.ts";

import { createHearing } from "./hearing.ts";
import { createHeld } from "./held.ts";
import { type Loaded, loadAhead } from "./load-receipts.ts";
import { createPeriodic } from "./periodic.ts";
import { LEASE_MS, type WorkDeps, workOnClaims } from "./work-claims.ts";

/** What the triage stage needs. */
export type TriageDeps = BatchDeps & {
  readonly log: Log;
  /** Called after a commit that made deliveries. */
  readonly onDeliveries: () => void;
  /** Called after a commit that made or changed incidents. */
  readonly onChange?: (organizationId: string, incidentIds: readonly string[]) => void;
  /** True while this node accepts so much that triage should leave it most of the time; receipts wait safely. */
  readonly isAcceptingHard?: () => boolean;
  /** Counts what was read, for people; nothing when absent. */
  readonly counts?: ActivityCounts;
  /** How a stored body becomes signals; only tests give another than the real one. */
  readonly read?: typeof readReceipt;
};

/** The stage that turns receipts into incidents. */
export type Triage = {
  start(): void;
  /** Resolves when the present batch is done and all claims are finished or given back. */
  stop(): Promise<void>;
  /** There are new receipts in the queue; cheap. */
  wake(): void;
  /** True when so many receipts may be stored with this node's claim and held, since triage keeps up and nothing is queued. */
  canHold(count: number): boolean;
  /** Takes receipts that were stored with this node's claim and are read already. */
  hold(receipts: readonly ReadReceipt[]): void;
  /** Claims one batch and works on it; returns how many receipts were claimed. */
  runOnce(): Promise<number>;
  /** Does what is due by time alone: coalesced updates, flapping, stale alerts, silent integrations, gauges. */
  runPeriodic(): Promise<void>;
};

const BATCH_RECEIPTS = 500;
const CONTENT_BYTES = 4 * 1024 * 1024;
const LONGEST_YIELD_MS = 1_000;
const YIELD_FACTOR = 3;
const POLL_MS = 2_000;
const PERIODIC_MS = 5_000;
/** From so many claimed receipts on, the next batch is read while the present one is written. */
const BACKLOG_RECEIPTS = 50;
const ZERO_ID = "00000000-0000-0000-0000-000000000000";

/** Claimed receipts, perhaps read already. */
type Ahead = { readonly claims: readonly ClaimedReceipt[]; readonly loaded: Loaded | null };

const NOTHING_AHEAD: Ahead = { claims: [], loaded: null };

/** Builds the triage stage; nothing runs before `start`. */
export function createTriage(deps: TriageDeps): Triage {
  const hearing = createHearing(deps.database);
  const held = createHeld();
  // Claims of a batch that failed with the database: given back before anything else is claimed.
  const open = new Map<string, ClaimedReceipt>();
  let after = ZERO_ID;
  let lastBatchMs = 0;
  let isStarted = false;
  let isStopping = false;
  let isWoken = true;
  // False while the queue may hold receipts that nobody has claimed: they go before those that come now.
  let isQueueDry = false;
  let polledAt = Number.NEGATIVE_INFINITY;

  const onCommitted = (result: BatchResult): void => {
    hearing.note(result);
    if (deps.counts !== undefined) countOutcomes(deps.counts, result);
    for (const [organizationId, ids] of result.changed) deps.onChange?.(organizationId, ids);
    if (result.announcements.some((one) => one.endpoints.some((endpoint) => endpoint.matched))) deps.onDeliveries();
  };
  const work: WorkDeps = { ...deps, onCommitted };
  const periodic = createPeriodic({ ...deps, hearing });

  const release = async (): Promise<void> => {
    if (open.size === 0) return;
    await releaseReceipts(deps.database, deps.nodeId, [...open.values()]);
    open.clear();
  };

  const claim = async (): Promise<readonly ClaimedReceipt[]> => {
    const now = deps.clock.now();
    const claims = await claimReceipts(deps.database, {
      nodeId: deps.nodeId,
      now,
      leaseUntil: now + LEASE_MS,
      after,
      limit: BATCH_RECEIPTS,
      contentBytes: CONTENT_BYTES,
    });
    const organizations = new Set(claims.map((one) => one.organizationId));
    // With more organizations than one claim serves, the next goes on behind the last of them.
    after = organizations.size < ORGANIZATIONS_A_CLAIM ? ZERO_ID : ([...organizations].sort().at(-1) ?? ZERO_ID);
    return claims;
  };

  const take = async (): Promise<readonly ClaimedReceipt[]> => {
    const wasAfter = after;
    let claims = await claim();
    if (claims.length === 0 && wasAfter !== ZERO_ID) claims = await claim();
    for (const one of claims) open.set(one.receiptId, one);
    return claims;
  };

  const takeAhead = async (): Promise<Ahead> => {
    const claims = await take();
    return { claims, loaded: await loadAhead(work, claims, open) };
  };

  const workOn = async ({ claims, loaded }: Ahead): Promise<void> => {
    const startedAt = deps.clock.now();
    await workOnClaims(work, claims, open, loaded);
    lastBatchMs = deps.clock.now() - startedAt;
    deps.metrics.observe("overwatch_triage_batch_rows", claims.length);
    deps.metrics.observe("overwatch_triage_batch_seconds", (deps.clock.now() - startedAt) / 1000);
  };

  /** Rests three times as long as the last batch took, at most a second, while senders wait for their answers. */
  const yieldToAccepting = async (): Promise<void> => {
    if (isStopping || !(deps.isAcceptingHard?.() ?? false)) return;
    await new Promise((resolve) => setTimeout(resolve, Math.min(LONGEST_YIELD_MS, YIELD_FACTOR * lastBatchMs)));
  };

  const runOnce = async (): Promise<number> => {
    await release();
    const claims = await take();
    if (claims.length > 0) await workOn({ claims, loaded: null });
    return claims.length;
  };

  const keep = (receipts: readonly ReadReceipt[]): readonly ClaimedReceipt[] => {
    const claims = receipts.map((receipt) => receipt.claim);
    for (const one of claims) open.set(one.receiptId, one);
    return claims;
  };

  /** Works on what came from memory. */
  const drainHeld = async (): Promise<void> => {
    while (held.size() > 0 && !isStopping) {
      const receipts = held.take();
      const claims = keep(receipts);
      await workOn({ claims, loaded: { receipts, taken: claims } });
      await yieldToAccepting();
    }
  };

  const wakeQueue = (): void => {
    isWoken = true;
    isQueueDry = false;
  };

  /** Works on what came from memory, and on the queue when something may wait there. */
  const drain = async (): Promise<boolean> => {
    try {
      await release();
      await drainHeld();
      const isPollDue = deps.clock.now() - polledAt >= POLL_MS;
      if (!isWoken && !isPollDue) return held.size() > 0;
      polledAt = deps.clock.now();
      // A poll of an idle node asks one cheap question; a wake says that there is something.
      if (!isWoken && !(await isQueueUsed(deps.database))) return false;
      const wasBusy = await drainQueue();
      // Only a claim that finds nothing tells that nothing is left: some are claimed few at a time.
      isWoken ||= wasBusy;
      isQueueDry = !isWoken;
      return wasBusy;
    } catch (error) {
      // What was not finished is given back to the queue.
      wakeQueue();
      throw error;
    }
  };

  /** Works until nothing waits in the queue; while a large batch is written, the next one is claimed and read. */
  const drainQueue = async (): Promise<boolean> => {
    isWoken = false;
    let batch: Ahead = { claims: await take(), loaded: null };
    const isBusy = batch.claims.length > 0;
    // What is claimed but not begun when the stage stops is given back by `stop`.
    while (batch.claims.length > 0 && !isStopping) {
      const isBacklog = batch.claims.length >= BACKLOG_RECEIPTS;
      const next = isBacklog ? takeAhead() : null;
      // It may fail while the batch is still being worked on; a failure that nobody waits for yet would end the process.
      next?.catch(() => undefined);
      try {
        await workOn(batch);
        await yieldToAccepting();
      } finally {
        // Its claims are known before anything is given back, whatever became of this batch.
        await next?.catch(() => undefined);
      }
      batch = next === null ? NOTHING_AHEAD : await next;
    }
    return isBusy;
  };

  const { log, metrics } = deps;
  const loops = [
    createLoop({ stage: "triage", run: drain, pollMs: POLL_MS, log, metrics }),
    createLoop({
      stage: "triage_periodic",
      run: () => periodic().then(() => false),
      pollMs: PERIODIC_MS,
      log,
      metrics,
    }),
  ];
  return {
    start() {
      isStarted = true;
      for (const loop of loops) loop.start();
    },
    canHold: (count) => isStarted && !isStopping && isQueueDry && held.hasRoom(count),
    hold(receipts) {
      held.add(receipts);
      loops[0]?.wake();
    },
    async stop() {
      isStopping = true;
      await Promise.all(loops.map((loop) => loop.stop()));
      while (held.size() > 0) keep(held.take());
      await release().catch(() => undefined);
      await hearing.flush().catch(() => undefined);
    },
    wake() {
      wakeQueue();
      loops[0]?.wake();
    },
    runOnce,
    runPeriodic: periodic,
  };
}
