import type { Clock } from "../runtime/clock.ts";
import type { Database } from "../runtime/database.ts";
import type { Egress } from "../runtime/egress.ts";
import type { Ids } from "../runtime/id.ts";
import { describeError, type Log } from "../runtime/log.ts";
import { createLoop } from "../runtime/loop.ts";
import type { Metrics } from "../runtime/metrics.ts";
import type { Vault } from "../runtime/secrets.ts";
import {
  type ClaimedDelivery,
  claimDeliveries,
  extendDeliveryLeases,
  listExpiredDeliveries,
  releaseDeliveries,
  takeBackDeliveries,
} from "../store/delivery-queue.ts";
import { promoteForgotten } from "../store/delivery-turns.ts";
import { createCircuitKeeper } from "./circuit-keeper.ts";
import { failOver } from "./fail-over.ts";
import { createLane, type Lane } from "./lane.ts";
import { type CachedOutgoing, createOutgoingCache } from "./outgoing-cache.ts";
import { createRecorder } from "./recorder.ts";
import { createSender } from "./sender.ts";

/** Sends what is due: claims, renders, signs, sends, records. */
export type Deliverer = {
  start(): void;
  /** Looks for work at once; cheap. */
  wake(): void;
  /** Gives back what has not begun, waits for what has, at most for the grace. */
  stop(graceMs: number): Promise<void>;
  /** Forgets what is known of an endpoint; without an id, of all. */
  invalidate(endpointId?: string): void;
  /** Takes back deliveries of nodes that did not answer for them; returns how many. */
  takeOver(): Promise<number>;
  /** One claim, awaited to the end of its last attempt; returns how many deliveries it had. */
  runOnce(): Promise<number>;
  /** Lets fallbacks hear what waits for endpoints that cannot be reached; returns how many deliveries that made. */
  failOver(): Promise<number>;
  /** Makes due what waits for a turn that nobody has. */
  promote(): Promise<void>;
};

/** What a deliverer works with. */
export type DelivererDeps = {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly vault: Vault;
  readonly egress: Egress;
  readonly nodeId: string;
  /** 0 ≤ random < 1. */
  readonly random: () => number;
  readonly monotonicNow: () => number;
  /** How many nodes share an endpoint's rate limit, this one included. */
  readonly liveNodes: () => number;
};

const LEASE_MS = 30_000;
const HEARTBEAT_MS = 10_000;
const POLL_MS = 2_000;
const MOST_HELD = 1_000;
const MOST_CLAIMED = 500;
const FIRST_ROOM = 20;
const TAKE_BACK_ROWS = 500;
// Later retries are found by polling.
const LONGEST_TIMER_MS = 60_000;

/** A deliverer for one node; any number of them share one database. */
export function createDeliverer(deps: DelivererDeps): Deliverer {
  const { database, clock, ids, log, nodeId } = deps;
  const lanes = new Map<string, Lane>();
  const held = new Map<string, ClaimedDelivery>();
  const outgoings = createOutgoingCache(deps);
  const recorder = createRecorder({ ...deps, onPromoted: () => loop.wake() });
  let lastTakeOverAt = Number.NEGATIVE_INFINITY;
  let isStopping = false;
  let heartbeat: NodeJS.Timeout | null = null;
  let retryTimer: { readonly at: number; readonly timer: NodeJS.Timeout } | null = null;

  const keeper = createCircuitKeeper({
    ...deps,
    onTransition(endpointId, transition) {
      outgoings.forget(endpointId);
      if (transition === "closed") lanes.get(endpointId)?.warmUp();
      else void giveBack(lanes.get(endpointId)?.takeWaiting() ?? []);
      loop.wake();
    },
  });

  const wakeAt = (at: number): void => {
    const delay = at - clock.now();
    if (isStopping || delay > LONGEST_TIMER_MS || (retryTimer !== null && retryTimer.at <= at)) return;
    if (retryTimer !== null) clearTimeout(retryTimer.timer);
    const timer = setTimeout(() => {
      retryTimer = null;
      loop.wake();
    }, Math.max(0, delay) + 1);
    timer.unref();
    retryTimer = { at, timer };
  };

  const sender = createSender({ ...deps, outgoings, recorder, keeper, onRetry: wakeAt });

  const send = async (claim: ClaimedDelivery): Promise<void> => {
    const forget = (): void => void held.delete(claim.id);
    try {
      await sender.send(claim, forget);
    } catch (error) {
      // The lease ends by itself and the delivery is tried again.
      log.error({ delivery_id: claim.id, ...describeError(error) }, "an attempt failed unexpectedly");
      forget();
    }
  };

  const giveBack = async (claims: readonly ClaimedDelivery[]): Promise<void> => {
    if (claims.length === 0) return;
    for (const claim of claims) held.delete(claim.id);
    await releaseDeliveries(database, nodeId, claims, clock.now()).catch((error: unknown) => {
      log.warn(describeError(error), "claims could not be given back; their leases will end");
    });
  };

  const laneOf = (endpointId: string, found: CachedOutgoing): Lane => {
    let lane = lanes.get(endpointId);
    if (lane === undefined) {
      lane = createLane({ endpointId, send, monotonicNow: deps.monotonicNow, onRoom: () => loop.wake() });
      lanes.set(endpointId, lane);
    }
    if (found.ok) lane.setLimits(found.outgoing.endpoint, deps.liveNodes());
    return lane;
  };

  const claim = async (): Promise<readonly ClaimedDelivery[]> => {
    const limit = Math.min(MOST_CLAIMED, MOST_HELD - held.size);
    if (limit <= 0) return [];
    const now = clock.now();
    return claimDeliveries(
      { rows: database.lossyRows },
      {
        nodeId,
        now,
        leaseUntil: now + LEASE_MS,
        rooms: [...lanes.values()].map((lane) => ({ endpointId: lane.endpointId, room: lane.room() })),
        defaultRoom: FIRST_ROOM,
        limit,
      },
    );
  };

  const dispatch = async (claims: readonly ClaimedDelivery[]): Promise<void> => {
    const byEndpoint = Map.groupBy(claims, (entry) => entry.endpointId);
    for (const claimed of claims) held.set(claimed.id, claimed);
    await Promise.all(
      [...byEndpoint].map(async ([endpointId, group]) => {
        const [first] = group;
        if (first === undefined) return;
        const found = await outgoings.get(first.organizationId, endpointId);
        const room = lanes.get(endpointId)?.room() ?? FIRST_ROOM;
        laneOf(endpointId, found).add(group, group.length >= room);
      }),
    );
    for (const [endpointId, lane] of lanes) if (lane.held() === 0 && lanes.size > 1_000) lanes.delete(endpointId);
  };

  const takeOver = async (): Promise<number> => {
    lastTakeOverAt = clock.now();
    return database.transaction(async (tx) => {
      const expired = await listExpiredDeliveries(tx, clock.now(), TAKE_BACK_ROWS);
      if (expired.length === 0) return 0;
      await takeBackDeliveries(
        tx,
        expired,
        expired.map(() => ids.next()),
        clock.now(),
      );
      log.warn({ deliveries: expired.length }, "took back deliveries whose node did not answer for them");
      return expired.length;
    });
  };

  const promote = async (): Promise<void> => {
    const promoted = await promoteForgotten(database, clock.now(), TAKE_BACK_ROWS);
    if (promoted > 0) log.info({ deliveries: promoted }, "deliveries whose turn had come were made due");
  };

  const loop = createLoop({
    stage: "deliver",
    pollMs: POLL_MS,
    log,
    metrics: deps.metrics,
    random: deps.random,
    run: async () => {
      if (clock.now() - lastTakeOverAt >= HEARTBEAT_MS) {
        await takeOver();
        await promote();
        await failOver(deps);
      }
      const claims = await claim();
      await dispatch(claims);
      return claims.length >= MOST_CLAIMED;
    },
  });

  const beat = async (): Promise<void> => {
    const claims = [...held.values()];
    if (claims.length === 0) return;
    const kept = new Set(await extendDeliveryLeases(database, nodeId, claims, clock.now() + LEASE_MS));
    const asked = new Set(claims);
    for (const lane of lanes.values()) {
      for (const lost of lane.dropWaiting((entry) => asked.has(entry) && !kept.has(entry.id))) held.delete(lost.id);
    }
  };

  return {
    start() {
      isStopping = false;
      heartbeat = setInterval(() => {
        beat().catch((error: unknown) => log.warn(describeError(error), "leases could not be extended"));
      }, HEARTBEAT_MS);
      loop.start();
    },
    wake: loop.wake,
    async stop(graceMs) {
      isStopping = true;
      await loop.stop();
      if (heartbeat !== null) clearInterval(heartbeat);
      if (retryTimer !== null) clearTimeout(retryTimer.timer);
      await giveBack([...lanes.values()].flatMap((lane) => lane.takeWaiting()));
      await Promise.race([sender.settle(), new Promise((resolve) => setTimeout(resolve, graceMs).unref())]);
      await recorder.stop(graceMs);
      await keeper.settle();
    },
    invalidate: outgoings.forget,
    takeOver,
    failOver: () => failOver(deps),
    promote,
    async runOnce() {
      const claims = await claim();
      await dispatch(claims);
      await sender.settle();
      await keeper.settle();
      return claims.length;
    },
  };
}
