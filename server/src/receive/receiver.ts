import type { IncomingMessage, ServerResponse } from "node:http";
import type { PlatformName } from "../platforms/platform.ts";
import { type ActivityCounts, NO_COUNTS } from "../runtime/activity.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Database } from "../runtime/database.ts";
import type { Ids } from "../runtime/id.ts";
import type { Log } from "../runtime/log.ts";
import type { Metrics } from "../runtime/metrics.ts";
import { countQuarantined, insertReceipts, pingDatabase } from "../store/receipts.ts";
import type { RefusalRow } from "../store/refusals.ts";
import { type Accepted, makeReceipt, type ReadReceipt, successBody, verifyEither } from "./accept.ts";
import { createActivityRecorder, type PlatformActivity } from "./activity.ts";
import { checkIntegration, checkTarget } from "./admit.ts";
import type { Exchange } from "./answer.ts";
import { type Batcher, createBatcher } from "./batcher.ts";
import { realSchedule, type Schedule } from "./deadlines.ts";
import { createExchangeBook, type ExchangeBook } from "./exchange-book.ts";

import { explainVerification } from "./explain-verification.ts";

import { createStorer, type HandOver, type Storer } from "./hand-over.ts";

import { createIntake, type OnBody } from "./intake.ts";
import { createIntegrationCache, type ReadyIntegration, type ReceivingIntegration } from "./integration-cache.ts";
import { createLookup } from "./lookup.ts";
import { createQuarantineRoom } from "./quarantine-room.ts";
import { createRefusalBook } from "./refusal-book.ts";
import { createRefusalLog } from "./refusal-log.ts";
import {
  notBelieved,
  overloaded,
  quarantineFull,
  SECRETS_UNREADABLE,
  SHUTTING_DOWN,
  STORAGE_AWAY,
} from "./refusals.ts";
import { isWebhookTarget } from "./route.ts";
import { createSourceFinder } from "./source.ts";

/** Receives webhooks: checks them, commits them, answers. */
export type Receiver = {
  /** True for the targets that `handle` answers. */
  handles(target: string): boolean;
  /** Answers one request; never throws. */
  handle(req: IncomingMessage, res: ServerResponse): void;
  /** Resolves when every open webhook has its answer. */
  stop(): Promise<void>;
  inFlight(): number;
  /** Forgets what is remembered of one integration, or of all. */
  invalidate(integrationId?: string): void;
  /** What happened lately on this node, by platform. */
  activity(): Readonly<Record<PlatformName, PlatformActivity>>;
  /** Ends what is overdue; runs by itself, tests call it after moving their clock. */
  sweep(): void;
};

/** What receiving needs from its node. */
export type ReceiverDeps = {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly loadIntegration: (id: string) => Promise<ReceivingIntegration | null>;
  readonly readReceipt: ReadReceipt;
  /** CIDRs; an entry that is none throws. */
  readonly trustedProxies: readonly string[];
  readonly isDraining: () => boolean;
  /** Called after receipts were committed that wait in the queue. */
  readonly onStored: () => void;
  /** Where triage runs in the same process, and takes receipts from memory. */
  readonly handOver?: HandOver | null;
  /** How many nodes share an integration's rate limit, this one included. */
  readonly liveNodes: () => number;
  readonly noteSecretUse: (secretId: string) => void;
  /** Counts what was accepted and refused, for people; nothing when absent. */
  readonly counts?: ActivityCounts;
  /** Keeps a refused webhook of a sample, for the people of its integration. */
  readonly keepRefusal?: (row: RefusalRow) => void;
  /** Milliseconds of a clock that never jumps; timeouts and limits are measured by it. */
  readonly monotonicNow?: () => number;
  readonly schedule?: Schedule;
  readonly random?: () => number;
};

const MEBIBYTE = 1_048_576;

/** Makes the receive stage. */
export function createReceiver(deps: ReceiverDeps): Receiver {
  const { clock, log, metrics, monotonicNow = () => performance.now(), schedule = realSchedule } = deps;
  const activity = createActivityRecorder();
  const refusals = createRefusalLog(log, monotonicNow);
  const newRequestId = (): string => deps.ids.next();
  const { counts = NO_COUNTS, keepRefusal: keep = () => undefined } = deps;
  const refusalBook = createRefusalBook({ counts, ids: deps.ids, monotonicNow, keep });
  const shared = { clock, monotonicNow, newRequestId, schedule, log, metrics, activity };
  const book = createExchangeBook({ ...shared, refusals, refusalBook });
  const cache = createIntegrationCache({ load: deps.loadIntegration, monotonicNow });
  const lookup = createLookup({ cache, book, monotonicNow, schedule, log, metrics });
  const storer = createStorer({
    handOver: deps.handOver ?? null,
    insert: (receipts, lease) => insertReceipts(deps.database, receipts, lease),
    onQueued: deps.onStored,
  });
  const batcher = openBatcher(deps, storer, monotonicNow, schedule);
  const onBody = createAcceptance({ ...deps, counts }, book, batcher, storer, monotonicNow);
  const intake = createIntake({ book, monotonicNow, schedule, onBody });
  const findSource = createSourceFinder(deps.trustedProxies);

  const admit = (exchange: Exchange, ready: ReadyIntegration): void => {
    const source = findSource(exchange.req);
    exchange.integrationId = ready.integration.id;
    exchange.organizationId = ready.integration.organizationId;
    exchange.sourceIp = source.text;
    const now = { monotonic: monotonicNow(), liveNodes: deps.liveNodes() };
    const refusal = checkIntegration(exchange, ready, source, now);
    if (refusal !== null) book.refuse(exchange, refusal);
    else if (exchange.req.destroyed) book.abandon(exchange);
    else intake.read(exchange, ready);
  };

  const parts = [lookup, intake, batcher];
  return {
    handles: isWebhookTarget,
    handle(req, res) {
      const exchange = book.open(req, res);
      book.attempt(exchange, () => {
        const route = deps.isDraining() ? SHUTTING_DOWN : checkTarget(exchange);
        if (route === null) lookup.notFound(exchange);
        else if ("code" in route) book.refuse(exchange, route);
        else lookup.find(exchange, route.integrationId, admit);
      });
    },
    async stop() {
      await book.whenIdle();
      for (const part of parts) part.stop();
    },
    inFlight: book.inFlight,
    invalidate: cache.invalidate,
    activity: activity.snapshot,
    sweep() {
      for (const part of parts) part.sweep();
    },
  };
}

/** What happens to a body that is there: verified, read, committed, answered. */
function createAcceptance(
  deps: ReceiverDeps & { readonly counts: ActivityCounts },
  book: ExchangeBook,
  batcher: Batcher,
  storer: Storer,
  monotonicNow: () => number,
): OnBody {
  const quarantine = createQuarantineRoom({
    count: (organizationId, id, limit) => countQuarantined(deps.database, organizationId, id, limit),
    monotonicNow,
  });

  const commit = (exchange: Exchange, ready: ReadyIntegration, { receipt, summary, ready: read }: Accepted): void => {
    if (read !== null) storer.note(read);
    batcher.add(receipt, (outcome) => {
      if (outcome.kind === "stored") {
        deps.counts.add(receipt.organizationId, receipt.integrationId, "accepted");
        book.succeed(exchange, successBody(exchange, ready, outcome.receiptId, summary), summary.alertIds[0] ?? null);
      } else if (outcome.kind === "overloaded") book.refuse(exchange, overloaded(ready));
      else book.refuse(exchange, outcome.kind === "unavailable" ? STORAGE_AWAY : { code: "INTERNAL" });
    });
  };

  return (exchange, ready, wire, inflated) => {
    if (ready.verifier === null) return book.refuse(exchange, SECRETS_UNREADABLE);
    const verdict = verifyEither(ready.verifier, exchange, wire, inflated, deps.clock.now());
    if (!verdict.ok) {
      const webhook = { req: exchange.req, wire, inflated, now: deps.clock.now() };
      return book.refuse(
        exchange,
        notBelieved(verdict, ready, () => explainVerification(ready, webhook)),
      );
    }
    if (verdict.secretId !== null) deps.noteSecretUse(verdict.secretId);
    const accepted = makeReceipt(deps, exchange, ready, verdict, inflated ?? wire);
    if (accepted.summary.quarantineReason === null) return commit(exchange, ready, accepted);
    quarantine.take(ready.integration).then(
      (hasRoom) => (hasRoom ? commit(exchange, ready, accepted) : book.refuse(exchange, quarantineFull(ready))),
      () => book.refuse(exchange, STORAGE_AWAY),
    );
  };
}

function openBatcher(deps: ReceiverDeps, storer: Storer, monotonicNow: () => number, schedule: Schedule): Batcher {
  return createBatcher({
    write: storer.write,
    probe: () => pingDatabase(deps.database),
    onStored: storer.onStored,
    log: deps.log,
    metrics: deps.metrics,
    monotonicNow,
    schedule,
    random: deps.random ?? Math.random,
    writers: 2,
    mostRows: 500,
    mostBytes: 8 * MEBIBYTE,
    mostWaitingRows: 10_000,
    mostWaitingBytes: 48 * MEBIBYTE,
  });
}
