import { beforeEach, describe, expect, test } from "vitest";
import { DEFAULT_TRIAGE_POLICY } from "../core/integration.ts";
import { createIntegrationCache, type ReceivingIntegration } from "./integration-cache.ts";

const integration = (more: Partial<ReceivingIntegration> = {}): ReceivingIntegration =>
  ({
    organizationId: "o",
    id: "i",
    name: "n",
    platform: "custom",
    enabled: true,
    verification: { type: "signature" },
    allowedIps: [],
    rateLimit: null,
    bodyLimitBytes: 1,
    quarantineLimit: 1,
    mapping: null,
    grouping: { by: ["dedup_key"] },
    triage: DEFAULT_TRIAGE_POLICY,
    version: 1,
    createdAt: 0,
    updatedAt: 0,
    lastReceiptAt: null,
    secrets: [],
    ...more,
  }) as ReceivingIntegration;

let now = 0;
let loads: { readonly id: string; resolve(value: ReceivingIntegration | null): void; reject(error: Error): void }[] =
  [];
const open = () =>
  createIntegrationCache({
    load: (id) => new Promise((resolve, reject) => loads.push({ id, resolve, reject })),
    monotonicNow: () => now,
  });
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

beforeEach(() => {
  now = 0;
  loads = [];
});

async function remember(cache: ReturnType<typeof open>, value: ReceivingIntegration | null, id = "i") {
  const found = cache.find(id);
  loads.at(-1)?.resolve(value);
  return found;
}

describe("the memory of integrations", () => {
  test("holds one for thirty seconds, and an unknown id for two", async () => {
    const cache = open();
    await remember(cache, integration());
    await remember(cache, null, "unknown");
    now = 2_000;
    expect(cache.peek("unknown")).toBeNull();
    now = 2_001;
    expect(cache.peek("unknown")).toBeUndefined();
    now = 30_000;
    expect(cache.peek("i")?.integration.name).toBe("n");
    now = 30_001;
    expect(cache.peek("i")).toBeUndefined();
  });

  test("asks again in the background before it is too old, once, and serves the new one", async () => {
    const cache = open();
    await remember(cache, integration());
    now = 20_001;
    cache.peek("i");
    cache.peek("i");
    expect(loads).toHaveLength(2);
    loads[1]?.resolve(integration({ name: "new" }));
    await settle();
    expect(cache.peek("i")?.integration.name).toBe("new");
  });

  test("keeps what it has when asking again fails, and rejects once that is too old", async () => {
    const cache = open();
    await remember(cache, integration());
    now = 20_001;
    cache.peek("i");
    loads[1]?.reject(new Error("away"));
    await settle();
    expect(cache.peek("i")).not.toBeUndefined();
    now = 30_001;
    const found = cache.find("i");
    loads.at(-1)?.reject(new Error("away"));
    await expect(found).rejects.toThrow("away");
  });

  test("forgets on invalidation, also what is being loaded at that moment", async () => {
    const cache = open();
    const old = cache.find("i");
    cache.invalidate("i");
    loads[0]?.resolve(integration({ name: "before the change" }));
    await old;
    expect(cache.peek("i")).toBeUndefined();
    await remember(cache, integration({ name: "after" }));
    cache.invalidate();
    expect(cache.peek("i")).toBeUndefined();
  });

  test("loads an id once for all who wait for it, four ids at a time", async () => {
    const cache = open();
    const [one, other] = [cache.find("i"), cache.find("i")];
    expect(loads).toHaveLength(1);
    loads[0]?.resolve(integration());
    expect(await one).toBe(await other);
    for (let index = 0; index < 6; index += 1) void cache.find(`id-${index}`);
    expect(loads).toHaveLength(5);
    loads[1]?.resolve(null);
    await settle();
    expect(loads).toHaveLength(6);
  });

  test("says busy instead of queueing without end", async () => {
    const cache = open();
    for (let index = 0; index < 4 + 256; index += 1) void cache.find(`id-${index}`);
    expect(await cache.find("one-more")).toBe("busy");
  });

  test("keeps the count of a limit over a reload, and starts afresh when the limit changes", async () => {
    const cache = open();
    const limited = integration({ rateLimit: { requests: 1, per_seconds: 60 } });
    await remember(cache, limited);
    expect(cache.peek("i")?.rate?.take(0, 1).isAllowed).toBe(true);
    cache.invalidate("i");
    await remember(cache, limited);
    expect(cache.peek("i")?.rate?.take(0, 1).isAllowed).toBe(false);
    cache.invalidate("i");
    await remember(cache, integration({ rateLimit: { requests: 2, per_seconds: 60 } }));
    expect(cache.peek("i")?.rate?.take(0, 1).isAllowed).toBe(true);
  });

  test("takes the platform's default limit where the integration sets none", async () => {
    const cache = open();
    await remember(cache, integration());
    expect(cache.peek("i")?.rate?.limit).toEqual({ requests: 100, perSeconds: 60 });
  });

  test("lets an allow-list whose entries cannot be read allow nobody, and has no verifier without secrets", async () => {
    const cache = open();
    const { secrets: _left, ...rest } = integration({ allowedIps: ["nonsense"] }) as ReceivingIntegration & {
      secrets: [];
    };
    await remember(cache, { ...rest, secretsUnreadable: true });
    expect(cache.peek("i")?.allowed).toEqual([]);
    expect(cache.peek("i")?.verifier).toBeNull();
  });
});
