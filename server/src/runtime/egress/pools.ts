import { Client, Pool } from "undici";
import { createConnector, type DialPolicy, newSetup } from "./dial.ts";
import type { Exchange } from "./exchange.ts";
import type { Identity } from "./identity.ts";

/** How connections are made, and the name by which those that are made otherwise are kept apart. */
export type DialRoute = { readonly name: string; readonly policy: DialPolicy };

/** Keeps connections open between requests, apart for every key, origin, route and identity. */
export type Pools = {
  /** Counts a request in; `end` must follow. */
  begin(key: string, origin: string, route: DialRoute, identity: Identity): PoolEntry;
  end(entry: PoolEntry): void;
  size(): number;
  /** Breaks what is under way and closes every connection. */
  destroy(): Promise<void>;
};

/** The connections to one origin on behalf of one key. */
export type PoolEntry = { readonly pool: Pool; inFlight: number };

/** Bounds of the pools. */
export type PoolLimits = {
  readonly mostPools: number;
  readonly connectionsPerPool: number;
  /** An idle connection is closed after so long, so that a receiver rarely closes it first. */
  readonly idleMs: number;
  /** A connection is not used again when older, so that changes in DNS are followed. */
  readonly longestUseMs: number;
};

/** Pools in the order of their last use; beyond the limit the longest unused ones that are idle are closed. */
export function createPools(limits: PoolLimits): Pools {
  const entries = new Map<string, PoolEntry>();

  function evict(): void {
    for (const [name, entry] of entries) {
      if (entries.size <= limits.mostPools) return;
      if (entry.inFlight > 0) continue;
      entries.delete(name);
      entry.pool.close().catch(() => {});
    }
  }

  return {
    begin(key, origin, route, identity) {
      const name = `${key} ${origin} ${route.name} ${identity.name}`;
      const known = entries.get(name);
      const entry = known ?? { pool: openPool(route.policy, limits, origin, identity), inFlight: 0 };
      // Deleting first moves it to the end of the map's order.
      if (known !== undefined) entries.delete(name);
      entries.set(name, entry);
      entry.inFlight += 1;
      if (known === undefined && entries.size > limits.mostPools) evict();
      return entry;
    },
    end(entry) {
      entry.inFlight -= 1;
    },
    size: () => entries.size,
    async destroy() {
      const open = [...entries.values()];
      entries.clear();
      await Promise.all(open.map((entry) => entry.pool.destroy()));
    },
  };
}

function openPool(policy: DialPolicy, limits: PoolLimits, origin: string, identity: Identity): Pool {
  return new Pool(origin, {
    connections: limits.connectionsPerPool,
    clientTtl: limits.longestUseMs,
    keepAliveTimeout: limits.idleMs,
    keepAliveMaxTimeout: limits.idleMs,
    allowH2: false,
    pipelining: 1,
    // One deadline covers the whole exchange, so the client's own timers only cost.
    headersTimeout: 0,
    bodyTimeout: 0,
    factory: (url, options) => openClient(policy, identity, url, options),
  });
}

/** A client with one connection that notes on each exchange how its connection was made. */
function openClient(policy: DialPolicy, identity: Identity, url: URL, options: object): Client {
  const setup = newSetup();
  const client = new Client(url, { ...options, connect: createConnector(policy, identity.secureContext, setup) });
  const dispatch = client.dispatch.bind(client);
  client.dispatch = (request, handler) => {
    (handler as Exchange).setup = setup;
    return dispatch(request, handler);
  };
  return client;
}
