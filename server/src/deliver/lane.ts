import type { Limits } from "../core/share.ts";
import type { ClaimedDelivery } from "../store/delivery-queue.ts";

/** The deliveries of one endpoint that this node holds: a few under way, a few waiting for their turn. */
export type Lane = {
  /** How many more the lane wants to hold now. */
  room(): number;
  held(): number;
  /** Takes claims in; `mayBeMore` when the database may hold more that are due, so that room is worth a call. */
  add(claims: readonly ClaimedDelivery[], mayBeMore: boolean): void;
  /** Notes that the database holds some that are due. */
  expectMore(): void;
  /** Takes out what has not begun, so that it can be given back. */
  takeWaiting(): readonly ClaimedDelivery[];
  /** Forgets what has not begun and is no longer this node's, and returns it. */
  dropWaiting(isLost: (claim: ClaimedDelivery) => boolean): readonly ClaimedDelivery[];
  /** Takes over this node's part of what the endpoint allows. */
  setLimits(limits: Limits): void;
  /** Begins these whatever the limits say: a probe, or what a person forces. */
  sendNow(claims: readonly ClaimedDelivery[]): void;
};

/** What a lane works with; `send` never throws. */
export type LaneOptions = {
  readonly send: (claim: ClaimedDelivery) => Promise<void>;
  readonly monotonicNow: () => number;
  /** Called when the lane has room and the database may hold more for it. */
  readonly onRoom: () => void;
};

const MOST_HELD = 200;
// What the lane holds beyond the requests under way should last about this long: long enough to bridge a claim,
// short enough that another node could do it instead.
const BRIDGE_MS = 100;
const SMOOTHING = 0.2;

/**
 * A lane that runs at most so many sends at a time as its limit says, keeps the endpoint's rate, and learns how fast the
 * endpoint answers, so that a quick one gets many deliveries a claim and a slow one no more than it can take.
 */
export function createLane({ send, monotonicNow, onRoom }: LaneOptions): Lane {
  let limit = 1;
  let msPerToken = 0;
  let burst = 1;
  let tokens = 1;
  let tokensAt = monotonicNow();
  let timer: NodeJS.Timeout | null = null;
  let active = 0;
  // Until it is known: quick enough that the first claim fetches two rounds.
  let averageMs = BRIDGE_MS / 2;
  let waiting: ClaimedDelivery[] = [];
  let mayBeMore = false;

  const wanted = (): number => {
    if (limit === 0) return 0;
    const bridging = Math.ceil(limit * Math.max(1, BRIDGE_MS / Math.max(averageMs, 1)));
    // A slow rate fills the lane no further than about a second ahead.
    const paced = msPerToken === 0 ? MOST_HELD : Math.max(1, Math.ceil(1_000 / msPerToken));
    return Math.min(MOST_HELD, bridging, paced);
  };

  /** Milliseconds until the rate allows one more, 0 when it does now and the token is taken. */
  const takeToken = (): number => {
    if (msPerToken === 0) return 0;
    const now = monotonicNow();
    tokens = Math.min(burst, tokens + (now - tokensAt) / msPerToken);
    tokensAt = now;
    if (tokens < 1) return Math.ceil((1 - tokens) * msPerToken);
    tokens -= 1;
    return 0;
  };

  const begin = (claim: ClaimedDelivery): void => {
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
  };

  const pump = (): void => {
    while (active < limit && waiting.length > 0) {
      const delay = takeToken();
      if (delay > 0) {
        timer ??= setTimeout(() => {
          timer = null;
          pump();
        }, delay);
        return;
      }
      const claim = waiting.shift();
      if (claim !== undefined) begin(claim);
    }
  };

  return {
    room: () => Math.max(0, wanted() - active - waiting.length),
    held: () => active + waiting.length,
    add(claims, isFull) {
      mayBeMore = isFull;
      waiting.push(...claims);
      pump();
    },
    expectMore() {
      mayBeMore = true;
    },
    takeWaiting() {
      const taken = waiting;
      waiting = [];
      if (timer !== null) clearTimeout(timer);
      timer = null;
      return taken;
    },
    dropWaiting(isLost) {
      const lost = waiting.filter(isLost);
      waiting = waiting.filter((claim) => !isLost(claim));
      return lost;
    },
    setLimits(limits) {
      const hasRisen = limits.inFlight > limit;
      limit = limits.inFlight;
      msPerToken = limits.perSecond === null ? 0 : 1_000 / limits.perSecond;
      // At most a tenth of a second's worth at once, so that a receiver's own window is not overrun.
      burst = msPerToken === 0 ? 1 : Math.max(1, 100 / msPerToken);
      if (hasRisen) pump();
    },
    sendNow(claims) {
      mayBeMore = true;
      for (const claim of claims) begin(claim);
    },
  };
}
