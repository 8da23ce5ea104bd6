import { beforeEach, describe, expect, test } from "vitest";
import type { Log } from "../runtime/log.ts";
import { createMetrics } from "../runtime/metrics.ts";
import type { NewReceipt } from "../store/receipts.ts";
import { type CommitOutcome, createBatcher } from "./batcher.ts";

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet };
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const stateError = (code: string): Error => Object.assign(new Error(code), { code });

function receipt(id: string, bytes = 10): NewReceipt {
  return {
    organizationId: "o",
    id,
    integrationId: "i",
    platform: "custom",
    receivedAt: 0,
    sourceIp: "127.0.0.1",
    requestId: "r",
    deliveryId: null,
    deliveryKey: null,
    verifiedBy: "none",
    headers: "{}",
    body: Buffer.alloc(bytes),
  };
}

/** A database whose commits end when the test says so. */
function fakeStorage() {
  const batches: {
    readonly ids: readonly string[];
    resolve(first?: ReadonlyMap<string, string>): void;
    reject(error: Error): void;
  }[] = [];
  return {
    batches,
    write: (receipts: readonly NewReceipt[]) =>
      new Promise<ReadonlyMap<string, string>>((resolve, reject) => {
        batches.push({ ids: receipts.map((row) => row.id), resolve: (first = new Map()) => resolve(first), reject });
      }),
  };
}

let now = 0;
let timers: (() => void)[] = [];
let probes: { resolve(): void; reject(error: Error): void }[] = [];
let outcomes: Record<string, CommitOutcome> = {};
let storage = fakeStorage();
let storedCalls = 0;

function open(
  limits: {
    readonly writers?: number;
    readonly mostRows?: number;
    readonly mostWaitingRows?: number;
    readonly mostBytes?: number;
  } = {},
) {
  // A flush that a test leaves behind must not reach the next one.
  const [ownStorage, ownOutcomes] = [storage, outcomes];
  const batcher = createBatcher({
    write: ownStorage.write,
    probe: () => new Promise<void>((resolve, reject) => probes.push({ resolve, reject })),
    onStored: () => {
      storedCalls += 1;
    },
    log: quiet,
    metrics: createMetrics({ withProcessMetrics: false }),
    monotonicNow: () => now,
    schedule: (_ms, callback) => {
      timers.push(callback);
      return () => {
        timers = timers.filter((entry) => entry !== callback);
      };
    },
    random: () => 0.5,
    writers: 1,
    mostRows: 100,
    mostBytes: 1_000,
    mostWaitingRows: 1_000,
    mostWaitingBytes: 10_000,
    ...limits,
  });
  const add = (id: string, bytes?: number): void => {
    batcher.add(receipt(id, bytes), (outcome) => {
      if (id in ownOutcomes) throw new Error(`${id} was answered twice`);
      ownOutcomes[id] = outcome;
    });
  };
  return { batcher, add };
}

beforeEach(() => {
  now = 0;
  timers = [];
  probes = [];
  outcomes = {};
  storage = fakeStorage();
  storedCalls = 0;
});

describe("batches", () => {
  test("hold what came in one turn, and what came while the batch before was written", async () => {
    const { add } = open();
    add("a");
    add("b");
    await nextTurn();
    add("c");
    add("d");
    await nextTurn();
    expect(storage.batches.map((batch) => batch.ids)).toEqual([["a", "b"]]);
    expect(outcomes).toEqual({});
    storage.batches[0]?.resolve();
    await nextTurn();
    expect(Object.keys(outcomes)).toEqual(["a", "b"]);
    expect(storage.batches[1]?.ids).toEqual(["c", "d"]);
    expect(storedCalls).toBe(1);
  });

  test("are written side by side by as many writers as there are", async () => {
    const { add } = open({ writers: 2, mostRows: 1 });
    for (const id of ["a", "b", "c"]) add(id);
    await nextTurn();
    expect(storage.batches.map((batch) => batch.ids)).toEqual([["a"], ["b"]]);
  });

  test("end at their bytes, but a single large body always fits", async () => {
    const { add } = open({ writers: 3, mostBytes: 100 });
    add("a", 60);
    add("b", 60);
    add("c", 500);
    await nextTurn();
    expect(storage.batches.map((batch) => batch.ids)).toEqual([["a"], ["b"], ["c"]]);
  });

  test("tell the receipt that stands for a webhook that was known already", async () => {
    const { add } = open();
    add("late");
    await nextTurn();
    storage.batches[0]?.resolve(new Map([["late", "first"]]));
    await nextTurn();
    expect(outcomes.late).toEqual({ kind: "stored", receiptId: "first" });
  });

  test("refuse what is beyond the queue, without touching what waits", async () => {
    const { batcher, add } = open({ mostWaitingRows: 2 });
    for (const id of ["a", "b", "c"]) add(id);
    expect(outcomes).toEqual({ c: { kind: "overloaded" } });
    await nextTurn();
    storage.batches[0]?.resolve();
    await nextTurn();
    expect(batcher.waiting()).toBe(0);
    add("d");
    expect(outcomes.d).toBeUndefined();
  });
});

describe("a value that the database cannot hold", () => {
  test("costs only its own receipt", async () => {
    const { add } = open();
    for (const id of ["a", "b", "bad", "d", "e"]) add(id);
    await nextTurn();
    for (let index = 0; index < storage.batches.length; index += 1) {
      const batch = storage.batches[index];
      if (batch?.ids.includes("bad")) batch.reject(stateError("22021"));
      else batch?.resolve();
      await nextTurn();
    }
    expect(outcomes.bad).toEqual({ kind: "refused" });
    for (const id of ["a", "b", "d", "e"]) expect(outcomes[id]?.kind).toBe("stored");
  });

  test("is told from a fault of the whole batch, of which nothing is answered as stored", async () => {
    const { add } = open();
    add("a");
    add("b");
    await nextTurn();
    storage.batches[0]?.reject(stateError("23514"));
    await nextTurn();
    expect(storage.batches).toHaveLength(1);
    expect(outcomes).toEqual({ a: { kind: "unavailable" }, b: { kind: "unavailable" } });
  });
});

describe("a deadlock", () => {
  test("is tried again, for the server has undone it, and given up after three", async () => {
    const { add } = open();
    add("a");
    await nextTurn();
    storage.batches[0]?.reject(stateError("40P01"));
    await nextTurn();
    storage.batches[1]?.resolve();
    await nextTurn();
    expect(outcomes.a?.kind).toBe("stored");
    add("b");
    await nextTurn();
    for (const index of [2, 3, 4]) {
      storage.batches[index]?.reject(stateError("40P01"));
      await nextTurn();
    }
    expect(outcomes.b?.kind).toBe("unavailable");
    expect(storage.batches).toHaveLength(5);
  });
});

describe("a lost database", () => {
  test("fails its batch at once, since nobody knows what was committed, and keeps the rest until a probe", async () => {
    const { add } = open();
    add("a");
    await nextTurn();
    add("b");
    storage.batches[0]?.reject(new Error("connection reset"));
    await nextTurn();
    expect(outcomes).toEqual({ a: { kind: "unavailable" } });
    expect(storage.batches).toHaveLength(1);
    probes[0]?.resolve();
    await nextTurn();
    expect(storage.batches[1]?.ids).toEqual(["b"]);
  });

  test("that stays away fails everything at once until a probe succeeds", async () => {
    const { batcher, add } = open();
    add("a");
    await nextTurn();
    add("b");
    storage.batches[0]?.reject(stateError("57P01"));
    await nextTurn();
    probes[0]?.reject(new Error("refused"));
    await nextTurn();
    expect(outcomes.b).toEqual({ kind: "unavailable" });
    add("c");
    expect(outcomes.c).toEqual({ kind: "unavailable" });
    expect(storage.batches).toHaveLength(1);
    expect(batcher.waiting()).toBe(0);
    for (const run of timers.splice(0)) run();
    probes[1]?.resolve();
    await nextTurn();
    add("d");
    await nextTurn();
    expect(storage.batches[1]?.ids).toEqual(["d"]);
  });
});

describe("the deadline", () => {
  test("answers what waits too long, and never stores or answers it later", async () => {
    const { batcher, add } = open();
    add("a");
    await nextTurn();
    add("b");
    now = 4_500;
    batcher.sweep();
    expect(outcomes).toEqual({ a: { kind: "unavailable" }, b: { kind: "unavailable" } });
    storage.batches[0]?.resolve();
    await nextTurn();
    // `a` may have been committed, and that is all: `b` was never sent, and no answer came twice.
    expect(storage.batches).toHaveLength(1);
    expect(batcher.waiting()).toBe(0);
  });

  test("does not come early", () => {
    const { batcher, add } = open();
    add("a");
    now = 4_499;
    batcher.sweep();
    expect(outcomes).toEqual({});
  });
});
