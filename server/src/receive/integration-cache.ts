import { type Cidr, parseCidr } from "../core/cidr.ts";
import { createRateCounter, type RateCounter, type RateLimit } from "../core/rate-limit.ts";
import type { Platform } from "../platforms/platform.ts";
import { findPlatform } from "../platforms/registry.ts";
import type { IntegrationWithSecrets } from "../store/receiving-integration.ts";
import type { Verifier } from "./verdict.ts";
import { createVerifier } from "./verify.ts";

/** What receiving must know of an integration: its settings, and its secrets in the clear or that they cannot be read. */
export type ReceivingIntegration = IntegrationWithSecrets;

/** An integration made ready for the accepting path. */
export type ReadyIntegration = {
  readonly integration: ReceivingIntegration;
  readonly platform: Platform;
  /** Null when the secrets cannot be read: then nothing can be accepted. */
  readonly verifier: Verifier | null;
  /** Null when every address may send; entries that are no CIDR allow nobody. */
  readonly allowed: readonly Cidr[] | null;
  readonly rate: RateCounter | null;
};

/** Integrations by id, in memory. */
export type IntegrationCache = {
  /** What is known without asking the database: null when there is no such integration, undefined when not known. */
  peek(id: string): ReadyIntegration | null | undefined;
  /** Asks the database when need be; `busy` when too many unknown ids are being asked for. Rejects when it is away. */
  find(id: string): Promise<ReadyIntegration | null | "busy">;
  /** Forgets one integration, or all of them. */
  invalidate(id?: string): void;
};

type Entry = { readonly ready: ReadyIntegration | null; readonly loadedAt: number };

const FRESH_MS = 30_000;
const REFRESH_AFTER_MS = 20_000;
const UNKNOWN_MS = 2_000;
const MOST_KNOWN = 20_000;
const MOST_UNKNOWN = 2_000;
const MOST_LOADS = 4;
const MOST_WAITING_LOADS = 256;

/** Keeps loaded integrations for at most 30 seconds, and unknown ids for two; refreshes what is used before it is old. */
export function createIntegrationCache(deps: {
  readonly load: (id: string) => Promise<ReceivingIntegration | null>;
  readonly monotonicNow: () => number;
}): IntegrationCache {
  const known = new Map<string, Entry>();
  const unknown = new Map<string, Entry>();
  const loads = new Map<string, Promise<ReadyIntegration | null>>();
  const rates = new Map<string, RateCounter>();
  const waiting: (() => void)[] = [];
  let running = 0;

  const keep = (entries: Map<string, Entry>, most: number, id: string, ready: ReadyIntegration | null): void => {
    entries.delete(id);
    entries.set(id, { ready, loadedAt: deps.monotonicNow() });
    if (entries.size <= most) return;
    const oldest = entries.keys().next().value;
    if (oldest !== undefined) entries.delete(oldest);
  };

  const rateOf = (id: string, limit: RateLimit | null): RateCounter | null => {
    if (limit === null) {
      rates.delete(id);
      return null;
    }
    const present = rates.get(id);
    // A counter outlives reloads, or every change of a setting would grant a fresh quota.
    if (present?.limit.requests === limit.requests && present.limit.perSeconds === limit.perSeconds) return present;
    const counter = createRateCounter(limit);
    rates.set(id, counter);
    return counter;
  };

  const take = async (id: string): Promise<ReadyIntegration | null> => {
    if (running >= MOST_LOADS) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    try {
      const loaded = await deps.load(id);
      return loaded === null ? null : prepare(loaded, rateOf);
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };

  const load = (id: string): Promise<ReadyIntegration | null> => {
    const present = loads.get(id);
    if (present !== undefined) return present;
    const started = take(id)
      .then((ready) => {
        // An invalidation in the meantime has taken this load off the map: its answer may be the old one.
        if (loads.get(id) !== started) return ready;
        known.delete(id);
        unknown.delete(id);
        if (ready === null) keep(unknown, MOST_UNKNOWN, id, null);
        else keep(known, MOST_KNOWN, id, ready);
        return ready;
      })
      .finally(() => {
        if (loads.get(id) === started) loads.delete(id);
      });
    loads.set(id, started);
    return started;
  };

  return {
    peek(id) {
      const entry = known.get(id) ?? unknown.get(id);
      if (entry === undefined) return undefined;
      const age = deps.monotonicNow() - entry.loadedAt;
      if (age > (entry.ready === null ? UNKNOWN_MS : FRESH_MS)) return undefined;
      if (age > REFRESH_AFTER_MS && !loads.has(id)) load(id).catch(() => undefined);
      return entry.ready;
    },
    async find(id) {
      if (waiting.length >= MOST_WAITING_LOADS && !loads.has(id)) return "busy";
      return load(id);
    },
    invalidate(id) {
      if (id === undefined) {
        known.clear();
        unknown.clear();
        loads.clear();
        return;
      }
      known.delete(id);
      unknown.delete(id);
      loads.delete(id);
    },
  };
}

function prepare(
  integration: ReceivingIntegration,
  rateOf: (id: string, limit: RateLimit | null) => RateCounter | null,
): ReadyIntegration | null {
  const platform = findPlatform(integration.platform);
  if (platform === null) return null;
  const own = integration.rateLimit;
  const limit = own === null ? platform.defaultRateLimit : { requests: own.requests, perSeconds: own.per_seconds };
  return {
    integration,
    platform,
    verifier: verifierOf(integration, platform),
    allowed: integration.allowedIps.length === 0 ? null : readAllowed(integration.allowedIps),
    rate: rateOf(integration.id, limit),
  };
}

function verifierOf(integration: ReceivingIntegration, platform: Platform): Verifier | null {
  if ("secretsUnreadable" in integration) {
    return integration.verification.type === "none"
      ? createVerifier(integration.verification, platform.signature, [])
      : null;
  }
  return createVerifier(integration.verification, platform.signature, integration.secrets);
}

function readAllowed(texts: readonly string[]): readonly Cidr[] {
  return texts.flatMap((text) => {
    const reading = parseCidr(text);
    return reading.ok ? [reading.cidr] : [];
  });
}
