import type { Endpoint } from "../core/endpoint.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Database } from "../runtime/database.ts";
import type { Vault } from "../runtime/secrets.ts";
import { loadSendingEndpoint } from "../store/sending-endpoint.ts";
import { createMask, type Mask } from "./mask.ts";
import { compileOutgoing, type Outgoing } from "./outgoing.ts";

/** An endpoint ready for sending with its mask, or why it cannot be used; null for one that was deleted. */
export type CachedOutgoing =
  | { readonly ok: true; readonly outgoing: Outgoing; readonly mask: Mask }
  | { readonly ok: false; readonly message: string; readonly endpoint: Endpoint }
  | null;

/** Endpoints with their secrets opened, in memory only. */
export type OutgoingCache = {
  /** Loads at most every 30 seconds; fails only when the database does. */
  get(organizationId: string, endpointId: string): Promise<CachedOutgoing>;
  /** Forgets one endpoint, or all of them. */
  forget(endpointId?: string): void;
};

const OLDEST_MS = 30_000;
const MOST = 5_000;

/** A cache that forgets by age and when told to. */
export function createOutgoingCache(deps: {
  readonly database: Database;
  readonly vault: Vault;
  readonly clock: Clock;
}): OutgoingCache {
  const entries = new Map<string, { readonly at: number; readonly value: Promise<CachedOutgoing> }>();

  const load = async (organizationId: string, endpointId: string): Promise<CachedOutgoing> => {
    const now = deps.clock.now();
    const source = await loadSendingEndpoint(deps.database, deps.vault, organizationId, endpointId, now);
    if (source === null) return null;
    const compiled = compileOutgoing(source);
    if (!compiled.ok) return { ...compiled, endpoint: source.endpoint };
    return { ...compiled, mask: createMask(compiled.outgoing) };
  };

  return {
    get(organizationId, endpointId) {
      const now = deps.clock.now();
      const known = entries.get(endpointId);
      if (known !== undefined && now - known.at < OLDEST_MS) return known.value;
      const value = load(organizationId, endpointId);
      if (entries.size >= MOST) entries.clear();
      entries.set(endpointId, { at: now, value });
      // A failure is not remembered: the next delivery asks again.
      value.catch(() => entries.delete(endpointId));
      return value;
    },
    forget(endpointId) {
      if (endpointId === undefined) entries.clear();
      else entries.delete(endpointId);
    },
  };
}
