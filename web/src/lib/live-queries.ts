import type { QueryClient, QueryKey } from "@tanstack/react-query";
import { followLive } from "./live.ts";

/** Which queries an event makes stale: the first part of their keys. */
const KEYS_BY_PREFIX: readonly (readonly [string, readonly string[]])[] = [
  ["incident.", ["incident", "overview", "facets", "alert-facets"]],
  ["alert.", ["alert", "alerts"]],
  // One receipt and one delivery follow their own rows: lib/follow.ts.
  ["receipt", ["integration"]],
  ["deliver", ["endpoint"]],
  // A circuit that opens parks deliveries, which have no attempt to tell of it.
  ["endpoint.", ["endpoint", "endpoints", "delivery", "overview"]],
  ["integration.", ["integration", "integrations", "overview"]],
];

/** A page that a storm of events makes read again does so at most this often. */
const INTERVAL_MS = 1_000;

/**
 * Reads again what the live stream says has changed: single things and figures, at most once a second. Lists are not
 * among them, because rows must not move under the pointer; they show how many are new instead.
 */
export function refreshByLiveEvents(client: QueryClient): () => void {
  const waiting = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | null = null;
  const flush = (): void => {
    timer = null;
    const keys = [...waiting];
    waiting.clear();
    void client.invalidateQueries({ predicate: ({ queryKey }) => keys.includes(firstOf(queryKey)) });
  };
  const stop = followLive(({ type }) => {
    for (const [prefix, keys] of KEYS_BY_PREFIX) {
      if (type.startsWith(prefix)) for (const key of keys) waiting.add(key);
    }
    if (waiting.size > 0) timer ??= setTimeout(flush, INTERVAL_MS);
  });
  return () => {
    stop();
    if (timer !== null) clearTimeout(timer);
  };
}

function firstOf(key: QueryKey): string {
  return typeof key[0] === "string" ? key[0] : "";
}
