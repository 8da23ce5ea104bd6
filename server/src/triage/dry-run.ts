import type { Announcement } from "../announce/announce.ts";
import type { JsonObject } from "../core/json.ts";
import type { Reading } from "../core/signal.ts";
import { readReceipt } from "../reading/read-receipt.ts";
import type { Queryable, Transaction } from "../runtime/database.ts";
import { claimForDryRun } from "../store/dry-run.ts";
import { findEvent } from "../store/events.ts";
import type { ReceiptOutcome } from "../store/receipt-outcomes.ts";
import type { ReceiptPayload } from "../store/receipt-payloads.ts";
import { readTriageIntegrations, type TriageIntegration } from "../store/triage-integrations.ts";
import { type BatchDeps, processIn, type ReadReceipt } from "./batch.ts";

/** What receipts would do now. */
export type DryRunResult = {
  /** Those that do not wait in the queue, with the outcome that they would have. */
  readonly receipts: readonly { readonly id: string; readonly reading: Reading; readonly outcome: ReceiptOutcome }[];
  /** The events that would be made, the first 20 with their payloads. */
  readonly events: readonly (Announcement & { readonly payload: JsonObject | null })[];
  readonly changedIncidentIds: readonly string[];
};

const CHUNK = 100;
const LEASE_MS = 30_000;
const SHOWN_PAYLOADS = 20;

/** Thrown to end the transaction without a trace. */
class DryRunDone extends Error {
  readonly result: DryRunResult;

  constructor(result: DryRunResult) {
    super("the dry run is over");
    this.result = result;
  }
}

/**
 * Processes receipts of one organization for real, in a transaction that is rolled back: the same code decides as ever,
 * and nothing is written. The receipts need not be stored; `changes` stand in for what their integrations say.
 */
export async function dryRun(
  deps: BatchDeps,
  receipts: readonly ReceiptPayload[],
  changes: Partial<Pick<TriageIntegration, "mapping" | "grouping">> = {},
): Promise<DryRunResult> {
  try {
    await deps.database.transaction(async (tx) => {
      throw new DryRunDone(await runIn(tx, deps, receipts, changes));
    });
  } catch (error) {
    if (error instanceof DryRunDone) return error.result;
    throw error;
  }
  throw new Error("a dry run must not be committed");
}

async function runIn(
  tx: Transaction,
  deps: BatchDeps,
  receipts: readonly ReceiptPayload[],
  changes: Partial<Pick<TriageIntegration, "mapping" | "grouping">>,
): Promise<DryRunResult> {
  const stored = await readTriageIntegrations(tx, distinctIntegrations(receipts));
  const integrations = stored.map((integration) => ({ ...integration, ...changes }));
  // Figures of what did not happen must not be counted.
  const quiet = { ...deps, metrics: { ...deps.metrics, count: () => undefined, observe: () => undefined } };
  const done: DryRunResult["receipts"][number][] = [];
  const announcements: Announcement[] = [];
  const changed = new Set<string>();
  for (let at = 0; at < receipts.length; at += CHUNK) {
    const chunk = await claim(tx, deps, receipts.slice(at, at + CHUNK), integrations);
    if (chunk.length === 0) continue;
    const result = await processIn(tx, quiet, chunk);
    for (const { receipt, outcome } of result.outcomes) {
      done.push({ id: receipt.claim.receiptId, reading: receipt.reading, outcome });
    }
    announcements.push(...result.announcements);
    for (const ids of result.changed.values()) for (const id of ids) changed.add(id);
  }
  const events: (Announcement & { payload: JsonObject | null })[] = [];
  for (const [index, announcement] of announcements.entries()) {
    const organizationId = receipts[0]?.organizationId ?? "";
    const event = index < SHOWN_PAYLOADS ? await findEvent(tx, organizationId, announcement.id) : null;
    events.push({ ...announcement, payload: event?.payload ?? null });
  }
  return { receipts: done, events, changedIncidentIds: [...changed] };
}

async function claim(
  tx: Queryable,
  deps: BatchDeps,
  receipts: readonly ReceiptPayload[],
  integrations: readonly TriageIntegration[],
): Promise<readonly ReadReceipt[]> {
  const organizationId = receipts[0]?.organizationId ?? "";
  const leaseUntil = deps.clock.now() + LEASE_MS;
  const claimed = await claimForDryRun(tx, { nodeId: deps.nodeId, organizationId, leaseUntil, receipts });
  return receipts.flatMap((receipt): ReadReceipt[] => {
    const integration = integrations.find((one) => one.id === receipt.integrationId);
    if (integration === undefined || !claimed.has(receipt.id)) return [];
    const { body, ...payload } = receipt;
    return [
      {
        claim: { organizationId, receiptId: receipt.id, integrationId: integration.id, attempt: 1, lastError: null },
        payload,
        integration,
        reading: readReceipt(integration, body, receipt),
      },
    ];
  });
}

function distinctIntegrations(receipts: readonly ReceiptPayload[]) {
  const found = new Map(
    receipts.map(({ organizationId, integrationId }) => [integrationId, { organizationId, id: integrationId }]),
  );
  return [...found.values()];
}
