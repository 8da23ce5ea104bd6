import { planClaim } from "../core/claim-plan.ts";
import { createDueWalk } from "../core/due-walk.ts";
import { forgottenBefore } from "../core/pace.ts";
import type { Place } from "../core/share.ts";
import type { ActivityCounts, LatestKeeper } from "../runtime/activity.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Database } from "../runtime/database.ts";
import type { Egress } from "../runtime/egress.ts";
import type { Ids } from "../runtime/id.ts";
import { describeError, type Log } from "../runtime/log.ts";
import { createLoop } from "../runtime/loop.ts";
import type { Metrics } from "../runtime/metrics.ts";
import type { Vault } from "../runtime/secrets.ts";
import type { EndpointFailure } from "../store/activity.ts";
import { readDeliveryChores } from "../store/delivery-chores.ts";
import {
  type ClaimedDelivery,
  claimDeliveries,
  extendDeliveryLeases,
  listExpiredDeliveries,
  releaseDeliveries,
  takeBackDeliveries,
} from "../store/delivery-queue.ts";
import { promoteForgotten } from "../store/delivery-turns.ts";
import { findDueEndpoints } from "../store/due-endpoints.ts";
import { forgetPaces, listChangedStates } from "../store/paces.ts";
import { createCircuitKeeper } from "./circuit-keeper.ts";
import { failOver } from "./fail-over.ts";
import { createLanes } from "./lanes.ts";
import { createOutgoingCache } from "./outgoing-cache.ts";
import { createPressure } from "./pressure.ts";
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
  /** Moves the end of its leases; done by itself while it runs. */
  beat(): Promise<void>;
  /** Takes back deliveries of nodes that did not answer for them; returns how many. */
  takeOver(): Promise<number>;
  /** One claim, awaited to the end of its last attempt; returns how many deliveries it had. */
  runOnce(): Promise<number>;
  /** Lets fallbacks hear what waits for endpoints that cannot be reached; returns how many deliveries that made. */
  failOver(): Promise<number>;
  /** Makes due what waits for a turn that nobody has. */
  promote(): Promise<void>;
  /** Disables endpoints whose circuits have been open for too long. */
  expireCircuits(): Promise<void>;
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
  /** Where this node stands among those that send. */
  readonly place: () => Place;
  /** Called when something is due that only other nodes may send: they find it by polling if they are not told. */
  readonly onElsewhere?: () => void;
  /** Counts attempts for people, and keeps the last failure of an endpoint; nothing when absent. */
  readonly counts?: ActivityCounts;
  readonly failures?: LatestKeeper<EndpointFailure>;
};

const LEASE_MS = 30_000;
const HEARTBEAT_MS = 10_000;
// Many times what an attempt may take: a claim that is older than this is lost in the program, and its lease may end.
const LONGEST_HELD_MS = 600_000;
const POLL_MS = 2_000;
// With the lease and a poll it makes the 35 seconds after which nothing stays with a node that does not answer for it.
const TAKE_OVER_MS = 3_000;
const FORGET_PACES_MS = 60_000;
const MOST_HELD = 2_000;
const MOST_CLAIMED = 500;
// One index probe each: about four milliseconds.
const MOST_VISITED = 256;
const MOST_ORGANIZATIONS = 64;
const WATCH_MS = 1_000;
// Rows are written with the clocks of other nodes and become visible a little later.
const WATCH_OVERLAP_MS = 5_000;
const TAKE_BACK_ROWS = 500;
// Later retries are found by polling.
const LONGEST_TIMER_MS = 60_000;

/** A deliverer for one node; any number of them share one database. */
export function createDeliverer(deps: DelivererDeps): Deliverer {
  const { database, clock, ids, log, nodeId } = deps;
  const inOneRoundTrip = { rows: database.lossyRows };
  const held = new Map<string, { readonly claim: ClaimedDelivery; readonly claimedAt: number }>();
  const outgoings = createOutgoingCache(deps);
  const recorder = createRecorder({ ...deps, onPromoted: () => loop.wake() });
  let lookedAfterAt = Number.NEGATIVE_INFINITY;
  let lastSweepAt = Number.NEGATIVE_INFINITY;
  let forgotPacesAt = Number.NEGATIVE_INFINITY;
  let promotedUpTo: string | null = null;
  let isStopping = false;
  let heartbeat: NodeJS.Timeout | null = null;
  let retryTimer: { readonly at: number; readonly timer: NodeJS.Timeout } | null = null;

  const keeper = createCircuitKeeper({
    ...deps,
    onChange(endpointId, { transition, pace }) {
      if (transition !== null) outgoings.forget(endpointId);
      lanes.setPace(endpointId, pace.limit);
      const isHeld = pace.heldUntil !== null && pace.heldUntil > clock.now();
      if (isHeld || transition === "opened" || transition === "disabled") {
        void giveBack(lanes.takeWaiting(endpointId));
      }
      if (pace.heldUntil !== null && isHeld) wakeAt(pace.heldUntil);
      if (transition !== null) loop.wake();
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

  const sender = createSender({
    ...deps,
    outgoings,
    recorder,
    keeper,
    giveBack: (claims) => giveBack(claims),
    pressure: createPressure(),
    paceLimit: (endpointId) => lanes.paceLimit(endpointId),
    onRetry: wakeAt,
  });

  const send = async (claim: ClaimedDelivery): Promise<void> => {
    const forget = (): void => {
      if (held.get(claim.id)?.claim === claim) held.delete(claim.id);
    };
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

  const lanes = createLanes({ onElsewhere: () => undefined, ...deps, send, onRoom: () => loop.wake() });
  const walk = createDueWalk();

  /** Claims of the next endpoints of the walk. */
  const claim = async (): Promise<readonly ClaimedDelivery[]> => {
    if (held.size >= MOST_HELD) return [];
    const now = clock.now();
    const look = await findDueEndpoints(inOneRoundTrip, {
      now,
      position: walk.position(),
      most: MOST_VISITED,
      mostOrganizations: MOST_ORGANIZATIONS,
    });
    const candidates = lanes.candidates(walk.inTurn(look.due));
    const plan = planClaim(candidates, {
      capacity: MOST_HELD,
      held: held.size,
      heldByOrganization: lanes.heldByOrganization(),
      mostRows: MOST_CLAIMED,
    });
    walk.note(look, candidates.slice(0, plan.considered), candidates.slice(plan.considered));
    if (plan.picks.length === 0) return [];
    const claims = await claimDeliveries(inOneRoundTrip, {
      nodeId,
      now,
      leaseUntil: now + LEASE_MS,
      picks: plan.picks.map(({ candidate: { due }, rows }) => ({
        ...due,
        rows,
        // Twice the lease covers the answer and its record; a probe whose node vanished is made again after it.
        probeUntil: due.circuitState === "closed" ? null : now + due.timeoutSeconds * 1_000 + LEASE_MS,
      })),
    });
    for (const claimed of claims) held.set(claimed.id, { claim: claimed, claimedAt: now });
    const byEndpoint = Map.groupBy(claims, (entry) => entry.endpointId);
    for (const { candidate, rows } of plan.picks) {
      const group = byEndpoint.get(candidate.endpointId) ?? [];
      lanes.add(candidate.due, group, group.length >= rows);
    }
    return claims;
  };

  let watchedAt = Number.NEGATIVE_INFINITY;
  /** Learns what other nodes and people have changed of the endpoints that this node holds deliveries of. */
  const watch = async (): Promise<void> => {
    const now = clock.now();
    if (held.size === 0 || now - watchedAt < WATCH_MS) return;
    const since = Math.max(watchedAt, now - LEASE_MS) - WATCH_OVERLAP_MS;
    watchedAt = now;
    const orphans = [...lanes.redivide()];
    for (const { endpointId, limit, isBlocked } of await listChangedStates(database, since, now)) {
      lanes.setPace(endpointId, limit);
      if (isBlocked) orphans.push(...lanes.takeWaiting(endpointId));
    }
    await giveBack(orphans);
  };

  const takeOver = async (): Promise<number> => {
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
    const { promoted, last } = await promoteForgotten(database, clock.now(), promotedUpTo, TAKE_BACK_ROWS);
    promotedUpTo = last;
    if (promoted > 0) log.info({ deliveries: promoted }, "deliveries whose turn had come were made due");
  };

  /** Does what there is to do beside sending, and asks for little where there is nothing. */
  const lookAfter = async (): Promise<void> => {
    if (clock.now() - lookedAfterAt < TAKE_OVER_MS) return;
    lookedAfterAt = clock.now();
    const chores = await readDeliveryChores(database, lookedAfterAt);
    if (chores.isAnyLeaseOver) await takeOver();
    if (clock.now() - lastSweepAt >= HEARTBEAT_MS) {
      lastSweepAt = clock.now();
      if (chores.isAnyWaitingForTurn) await promote();
      if (chores.isAnyFallbackNamed) await failOver(deps);
      if (chores.isAnyCircuitOpen) await keeper.expire();
    }
    if (clock.now() - forgotPacesAt >= FORGET_PACES_MS) {
      forgotPacesAt = clock.now();
      await forgetPaces(database, forgottenBefore(forgotPacesAt), forgotPacesAt);
    }
  };

  const loop = createLoop({
    stage: "deliver",
    pollMs: POLL_MS,
    log,
    metrics: deps.metrics,
    random: deps.random,
    run: async () => {
      await lookAfter();
      await watch();
      const startedAt = deps.monotonicNow();
      await claim();
      deps.metrics.observe("overwatch_claim_seconds", (deps.monotonicNow() - startedAt) / 1_000);
      return !walk.isAtEnd() && held.size < MOST_HELD;
    },
  });

  const beat = async (): Promise<void> => {
    const startedAt = clock.now();
    const isOld = ({ claimedAt }: { readonly claimedAt: number }): boolean => startedAt - claimedAt > LONGEST_HELD_MS;
    const stuck = new Set([...held.values()].filter(isOld).map(({ claim }) => claim));
    if (stuck.size > 0) {
      const deliveryIds = [...stuck].slice(0, 10).map(({ id }) => id);
      log.error(
        { deliveries: stuck.size, delivery_ids: deliveryIds },
        "attempts never ended; another node may take over",
      );
      lanes.dropWaiting((entry) => stuck.has(entry));
      for (const { id } of stuck) held.delete(id);
    }
    const claims = [...held.values()].map(({ claim }) => claim);
    if (claims.length === 0) return;
    const kept = new Set(await extendDeliveryLeases(database, nodeId, claims, clock.now() + LEASE_MS));
    const asked = new Set(claims);
    for (const lost of lanes.dropWaiting((entry) => asked.has(entry) && !kept.has(entry.id))) held.delete(lost.id);
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
      await giveBack(lanes.takeWaiting());
      await Promise.race([sender.settle(), new Promise((resolve) => setTimeout(resolve, graceMs).unref())]);
      await recorder.stop(graceMs);
      await keeper.settle();
    },
    invalidate(endpointId) {
      outgoings.forget(endpointId);
      // What is claimed and must not be sent any more is given back at once.
      watchedAt = Number.NEGATIVE_INFINITY;
      if (held.size > 0) loop.wake();
    },
    beat,
    takeOver,
    failOver: () => failOver(deps),
    promote,
    expireCircuits: keeper.expire,
    async runOnce() {
      await watch();
      let count = 0;
      do count += (await claim()).length;
      while (!walk.isAtEnd() && held.size < MOST_HELD);
      await sender.settle();
      await keeper.settle();
      return count;
    },
  };
}
