import type { Announcement } from "../announce/announce.ts";
import { RACED_CONSTRAINTS, saveChanges } from "../announce/save-changes.ts";
import { nearestTexts } from "../core/edit-distance.ts";
import { DEFAULT_TRIAGE_POLICY } from "../core/integration.ts";
import type { Reading } from "../core/signal.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Database, Queryable, Transaction } from "../runtime/database.ts";
import type { Ids } from "../runtime/id.ts";
import type { Metrics } from "../runtime/metrics.ts";
import { readFiringKeys } from "../store/alerts.ts";
import type { ClaimedReceipt } from "../store/receipt-claims.ts";
import { type FinishedReceipt, insertOutcomes, type ReceiptOutcome } from "../store/receipt-outcomes.ts";
import type { ReceiptPayload } from "../store/receipt-payloads.ts";
import { takeReceipts } from "../store/receipt-queue.ts";
import { readSubscribers } from "../store/subscribers.ts";
import type { TriageIntegration } from "../store/triage-integrations.ts";
import { FencedError } from "./errors.ts";
import { type Folded, foldSignal } from "./fold.ts";
import { keepHops } from "./hops.ts";
import { loadWorld } from "./load-world.ts";
import { concludeReceipt } from "./trace.ts";
import type { World } from "./world.ts";

/** What a batch needs. */
export type BatchDeps = {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly metrics: Metrics;
  readonly nodeId: string;
  /** How the outside reaches the console. */
  readonly publicUrl: () => string;
};

/** A claimed receipt that has been read. */
export type ReadReceipt = {
  readonly claim: ClaimedReceipt;
  readonly payload: Omit<ReceiptPayload, "body">;
  readonly integration: TriageIntegration;
  readonly reading: Reading;
};

/** What a batch has done, once it is committed. */
export type BatchResult = {
  readonly outcomes: readonly { readonly receipt: ReadReceipt; readonly outcome: ReceiptOutcome }[];
  readonly announcements: readonly Announcement[];
  /** Incidents that are new or changed, by organization. */
  readonly changed: ReadonlyMap<string, readonly string[]>;
};

const SHORT_BATCH = 50;
const COMPARED_KEYS = 200;
const SHOWN_KEYS = 3;
const EXPLAINED_RESOLVES = 20;

/**
 * Turns receipts into alerts, incidents, events, deliveries and outcomes in one transaction. Throws `FencedError` when
 * one of the receipts is no longer this node's; then nothing was written.
 */
export function processReceipts(deps: BatchDeps, receipts: readonly ReadReceipt[]): Promise<BatchResult> {
  return deps.database.transaction((tx) => processIn(tx, deps, receipts), {
    retryOn: RACED_CONSTRAINTS,
    arePlansKept: receipts.length <= SHORT_BATCH,
  });
}

/** The work of one batch inside a transaction. */
export async function processIn(
  tx: Transaction,
  deps: BatchDeps,
  receipts: readonly ReadReceipt[],
): Promise<BatchResult> {
  const now = deps.clock.now();
  const wanted = receipts.map(({ integration, reading }) => ({
    integration,
    signals: reading.kind === "signals" ? reading.signals : [],
  }));
  // Sent together. The queue comes first: whose receipt was taken over waits for nothing else.
  const taking = take(
    tx,
    deps,
    receipts.map((receipt) => receipt.claim),
  );
  const loading = loadWorld(tx, wanted);
  const subscribers = wanted.some(({ signals }) => signals.length > 0)
    ? readSubscribers(tx, [...new Set(receipts.map(({ integration }) => integration.organizationId))])
    : null;
  const [, world] = await Promise.all([taking, loading, subscribers]);
  const folded = receipts.map((receipt) => foldReceipt(world, receipt, deps, now));
  const nearest = await findNearest(tx, receipts, folded);
  const saved = await saveChanges(
    tx,
    deps,
    {
      newAlerts: pick(world.alerts, world.newAlerts),
      changedAlerts: pick(world.alerts, world.changedAlerts),
      newIncidents: pick(world.incidents, world.newIncidents),
      changedIncidents: pick(world.incidents, world.changedIncidents),
      facts: world.facts,
      timeline: world.timeline,
    },
    { integrations: [...new Set(receipts.map((receipt) => receipt.integration))], subscribers },
  );
  await keepHops(tx, receipts, (index) => folded[index]?.signals ?? []);
  const numberOf = (id: string) => saved.numbers.get(id) ?? world.incidents.get(id)?.number ?? null;
  const outcomes = receipts.map((receipt, index) => {
    const part = folded[index] ?? NOTHING_FOLDED;
    const outcome = concludeReceipt({
      verifiedBy: receipt.payload.verifiedBy,
      configVersion: receipt.integration.version,
      reading: receipt.reading,
      folded: part.signals,
      announcements: saved.announcements.slice(part.firstFact, part.endFact),
      numberOf,
      nearestKeys: nearest.get(receipt.claim.receiptId) ?? new Map(),
    });
    return { receipt, outcome };
  });
  insertOutcomes(tx, outcomes.map(finishedOf), now);
  return { outcomes, announcements: saved.announcements, changed: changedIncidents(world) };
}

/** Ends a receipt without reading it. Throws `FencedError` when it belongs to another node by now. */
export async function finish(
  tx: Transaction,
  deps: Pick<BatchDeps, "nodeId">,
  claim: ClaimedReceipt,
  outcome: ReceiptOutcome,
  now: number,
): Promise<void> {
  await take(tx, deps, [claim]);
  insertOutcomes(tx, [finishedOf({ receipt: { claim }, outcome })], now);
}

/** Takes receipts from the queue, or throws when one of them belongs to another node by now. */
async function take(tx: Queryable, deps: Pick<BatchDeps, "nodeId">, claims: readonly ClaimedReceipt[]): Promise<void> {
  const taken = await takeReceipts(tx, deps.nodeId, claims);
  if (taken.length !== claims.length) throw new FencedError(claims.length - taken.length);
}

function finishedOf({
  receipt: { claim },
  outcome,
}: {
  readonly receipt: Pick<ReadReceipt, "claim">;
  readonly outcome: ReceiptOutcome;
}): FinishedReceipt {
  const { organizationId, receiptId, integrationId } = claim;
  return { organizationId, receiptId, integrationId, outcome };
}

type FoldedReceipt = { readonly signals: readonly Folded[]; readonly firstFact: number; readonly endFact: number };

const NOTHING_FOLDED: FoldedReceipt = { signals: [], firstFact: 0, endFact: 0 };

function foldReceipt(world: World, receipt: ReadReceipt, deps: BatchDeps, now: number): FoldedReceipt {
  const { reading, integration, payload } = receipt;
  const firstFact = world.facts.length;
  const context = {
    integration,
    policy: { ...DEFAULT_TRIAGE_POLICY, ...integration.triage },
    receiptId: receipt.claim.receiptId,
    receivedAt: payload.receivedAt,
    now,
    isReplay: payload.isReplay,
    nextId: deps.ids.next,
  };
  const signals = reading.kind === "signals" ? reading.signals.map((signal) => foldSignal(world, signal, context)) : [];
  return { signals, firstFact, endFact: world.facts.length };
}

/** For resolves that met nothing: the firing keys that look most like theirs, by receipt and dedup key. */
async function findNearest(
  tx: Queryable,
  receipts: readonly ReadReceipt[],
  folded: readonly FoldedReceipt[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>> {
  const unmet = receipts
    .flatMap((receipt, index) =>
      (folded[index]?.signals ?? [])
        .filter((one) => one.decision === "tombstone")
        .map((one) => ({ receipt, dedupKey: one.signal.dedupKey })),
    )
    .slice(0, EXPLAINED_RESOLVES);
  const nearest = new Map<string, Map<string, readonly string[]>>();
  if (unmet.length === 0) return nearest;
  const integrations = new Map(unmet.map(({ receipt }) => [receipt.integration.id, receipt.integration]));
  const firing = Map.groupBy(
    await readFiringKeys(tx, [...integrations.values()], COMPARED_KEYS),
    (row) => row.integrationId,
  );
  for (const { receipt, dedupKey } of unmet) {
    const candidates = (firing.get(receipt.integration.id) ?? []).map((row) => row.dedupKey);
    const ofReceipt = nearest.get(receipt.claim.receiptId) ?? new Map<string, readonly string[]>();
    nearest.set(receipt.claim.receiptId, ofReceipt.set(dedupKey, nearestTexts(dedupKey, candidates, SHOWN_KEYS)));
  }
  return nearest;
}

function changedIncidents(world: World): ReadonlyMap<string, readonly string[]> {
  const changed = new Map<string, string[]>();
  for (const id of [...world.newIncidents, ...world.changedIncidents]) {
    const organizationId = world.incidents.get(id)?.organizationId ?? "";
    const ofOrganization = changed.get(organizationId);
    if (ofOrganization === undefined) changed.set(organizationId, [id]);
    else ofOrganization.push(id);
  }
  return changed;
}

function pick<Value>(from: ReadonlyMap<string, Value>, keys: ReadonlySet<string>): readonly Value[] {
  return [...keys].flatMap((key) => from.get(key) ?? []);
}
