import type { Candidate } from "../core/claim-plan.ts";
import { limitOf } from "../core/pace.ts";
import { type Place, shareOf } from "../core/share.ts";
import type { ClaimedDelivery } from "../store/delivery-queue.ts";
import type { DueEndpoint } from "../store/due-endpoints.ts";
import { createLane, type Lane } from "./lane.ts";

/** The lanes of a node: what it holds of each endpoint, and how much of it, by its share of what the endpoint allows. */
export type Lanes = {
  /** What the node would claim of endpoints that have something due; nothing where it has no share or no room. */
  candidates(due: readonly DueEndpoint[]): readonly (Candidate & { readonly due: DueEndpoint })[];
  /**
   * Takes claims of one endpoint in, whatever is known of it; `isFull` when there may be more of them. A probe and what a
   * person forces begin at once, past all limits.
   */
  add(due: DueEndpoint, claims: readonly ClaimedDelivery[], isFull: boolean): void;
  /** Takes over a limit that was set somewhere. */
  setPace(endpointId: string, limit: number | null): void;
  /** The limit of all nodes as this node knows it, null when there is none. */
  paceLimit(endpointId: string): number | null;
  /** Divides anew after nodes have come or gone; returns what this node has no share of any more. */
  redivide(): readonly ClaimedDelivery[];
  /** Takes out what has not begun, of one endpoint or of all. */
  takeWaiting(endpointId?: string): readonly ClaimedDelivery[];
  /** Forgets what has not begun and is no longer this node's, and returns it. */
  dropWaiting(isLost: (claim: ClaimedDelivery) => boolean): readonly ClaimedDelivery[];
  /** How many deliveries the lanes hold of each organization. */
  heldByOrganization(): ReadonlyMap<string, number>;
};

type Entry = {
  readonly lane: Lane;
  readonly organizationId: string;
  due: DueEndpoint;
  limit: number | null;
  part: number;
  /** Which due delivery other nodes were told of. */
  toldAt: number | null;
};

const MOST_IDLE = 1_000;

/** Lanes that come and go with what is due. */
export function createLanes(deps: {
  readonly send: (claim: ClaimedDelivery) => Promise<void>;
  readonly monotonicNow: () => number;
  /** Where this node stands among those that send. */
  readonly place: () => Place;
  /** Called when a lane has room and the database may hold more for it. */
  readonly onRoom: () => void;
  /** Called when something is due that only other nodes may send. */
  readonly onElsewhere: () => void;
}): Lanes {
  const entries = new Map<string, Entry>();

  const share = (entry: Entry): void => {
    const { maxInFlight, rateLimit } = entry.due;
    const whole = {
      inFlight: limitOf(entry, maxInFlight),
      perSecond: rateLimit === null ? null : rateLimit.requests / rateLimit.per_seconds,
    };
    const part = shareOf(whole, entry.due.endpointId, deps.place());
    entry.part = part.inFlight;
    entry.lane.setLimits(part);
  };

  const forgetIdle = (): void => {
    if (entries.size <= MOST_IDLE) return;
    for (const [endpointId, { lane }] of entries) if (lane.held() === 0) entries.delete(endpointId);
  };

  /** The entry of an endpoint, with what was just read of it. */
  const keep = (due: DueEndpoint): Entry => {
    const { organizationId, endpointId, paceLimit } = due;
    let entry = entries.get(endpointId);
    if (entry === undefined) {
      const { send, monotonicNow, onRoom } = deps;
      const lane = createLane({ send, monotonicNow, onRoom });
      entry = { lane, organizationId, due, limit: paceLimit, part: 0, toldAt: null };
      entries.set(endpointId, entry);
    }
    entry.due = due;
    entry.limit = paceLimit;
    share(entry);
    return entry;
  };

  const candidate = (due: DueEndpoint): Candidate & { readonly due: DueEndpoint } => {
    const { organizationId, endpointId } = due;
    const entry = keep(due);
    // Also when there is no room now: then whoever makes room asks again.
    entry.lane.expectMore();
    if (entry.part === 0 && due.circuitState === "closed" && entry.toldAt !== due.dueAt) {
      entry.toldAt = due.dueAt;
      deps.onElsewhere();
    }
    // Any node may probe or send what is forced: the breaker's row decides which one does.
    const room = due.circuitState === "closed" && due.forcedDeliveryId === null ? entry.lane.room() : 1;
    return { organizationId, endpointId, room, held: entry.lane.held(), due };
  };

  return {
    candidates(due) {
      forgetIdle();
      return due.map(candidate);
    },
    add(due, claims, isFull) {
      // A claim that no lane took would be held for ever: a lane that was forgotten meanwhile is made again.
      const entry = entries.get(due.endpointId) ?? keep(due);
      const isProbe = claims.some((claim) => claim.circuitState !== "closed");
      if (isProbe || due.forcedDeliveryId !== null) entry.lane.sendNow(claims);
      else entry.lane.add(claims, isFull);
    },
    setPace(endpointId, limit) {
      const entry = entries.get(endpointId);
      if (entry === undefined || entry.limit === limit) return;
      entry.limit = limit;
      share(entry);
    },
    paceLimit: (endpointId) => entries.get(endpointId)?.limit ?? null,
    redivide() {
      const orphans: ClaimedDelivery[] = [];
      for (const entry of entries.values()) {
        if (entry.lane.held() === 0) continue;
        share(entry);
        if (entry.part === 0) orphans.push(...entry.lane.takeWaiting());
      }
      return orphans;
    },
    takeWaiting(endpointId) {
      if (endpointId !== undefined) return entries.get(endpointId)?.lane.takeWaiting() ?? [];
      return [...entries.values()].flatMap(({ lane }) => lane.takeWaiting());
    },
    dropWaiting: (isLost) => [...entries.values()].flatMap(({ lane }) => lane.dropWaiting(isLost)),
    heldByOrganization() {
      const sums = new Map<string, number>();
      for (const { organizationId, lane } of entries.values()) {
        if (lane.held() > 0) sums.set(organizationId, (sums.get(organizationId) ?? 0) + lane.held());
      }
      return sums;
    },
  };
}
