import type { ClaimedDelivery } from "../store/delivery-queue.ts";

/** The deliveries of one endpoint that this node holds: a few under way, a few waiting for their turn. */
export type Lane = {
  readonly endpointId: string;
  /** How many more the lane wants to hold now. */
  room(): number;
  held(): number;
  /** Takes claims in; `mayBeMore` when the database may hold more that are due, so that room is worth a call. */
  add(claims: readonly ClaimedDelivery[], mayBeMore: boolean): void;
  /** Takes out what has not begun, so that it can be given back. */
  takeWaiting(): readonly ClaimedDelivery[];
  /** Forgets what has not begun and is no longer this node's, and returns it. */
  dropWaiting(isLost: (claim: ClaimedDelivery) => boolean): readonly ClaimedDelivery[];
  setMaxInFlight(maxInFlight: number): void;
};

const MOST_HELD = 200;
// What the lane holds beyond the requests under way should last about this long: long enough to bridge a claim,
// short enough that another node could do it instead.
const BRIDGE_MS = 100;
const SMOOTHING = 0.2;

/**
 * A lane that runs at most `maxInFlight` sends at a time and learns how fast the endpoint answers, so that a quick one
 * gets many deliveries a claim and a slow one no more than it can take.
 */
export function createLane(
  endpointId: string,
  maxInFlight: number,
  send: (claim: ClaimedDelivery) => Promise<void>,
  monotonicNow: () => number,
  onRoom: () => void,
): Lane {
  let limit = maxInFlight;
  let active = 0;
  let averageMs = BRIDGE_MS;
  let waiting: ClaimedDelivery[] = [];
  let mayBeMore = false;

  const wanted = (): number => Math.min(MOST_HELD, Math.ceil(limit * Math.max(1, BRIDGE_MS / Math.max(averageMs, 1))));

  const pump = (): void => {
    while (active < limit) {
      const claim = waiting.shift();
      if (claim === undefined) return;
      active += 1;
      const startedAt = monotonicNow();
      void send(claim).finally(() => {
        active -= 1;
        averageMs += SMOOTHING * (monotonicNow() - startedAt - averageMs);
        pump();
        // Half empty is early enough to ask for more, and keeps a claim from fetching one row at a time.
        if (mayBeMore && active + waiting.length <= wanted() / 2) {
          mayBeMore = false;
          onRoom();
        }
      });
    }
  };

  return {
    endpointId,
    room: () => Math.max(0, wanted() - active - waiting.length),
    held: () => active + waiting.length,
    add(claims, isFull) {
      mayBeMore = isFull;
      waiting.push(...claims);
      pump();
    },
    takeWaiting() {
      const taken = waiting;
      waiting = [];
      return taken;
    },
    dropWaiting(isLost) {
      const lost = waiting.filter(isLost);
      waiting = waiting.filter((claim) => !isLost(claim));
      return lost;
    },
    setMaxInFlight(next) {
      limit = next;
    },
  };
}
