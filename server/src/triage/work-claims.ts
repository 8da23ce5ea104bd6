import { sqlState } from "../runtime/database.ts";
import { describeError, type LogFields } from "../runtime/log.ts";
import type { ClaimedReceipt } from "../store/receipt-claims.ts";
import type { ReceiptOutcome } from "../store/receipt-outcomes.ts";
import { readReceiptPayloads } from "../store/receipt-payloads.ts";
import { extendReceiptLeases, postponeReceipt } from "../store/receipt-queue.ts";
import { type BatchResult, finish, processReceipts, type ReadReceipt } from "./batch.ts";
import { FencedError } from "./errors.ts";
import { freshOf, type LoadDeps, type Loaded, loadReceipts } from "./load-receipts.ts";
import { concludePoison } from "./trace.ts";

/** What working on claims needs besides a batch. */
export type WorkDeps = LoadDeps & {
  /** Called after each commit. */
  readonly onCommitted: (result: BatchResult) => void;
};

/** A receipt is tried so many times before it is quarantined. */
export const MAX_ATTEMPTS = 5;

/** A receipt may end so many processes before it is quarantined. */
const MAX_DEATHS = 3;

/** How long a claim is held without being renewed. */
export const LEASE_MS = 30_000;

/**
 * Works on claimed receipts: in batches, and one by one from the third attempt on. Receipts that may have ended their
 * process go first and apart from fresh ones. Throws only when the database is away; `open` then holds the claims not
 * worked on.
 */
export async function workOnClaims(
  deps: WorkDeps,
  claims: readonly ClaimedReceipt[],
  open: Map<string, ClaimedReceipt>,
  ahead: Loaded | null = null,
): Promise<void> {
  for (const claim of claims) {
    if (isGivenUp(claim))
      await quarantine(deps, claim, claim.lastError ?? "its process stopped while reading it", open);
    else if (claim.attempt > 2) await workOnOne(deps, claim, open);
  }
  const suspects = claims.filter((claim) => claim.attempt === 2);
  await workInBatches(deps, suspects, open, null);
  await workInBatches(deps, freshOf(claims), open, ahead);
}

/** True after the last attempt, or after three that ended without a word: then each has taken its process with it. */
function isGivenUp(claim: ClaimedReceipt): boolean {
  return claim.attempt > MAX_ATTEMPTS || (claim.attempt > MAX_DEATHS && claim.lastError === null);
}

async function workInBatches(
  deps: WorkDeps,
  claims: readonly ClaimedReceipt[],
  open: Map<string, ClaimedReceipt>,
  ahead: Loaded | null,
): Promise<void> {
  let rest = claims;
  while (rest.length > 0) {
    if (rest !== claims) await extendReceiptLeases(deps.database, deps.nodeId, rest, deps.clock.now() + LEASE_MS);
    rest = await workOnSome(deps, rest, open, rest === claims ? ahead : null);
  }
}

/** Works on as many claims as fit into one batch; returns those left. */
async function workOnSome(
  deps: WorkDeps,
  claims: readonly ClaimedReceipt[],
  open: Map<string, ClaimedReceipt>,
  ahead: Loaded | null,
): Promise<readonly ClaimedReceipt[]> {
  let batch: readonly ReadReceipt[] = [];
  let taken: readonly ClaimedReceipt[] = claims;
  try {
    const loaded = ahead ?? (await loadReceipts(deps, claims, open));
    batch = loaded.receipts;
    taken = loaded.taken;
    if (batch.length > 0) settle(deps, await processReceipts(deps, batch), open);
  } catch (error) {
    if (await isDatabaseAway(deps, error)) throw error;
    const [only, ...others] = taken;
    if (only !== undefined && others.length === 0) await noteFailure(deps, only, error, open);
    else {
      if (!(error instanceof FencedError))
        deps.log.warn(describeError(error), "a batch failed; its receipts are read one by one");
      for (const claim of taken) if (open.has(claim.receiptId)) await workOnOne(deps, claim, open);
    }
  }
  const done = new Set(taken.map((claim) => claim.receiptId));
  return claims.filter((claim) => !done.has(claim.receiptId));
}

async function workOnOne(deps: WorkDeps, claim: ClaimedReceipt, open: Map<string, ClaimedReceipt>): Promise<void> {
  try {
    const { receipts } = await loadReceipts(deps, [claim], open);
    if (receipts.length > 0) settle(deps, await processReceipts(deps, receipts), open);
  } catch (error) {
    if (await isDatabaseAway(deps, error)) throw error;
    await noteFailure(deps, claim, error, open);
  }
}

/** Puts a receipt off after a failed attempt, or into quarantine after the last. */
async function noteFailure(
  deps: WorkDeps,
  claim: ClaimedReceipt,
  error: unknown,
  open: Map<string, ClaimedReceipt>,
): Promise<void> {
  if (error instanceof FencedError) return tellFenced(deps, claim, open);
  const message = error instanceof Error ? error.message : String(error);
  const fields = { receipt_id: claim.receiptId, attempt: claim.attempt, ...describeError(error) };
  deps.metrics.count("overwatch_stage_errors_total", { stage: "triage" });
  deps.log.error(fields, "a receipt failed");
  if (claim.attempt >= MAX_ATTEMPTS) return quarantine(deps, claim, message, open);
  const notBefore = deps.clock.now() + 2 ** claim.attempt * 1000;
  const isOurs = await postponeReceipt(deps.database, deps.nodeId, claim, message.slice(0, 500), notBefore);
  if (!isOurs) tellFenced(deps, claim, open);
  open.delete(claim.receiptId);
}

async function quarantine(
  deps: WorkDeps,
  claim: ClaimedReceipt,
  message: string,
  open: Map<string, ClaimedReceipt>,
): Promise<void> {
  const outcome = concludePoison("unknown", message, claim.attempt);
  try {
    await deps.database.transaction((tx) => finish(tx, deps, claim, outcome, deps.clock.now()));
  } catch (error) {
    if (error instanceof FencedError) return tellFenced(deps, claim, open);
    throw error;
  }
  deps.metrics.count("overwatch_receipts_total", { outcome: outcome.status });
  deps.log.error({ receipt_id: claim.receiptId, attempts: claim.attempt }, "a receipt is quarantined as poison");
  open.delete(claim.receiptId);
}

function tellFenced(deps: WorkDeps, claim: ClaimedReceipt, open: Map<string, ClaimedReceipt>): void {
  deps.metrics.count("overwatch_fenced_total", { stage: "triage" });
  deps.log.warn({ receipt_id: claim.receiptId, attempt: claim.attempt }, "fenced: another node has taken over");
  open.delete(claim.receiptId);
}

function settle(deps: WorkDeps, result: BatchResult, open: Map<string, ClaimedReceipt>): void {
  for (const { receipt, outcome } of result.outcomes) {
    open.delete(receipt.claim.receiptId);
    deps.metrics.count("overwatch_receipts_total", { outcome: outcome.status });
    const fields = logFields(receipt, outcome);
    if (outcome.status === "quarantined")
      deps.log.warn({ ...fields, reason: outcome.reason }, "a receipt is quarantined");
    else deps.log.debug(fields, "a receipt was read");
  }
  deps.onCommitted(result);
}

function logFields({ payload }: ReadReceipt, outcome: ReceiptOutcome): LogFields {
  return {
    integration_id: payload.integrationId,
    platform: payload.platform,
    alert_id: outcome.alertIds[0] ?? null,
    correlation_id: payload.requestId ?? null,
    receipt_id: payload.id,
    outcome: outcome.status,
  };
}

/** Tells a database that is away from a receipt that cannot be worked on; where the error does not say, it is asked. */
async function isDatabaseAway(deps: WorkDeps, error: unknown): Promise<boolean> {
  if (error instanceof FencedError) return false;
  const state = sqlState(error);
  if (state !== null) return /^(08|40|53|57P|58|25006|55P03)/.test(state);
  try {
    await readReceiptPayloads(deps.database, [], 0);
    return false;
  } catch {
    return true;
  }
}
