import type { Integration } from "../core/integration.ts";
import type { Reading } from "../core/signal.ts";
import type { FirstLease, NewReceipt } from "../store/receipts.ts";

/** A receipt with what was read from it for its answer. */
export type ReadyReceipt = {
  readonly receipt: NewReceipt;
  readonly integration: Integration;
  readonly headers: Readonly<Record<string, string>>;
  readonly reading: Reading;
};

/** Gives receipts in memory to the triage stage of the same process, so that nothing is claimed and read a second time. */
export type HandOver = {
  /** The lease to store so many receipts with when triage would take them at once; null when it takes them from the queue. */
  lease(count: number): FirstLease | null;
  /** Takes over receipts that were stored with a lease. */
  give(receipts: readonly ReadyReceipt[]): void;
};

/** Where receipts go. */
export type Storer = {
  /** Remembers what was read of a receipt that is about to be stored. */
  note(one: ReadyReceipt): void;
  /** Stores all of them or none; returns the first receipts of those that are repeated. */
  write(receipts: readonly NewReceipt[]): Promise<ReadonlyMap<string, string>>;
  /** Called when a batch was stored and answered. */
  onStored(): void;
};

/** Stores receipts and hands them over where that is possible; `onQueued` hears of those that wait in the queue. */
export function createStorer(deps: {
  readonly handOver: HandOver | null;
  readonly insert: (receipts: readonly NewReceipt[], lease: FirstLease | null) => Promise<ReadonlyMap<string, string>>;
  readonly onQueued: () => void;
}): Storer {
  // Kept beside the receipts, for as long as these live.
  const ready = new WeakMap<NewReceipt, ReadyReceipt>();
  let isQueued = false;
  return {
    note: (one: ReadyReceipt): void => void ready.set(one.receipt, one),
    async write(receipts: readonly NewReceipt[]): Promise<ReadonlyMap<string, string>> {
      const known = receipts.flatMap((receipt) => ready.get(receipt) ?? []);
      const lease = known.length === receipts.length ? (deps.handOver?.lease(known.length) ?? null) : null;
      const first = await deps.insert(receipts, lease);
      if (lease === null) isQueued = true;
      else deps.handOver?.give(known.filter(({ receipt }) => !first.has(receipt.id)));
      return first;
    },
    onStored() {
      if (isQueued) deps.onQueued();
      isQueued = false;
    },
  };
}
