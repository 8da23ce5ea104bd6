/** So many requests in any span of so many seconds. */
export type RateLimit = { readonly requests: number; readonly perSeconds: number };

/** What a counter says to one request; `retryAfterMs` is when the next one can pass if nothing else comes. */
export type RateVerdict = { readonly isAllowed: true } | { readonly isAllowed: false; readonly retryAfterMs: number };

/** Counts the requests of one sender on one node. */
export type RateCounter = {
  readonly limit: RateLimit;
  /**
   * Counts a request unless the limit is reached. `now` is milliseconds of a clock that does not go back; `shares` is
   * the number of nodes among which the limit is divided.
   */
  take(now: number, shares: number): RateVerdict;
};

const SLOTS = 60;
const ALLOWED: RateVerdict = { isAllowed: true };

/**
 * A sliding window of sixty slots and the one that is filling. The window is therefore up to a sixtieth longer than
 * asked for and never shorter: a node lets through at most its share in any span of `perSeconds`.
 */
export function createRateCounter(limit: RateLimit): RateCounter {
  const slotMs = (limit.perSeconds * 1_000) / SLOTS;
  const counts = new Array<number>(SLOTS + 1).fill(0);
  let newest = Number.NEGATIVE_INFINITY;
  let total = 0;

  const forget = (slot: number): void => {
    const place = slot % counts.length;
    total -= counts[place] ?? 0;
    counts[place] = 0;
  };

  const advanceTo = (slot: number): void => {
    if (slot <= newest) return;
    const first = Math.max(newest + 1, slot - SLOTS);
    for (let passed = first; passed <= slot; passed += 1) forget(passed);
    newest = slot;
  };

  const waitFor = (quota: number, now: number): number => {
    let left = total;
    for (let slot = newest - SLOTS; slot <= newest; slot += 1) {
      left -= slot < 0 ? 0 : (counts[slot % counts.length] ?? 0);
      if (left < quota) return Math.max(1, Math.ceil((slot + SLOTS + 1) * slotMs - now));
    }
    return Math.ceil(limit.perSeconds * 1_000);
  };

  return {
    limit,
    take(now, shares) {
      advanceTo(Math.floor(now / slotMs));
      const quota = shareOf(limit, shares);
      if (total >= quota) return { isAllowed: false, retryAfterMs: waitFor(quota, now) };
      const place = newest % counts.length;
      counts[place] = (counts[place] ?? 0) + 1;
      total += 1;
      return ALLOWED;
    },
  };
}

/** What one of several nodes may let through: the limit divided by them, rounded up, so never nothing. */
export function shareOf(limit: RateLimit, shares: number): number {
  return Math.max(1, Math.ceil(limit.requests / Math.max(1, shares)));
}
