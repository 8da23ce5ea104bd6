/** Why an endpoint is sent to more slowly than its settings allow. */
export const PACE_REASONS = ["rate_limited", "overloaded", "slow", "catching_up"] as const;

/** One of these reasons. */
export type PaceReason = (typeof PACE_REASONS)[number];

/** How fast an endpoint is sent to, shared by all nodes; times are epoch milliseconds. */
export type Pace = {
  /** At most so many requests at a time over all nodes; null while `max_in_flight` is all that holds. */
  readonly limit: number | null;
  /** Below it the limit doubles with every round of answers, from it on it grows by one. */
  readonly doublingBelow: number;
  /** Nothing is sent before this moment. */
  readonly heldUntil: number | null;
  readonly reason: PaceReason | null;
  /** When the limit was last lowered. */
  readonly loweredAt: number | null;
};

/** What the answers of a receiver say about the pace. */
export type PaceSignal =
  /** It refused for being asked too much; `retryAfterMs` when it said for how long. */
  | { readonly kind: "pushed_back"; readonly status: number; readonly retryAfterMs?: number | undefined }
  /** Its answers take much longer than they usually do. */
  | { readonly kind: "slow" }
  /** It answered a whole round of requests at this limit well. */
  | { readonly kind: "kept_up"; readonly limit: number };

/** Nothing but the settings of the endpoint holds. */
export const FULL_PACE: Pace = { limit: null, doublingBelow: 0, heldUntil: null, reason: null, loweredAt: null };

// All requests of a round may be refused at once: they speak of one moment and lower the limit once.
const ONE_MOMENT_MS = 1_000;
// A receiver may ask one delivery to wait for a day, but not keep all others from being tried for longer than this.
const LONGEST_HOLD_MS = 3_600_000;
// A limit that nothing has lowered for so long says nothing about the receiver of today.
const FORGOTTEN_AFTER_MS = 600_000;

/**
 * The pace after a signal; the very same object when nothing changes. Refusals and slowness halve the limit, at most once
 * a second and never below one; a round of good answers doubles it where it is known to be too low and else adds one.
 */
export function adjustPace(pace: Pace, signal: PaceSignal, maxInFlight: number, now: number): Pace {
  switch (signal.kind) {
    case "pushed_back": {
      const lowered = lower(pace, signal.status === 429 ? "rate_limited" : "overloaded", maxInFlight, now);
      if (signal.retryAfterMs === undefined) return lowered;
      const heldUntil = now + Math.min(signal.retryAfterMs, LONGEST_HOLD_MS);
      return heldUntil <= (lowered.heldUntil ?? 0) ? lowered : { ...lowered, heldUntil };
    }
    case "slow":
      return lower(pace, "slow", maxInFlight, now);
    case "kept_up":
      return raise(pace, signal.limit, maxInFlight);
  }
}

/** The pace of an endpoint whose circuit has just closed: one request at a time, then 2, 4 … up to `maxInFlight`. */
export function catchUp(maxInFlight: number, now: number): Pace {
  if (maxInFlight <= 1) return FULL_PACE;
  return { limit: 1, doublingBelow: maxInFlight, heldUntil: null, reason: "catching_up", loweredAt: now };
}

/** How many requests at a time the pace allows over all nodes. */
export function limitOf(pace: Pick<Pace, "limit">, maxInFlight: number): number {
  return Math.min(pace.limit ?? maxInFlight, maxInFlight);
}

/** Until when a limit that was lowered before is remembered, epoch milliseconds. */
export function forgottenBefore(now: number): number {
  return now - FORGOTTEN_AFTER_MS;
}

function lower(pace: Pace, reason: PaceReason, maxInFlight: number, now: number): Pace {
  const sinceMs = pace.loweredAt === null ? ONE_MOMENT_MS : now - pace.loweredAt;
  if (sinceMs >= 0 && sinceMs < ONE_MOMENT_MS && pace.limit !== null && pace.reason === reason) return pace;
  const limit = Math.max(1, Math.floor(limitOf(pace, maxInFlight) / 2));
  return { ...pace, limit, doublingBelow: limit, reason, loweredAt: now };
}

function raise(pace: Pace, seenLimit: number, maxInFlight: number): Pace {
  // Several nodes report the same round; the first report moves the limit and the others no longer name it.
  if (pace.limit === null || pace.limit !== seenLimit) return pace;
  const limit = pace.limit < pace.doublingBelow ? Math.min(pace.limit * 2, pace.doublingBelow) : pace.limit + 1;
  if (limit < maxInFlight) return { ...pace, limit };
  // What the receiver asked for stands, also when an answer from before it comes in late.
  return pace.heldUntil === null ? FULL_PACE : { ...pace, limit: null };
}
