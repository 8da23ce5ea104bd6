import { readReceipt } from "../reading/read-receipt.ts";
import type { Log } from "../runtime/log.ts";
import type { ClaimedReceipt } from "../store/receipt-claims.ts";
import { type ReceiptPayload, readReceiptPayloads } from "../store/receipt-payloads.ts";
import { takeReceipts } from "../store/receipt-queue.ts";
import { readTriageIntegrations, type TriageIntegration } from "../store/triage-integrations.ts";
import type { BatchDeps, ReadReceipt } from "./batch.ts";

/** What loading needs besides a batch. */
export type LoadDeps = BatchDeps & {
  readonly log: Log;
  /** How a stored body becomes signals; tests may plant a failure. */
  readonly read?: typeof readReceipt;
};

const BATCH_BYTES = 16 * 1024 * 1024;
const BATCH_SIGNALS = 2_000;

/** Receipts that were read ahead of their batch, with the claims that they stand for. */
export type Loaded = {
  readonly receipts: readonly ReadReceipt[];
  /** The claims that are dealt with by these receipts, or that have no bytes any more. */
  readonly taken: readonly ClaimedReceipt[];
};

/** Reads the first batch of fresh claims ahead; null when there is none, or when it has to fail in its own time. */
export async function loadAhead(
  deps: LoadDeps,
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

/** Claims that nobody has worked on before. */
export function freshOf(claims: readonly ClaimedReceipt[]): readonly ClaimedReceipt[] {
  return claims.filter((claim) => claim.attempt === 1);
}

type Contents = { readonly payloads: readonly ReceiptPayload[]; readonly configured: readonly TriageIntegration[] };

/** What came with the claims, else what is asked for now. */
async function readContents(deps: LoadDeps, claims: readonly ClaimedReceipt[]): Promise<Contents> {
  const contents = claims.flatMap((claim) => claim.content ?? []);
  if (contents.length > 0) {
    return {
      payloads: contents.map((content) => content.payload),
      // One object per integration, whatever it was read with: what is made of it is remembered by it.
      configured: [...new Map(contents.map(({ integration }) => [integration.id, integration])).values()],
    };
  }
  const keys = new Map(
    claims.map((one) => [one.integrationId, { organizationId: one.organizationId, id: one.integrationId }]),
  );
  const [payloads, configured] = await Promise.all([
    readReceiptPayloads(deps.database, claims, BATCH_BYTES),
    readTriageIntegrations(deps.database, [...keys.values()]),
  ]);
  return { payloads, configured };
}

/**
 * Reads as many of the claimed receipts as fit into one batch, by bytes and by signals. Claims whose receipts are gone
 * are dropped when nothing else is left.
 */
export async function loadReceipts(
  deps: LoadDeps,
  claims: readonly ClaimedReceipt[],
  open: Map<string, ClaimedReceipt>,
): Promise<Loaded> {
  const { payloads, configured } = await readContents(deps, claims);
  if (payloads.length === 0) {
    deps.log.warn({ receipts: claims.length }, "receipts waited whose bytes are gone");
    await takeReceipts(deps.database, deps.nodeId, claims);
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
