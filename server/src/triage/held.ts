import type { ReadReceipt } from "./batch.ts";

/** Receipts that were stored with this node's claim and are read already: they wait here for their batch. */
export type Held = {
  /** True when so many more may be added; else they have to wait in the queue. */
  hasRoom(count: number): boolean;
  add(receipts: readonly ReadReceipt[]): void;
  size(): number;
  /** Takes out a batch, oldest first; empty when nothing waits. */
  take(): readonly ReadReceipt[];
};

const MOST_HELD = 1_000;
const BATCH_RECEIPTS = 500;
const BATCH_SIGNALS = 2_000;
const HELD_SIGNALS = 10_000;

/** Makes an empty list that is bounded by receipts and, softly, by the signals in them. */
export function createHeld(): Held {
  let waiting: readonly ReadReceipt[] = [];
  let signals = 0;
  return {
    hasRoom: (count) => waiting.length + count <= MOST_HELD && signals < HELD_SIGNALS,
    add(receipts) {
      waiting = waiting.length === 0 ? receipts : [...waiting, ...receipts];
      for (const receipt of receipts) signals += signalsOf(receipt);
    },
    size: () => waiting.length,
    take() {
      let count = 0;
      let taken = 0;
      for (const receipt of waiting.slice(0, BATCH_RECEIPTS)) {
        if (count > 0 && taken + signalsOf(receipt) > BATCH_SIGNALS) break;
        taken += signalsOf(receipt);
        count += 1;
      }
      const batch = waiting.slice(0, count);
      waiting = waiting.slice(count);
      signals -= taken;
      return batch;
    },
  };
}

function signalsOf({ reading }: ReadReceipt): number {
  return reading.kind === "signals" ? reading.signals.length : 0;
}
