/** The one source of time: epoch milliseconds on the database's clock. */
export type Clock = { now(): number };

/** A clock that follows the machine's monotonic time from a starting point and can be set right by the database. */
export type AdjustableClock = Clock & {
  /** Takes the database's epoch milliseconds as read half a round trip ago; returns the correction in milliseconds. */
  adjust(databaseNow: number, roundTripMs: number): number;
};

/**
 * A clock for a node: monotonic between corrections, so a jump of the machine's wall clock changes nothing, and close
 * to the database's clock, so that all nodes agree on leases and due times.
 */
export function createNodeClock(
  wallNow: () => number = Date.now,
  monotonicNow: () => number = () => performance.now(),
): AdjustableClock {
  let offset = wallNow() - monotonicNow();
  return {
    now: () => Math.round(monotonicNow() + offset),
    adjust(databaseNow, roundTripMs) {
      const corrected = databaseNow + roundTripMs / 2 - monotonicNow();
      const correction = corrected - offset;
      offset = corrected;
      return correction;
    },
  };
}

/** A clock that only moves when told to, for tests. */
export function createManualClock(startAt: number): Clock & { advance(byMs: number): void; set(to: number): void } {
  let current = startAt;
  return {
    now: () => current,
    advance(byMs) {
      current += byMs;
    },
    set(to) {
      current = to;
    },
  };
}
