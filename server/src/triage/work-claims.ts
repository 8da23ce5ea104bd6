import { readReceipt } from "../reading/read-receipt.ts";
import { sqlState } from "../runtime/database.ts";
import { describeError, type Log, type LogFields } from "../runtime/log.ts";
import type { ReceiptOutcome } from "../store/receipt-outcomes.ts";
import { readReceiptPayloads } from "../store/receipt-payloads.ts";
import { type ClaimedReceipt, dropReceipts, extendReceiptLeases, postponeReceipt } from "../store/receipt-queue.ts";
import { readTriageIntegrations } from "../store/triage-integrations.ts";
import { type BatchDeps, type BatchResult, finish, processReceipts, type ReadReceipt } from "./batch.ts";
import { FencedError } from "./errors.ts";
import { concludePoison } from "./trace.ts";

/** What working on claims needs besides a batch. */
export type WorkDeps = BatchDeps & {
  readonly log: Log;
  /** How a stored body becomes signals; tests may plant a failure. */
  readonly read?: typeof readReceipt;
  /** Called after each commit. */
  readonly onCommitted: (result: BatchResult) => void;
};

/** A receipt is tried so many times before it is quarantined. */
export const MAX_ATTEMPTS = 5;

/** How long a claim is held without being renewed. */
export const LEASE_MS = 30_000;

const BATCH_BYTES = 16 * 1024 * 1024;
const BATCH_SIGNALS = 2_000;

/** Receipts that were read ahead of their batch, with the claims that they stand for. */
export type Loaded = {
  readonly receipts: readonly ReadReceipt[];
  /** The claims that are dealt with by these receipts, or that have no bytes any more. */
  readonly taken: readonly ClaimedReceipt[];
};

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

/** Reads the first batch of fresh claims ahead; null when there is none, or when it has to fail in its own time. */
export async function loadAhead(
  deps: WorkDeps,
  claims: readonly ClaimedReceipt[],
  open: Map<string, ClaimedReceipt>,
): Promise<Loaded | null> {
  const fresh = freshOf(claims);
  if (fresh.length === 0) return null;
  try {
    return await loadReceipts(deps, fresh, open);
  } catch {
    return null;
  }
}

function freshOf(claims: readonly ClaimedReceipt[]): readonly ClaimedReceipt[] {
  return claims.filter((claim) => claim.attempt === 1);
}

/**
 * Works on claimed receipts. First attempts go in batches; later ones one by one, so that a receipt that kills its
 * process takes no other with it. Throws only when the database is away; `open` then holds the claims not worked on.
 */
export async function workOnClaims(
  deps: WorkDeps,
  claims: readonly ClaimedReceipt[],
  open: Map<string, ClaimedReceipt>,
  ahead: Loaded | null = null,
): Promise<void> {
  const fresh = freshOf(claims);
  let rest: readonly ClaimedReceipt[] = fresh;
  while (rest.length > 0) {
    if (rest !== fresh) await extendReceiptLeases(deps.database, deps.nodeId, rest, deps.clock.now() + LEASE_MS);
    rest = await workOnSome(deps, rest, open, rest === fresh ? ahead : null);
  }
  for (const claim of claims) {
    if (claim.attempt > MAX_ATTEMPTS)
      await quarantine(deps, claim, claim.lastError ?? "its process stopped while reading it", open);
    else if (claim.attempt > 1) await workOnOne(deps, claim, open);
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
    if (!(error instanceof FencedError))
      deps.log.warn(describeError(error), "a batch failed; its receipts are read one by one");
    for (const claim of taken) if (open.has(claim.receiptId)) await workOnOne(deps, claim, open);
  }
  const done = new Set(taken.map((claim) => claim.receiptId));
  return claims.filter((claim) => !done.has(claim.receiptId));
}

async function workOnOne(deps: WorkDeps, claim: ClaimedReceipt, open: Map<string, ClaimedReceipt>): Promise<void> {
  try {
    const { receipts } = await loadReceipts(deps, [claim], open);
    if (receipts.length > 0) settle(deps, await processReceipts(deps, receipts), open);
  } catch (error) {
    if (error instanceof FencedError) return tellFenced(deps, claim, open);
    if (await isDatabaseAway(deps, error)) throw error;
    const message = error instanceof Error ? error.message : String(error);
    deps.metrics.count("overwatch_stage_errors_total", { stage: "triage" });
    deps.log.error(
      { receipt_id: claim.receiptId, attempt: claim.attempt, ...describeError(error) },
      "a receipt failed",
    );
    if (claim.attempt >= MAX_ATTEMPTS) return quarantine(deps, claim, message, open);
    const notBefore = deps.clock.now() + 2 ** claim.attempt * 1000;
    const isOurs = await postponeReceipt(deps.database, deps.nodeId, claim, message.slice(0, 500), notBefore);
    if (!isOurs) tellFenced(deps, claim, open);
    open.delete(claim.receiptId);
  }
}

async function quarantine(
  deps: WorkDeps,
  claim: ClaimedReceipt,
  message: string,
  open: Map<string, ClaimedReceipt>,
): Promise<void> {
  const outcome = concludePoison("unknown", message, claim.attempt);
  try {
    await deps.database.transaction((tx) => finish(tx, deps, [{ receipt: { claim }, outcome }], deps.clock.now()));
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

async function loadReceipts(
  deps: WorkDeps,
  claims: readonly ClaimedReceipt[],
  open: Map<string, ClaimedReceipt>,
): Promise<Loaded> {
  const keys = new Map(
    claims.map((one) => [one.integrationId, { organizationId: one.organizationId, id: one.integrationId }]),
  );
  const [payloads, configured] = await Promise.all([
    readReceiptPayloads(deps.database, claims, BATCH_BYTES),
    readTriageIntegrations(deps.database, [...keys.values()]),
  ]);
  if (payloads.length === 0) {
    deps.log.warn({ receipts: claims.length }, "receipts waited whose bytes are gone");
    await dropReceipts(deps.database, deps.nodeId, claims);
    for (const claim of claims) open.delete(claim.receiptId);
    return { receipts: [], taken: claims };
  }
  const integrations = new Map(configured.map((one) => [one.id, one]));
  const byId = new Map(claims.map((claim) => [claim.receiptId, claim]));
  const read = deps.read ?? readReceipt;
  const receipts: ReadReceipt[] = [];
  let signals = 0;
  for (const { body, ...payload } of payloads) {
    const claim = byId.get(payload.id);
    const integration = integrations.get(payload.integrationId);
    if (claim === undefined || integration === undefined)
      throw new Error("the integration of a receipt does not exist");
    const reading = read(integration, body, payload);
    signals += reading.kind === "signals" ? reading.signals.length : 0;
    if (signals > BATCH_SIGNALS && receipts.length > 0) break;
    receipts.push({ claim, payload, integration, reading });
  }
  return { receipts, taken: receipts.map((receipt) => receipt.claim) };
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
