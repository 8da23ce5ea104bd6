import { describe, expect, test } from "vitest";
import type { FirstLease, NewReceipt } from "../store/receipts.ts";
import { createStorer, type ReadyReceipt } from "./hand-over.ts";

const LEASE: FirstLease = { nodeId: "n", until: 1 };

function receipt(id: string): NewReceipt {
  const texts = { organizationId: "o", integrationId: "i", platform: "custom", sourceIp: "", requestId: "r" };
  return {
    ...texts,
    id,
    receivedAt: 0,
    deliveryId: null,
    deliveryKey: null,
    verifiedBy: "none",
    headers: "{}",
    body: Buffer.alloc(1),
  };
}

function open(lease: FirstLease | null, first: ReadonlyMap<string, string> = new Map()) {
  const seen = { leases: [] as (FirstLease | null)[], given: [] as string[], queued: 0 };
  const storer = createStorer({
    handOver: { lease: () => lease, give: (all) => void seen.given.push(...all.map((one) => one.receipt.id)) },
    insert: async (_receipts, used) => {
      seen.leases.push(used);
      return first;
    },
    onQueued: () => {
      seen.queued += 1;
    },
  });
  const note = (one: NewReceipt): void => storer.note({ receipt: one } as ReadyReceipt);
  return { storer, seen, note };
}

describe("receipts that are stored", () => {
  test("go to triage in memory when it takes them, and wake no queue", async () => {
    const { storer, seen, note } = open(LEASE);
    const both = [receipt("a"), receipt("b")];
    both.forEach(note);
    await storer.write(both);
    storer.onStored();
    expect(seen).toEqual({ leases: [LEASE], given: ["a", "b"], queued: 0 });
  });

  test("wait in the queue when triage does not take them now", async () => {
    const { storer, seen, note } = open(null);
    const one = receipt("a");
    note(one);
    await storer.write([one]);
    storer.onStored();
    storer.onStored();
    expect(seen).toEqual({ leases: [null], given: [], queued: 1 });
  });

  test("wait in the queue with their whole batch when one of them could not be read", async () => {
    const { storer, seen, note } = open(LEASE);
    const [read, unread] = [receipt("a"), receipt("b")];
    note(read);
    await storer.write([read, unread]);
    storer.onStored();
    expect(seen).toEqual({ leases: [null], given: [], queued: 1 });
  });

  test("are not handed over when they were there already", async () => {
    const { storer, seen, note } = open(LEASE, new Map([["b", "a"]]));
    const both = [receipt("a"), receipt("b")];
    both.forEach(note);
    expect(await storer.write(both)).toEqual(new Map([["b", "a"]]));
    expect(seen.given).toEqual(["a"]);
  });
});
