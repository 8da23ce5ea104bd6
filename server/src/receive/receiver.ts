import type { IncomingMessage, ServerResponse } from "node:http";
import type { PlatformName } from "../platforms/platform.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Database } from "../runtime/database.ts";
import type { Ids } from "../runtime/id.ts";
import { describeError, type Log } from "../runtime/log.ts";
import type { Metrics } from "../runtime/metrics.ts";
import { countQuarantined, insertReceipts, pingDatabase } from "../store/receipts.ts";
import { type Accepted, makeReceipt, type ReadReceipt, refusalOf, successBody, verifyEither } from "./accept.ts";
import { createActivityRecorder, type PlatformActivity } from "./activity.ts";
import { checkIntegration, checkTarget, declaredLength, inSendersLanguage, readEncoding, tooLarge } from "./admit.ts";
import type { Exchange, Refusal } from "./answer.ts";
import { type Batcher, createBatcher } from "./batcher.ts";
import { type BodyOutcome, type CancelReading, createBudget, inflate, readBody } from "./body.ts";
import { createDeadlines, realSchedule, type Schedule } from "./deadlines.ts";
import { createExchangeBook } from "./exchange-book.ts";
import { createIntegrationCache, type ReadyIntegration, type ReceivingIntegration } from "./integration-cache.ts";
import { createQuarantineRoom } from "./quarantine-room.ts";
import { createRefusalLog } from "./refusal-log.ts";
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
  /** Called after receipts were committed. */
  readonly onStored: () => void;
  readonly liveNodes: () => number;
  readonly noteSecretUse: (secretId: string) => void;
  /** Milliseconds of a clock that never jumps; timeouts and limits are measured by it. */
  readonly monotonicNow?: () => number;
  readonly schedule?: Schedule;
  readonly random?: () => number;
};

const MEBIBYTE = 1_048_576;
const SMALL_BODY_BYTES = 65_536;
const BODY_DEADLINE_MS = 10_000;
const LOOKUP_DEADLINE_MS = 4_500;
const SWEEP_MS = 250;
// Answers about unknown ids take at least this long, so that the time does not tell what is remembered.
const NOT_FOUND_MS = 10;
const MOST_DELAYED = 500;
const STORAGE_RETRY_SECONDS = 2;

/** Makes the receive stage. */
export function createReceiver(deps: ReceiverDeps): Receiver {
  const monotonicNow = deps.monotonicNow ?? (() => performance.now());
  const schedule = deps.schedule ?? realSchedule;
  const { clock, log, metrics } = deps;
  const activity = createActivityRecorder();
  const refusals = createRefusalLog(log, monotonicNow);
  const newRequestId = (): string => deps.ids.next();
  const book = createExchangeBook({ clock, monotonicNow, newRequestId, schedule, log, metrics, activity, refusals });
  const cache = createIntegrationCache({ load: deps.loadIntegration, monotonicNow });
  const batcher = openBatcher(deps, monotonicNow, schedule);
  const findSource = createSourceFinder(deps.trustedProxies);
  // Big bodies that crawl in must not keep the small ones out.
  const smallBodies = createBudget(16 * MEBIBYTE);
  const largeBodies = createBudget(24 * MEBIBYTE);
  const quarantine = createQuarantineRoom({
    count: (organizationId, id, limit) => countQuarantined(deps.database, organizationId, id, limit),
    monotonicNow,
  });
  const cancels = new Map<Exchange, CancelReading>();
  let delayed = 0;

  const lookups = createDeadlines<Exchange>({
    spanMs: LOOKUP_DEADLINE_MS,
    everyMs: SWEEP_MS,
    monotonicNow,
    schedule,
    onOver: (exchange) => book.refuse(exchange, STORAGE_AWAY),
  });
  const readings = createDeadlines<Exchange>({
    spanMs: BODY_DEADLINE_MS,
    everyMs: SWEEP_MS,
    monotonicNow,
    schedule,
    onOver(exchange) {
      cancels.get(exchange)?.();
      cancels.delete(exchange);
      book.refuse(exchange, TOO_SLOW);
    },
  });

  const handle = (req: IncomingMessage, res: ServerResponse): unknown => {
    const exchange = book.open(req, res);
    if (deps.isDraining()) return book.refuse(exchange, { code: "SHUTTING_DOWN", retryAfterSeconds: 1, closes: true });
    const route = checkTarget(exchange);
    if (route === null) return notFound(exchange);
    if ("code" in route) return book.refuse(exchange, route);
    const known = cache.peek(route.integrationId);
    return known === undefined ? lookUp(exchange, route.integrationId) : admit(exchange, known);
  };

  const lookUp = async (exchange: Exchange, id: string) => {
    lookups.add(exchange);
    try {
      const found = await cache.find(id);
      lookups.remove(exchange);
      if (found === "busy") book.refuse(exchange, { code: "OVERLOADED", retryAfterSeconds: 1 });
      else admit(exchange, found);
    } catch (error) {
      lookups.remove(exchange);
      if (exchange.isAnswered) return;
      metrics.count("overwatch_stage_errors_total", { stage: "receive" });
      log.debug({ stage: "receive", ...describeError(error) }, "an integration could not be loaded");
      book.refuse(exchange, STORAGE_AWAY);
    }
  };

  const notFound = (exchange: Exchange) => {
    const restMs = NOT_FOUND_MS - (monotonicNow() - exchange.startedAt);
    if (restMs <= 0 || delayed >= MOST_DELAYED) return book.refuse(exchange, { code: "INTEGRATION_NOT_FOUND" });
    delayed += 1;
    schedule(restMs, () => {
      delayed -= 1;
      book.refuse(exchange, { code: "INTEGRATION_NOT_FOUND" });
    });
  };

  const admit = (exchange: Exchange, ready: ReadyIntegration | null) => {
    if (exchange.isAnswered) return;
    if (ready === null || ready.platform.name !== exchange.platform) return notFound(exchange);
    const source = findSource(exchange.req);
    exchange.integrationId = ready.integration.id;
    exchange.sourceIp = source.text;
    const now = { monotonic: monotonicNow(), liveNodes: deps.liveNodes() };
    const refusal = checkIntegration(exchange, ready, source, now);
    if (refusal !== null) return book.refuse(exchange, refusal);
    if (exchange.req.destroyed) return book.abandon(exchange);
    read(exchange, ready);
  };

  const read = (exchange: Exchange, ready: ReadyIntegration) => {
    if (exchange.isExpecting) {
      exchange.isExpecting = false;
      exchange.res.writeContinue();
    }
    const length = declaredLength(exchange);
    const budget = length > 0 && length <= SMALL_BODY_BYTES ? smallBodies : largeBodies;
    const cancel = readBody(exchange.req, ready.integration.bodyLimitBytes, budget, (outcome) => {
      readings.remove(exchange);
      cancels.delete(exchange);
      onBody(exchange, ready, outcome);
    });
    cancels.set(exchange, cancel);
    readings.add(exchange);
  };

  const onBody = (exchange: Exchange, ready: ReadyIntegration, outcome: BodyOutcome) => {
    if (outcome.kind === "aborted") return book.abandon(exchange);
    if (outcome.kind === "too_large") return book.refuse(exchange, tooLarge(ready));
    if (outcome.kind !== "complete") return book.refuse(exchange, inSendersLanguage(OVERLOADED, ready));
    exchange.isBodyRead = true;
    const { body } = outcome;
    if (readEncoding(exchange) !== "gzip") return verify(exchange, ready, body, null);
    inflate(body, ready.integration.bodyLimitBytes, (inflation) => {
      if (inflation.kind === "too_large") return book.refuse(exchange, tooLarge(ready));
      // Damaged bytes of a believed sender are kept as they are: quarantine is better than a lost alert.
      verify(exchange, ready, body, inflation.kind === "inflated" ? inflation.body : null);
    });
  };

  const verify = (exchange: Exchange, ready: ReadyIntegration, wire: Buffer, inflated: Buffer | null) => {
    if (ready.verifier === null) return book.refuse(exchange, SECRETS_UNREADABLE);
    const verdict = verifyEither(ready.verifier, exchange, wire, inflated, clock.now());
    if (!verdict.ok) return book.refuse(exchange, refusalOf(verdict, ready));
    if (verdict.secretId !== null) deps.noteSecretUse(verdict.secretId);
    const accepted = makeReceipt(deps, exchange, ready, verdict, inflated ?? wire);
    if (accepted.summary.quarantineReason === null) return commit(exchange, ready, accepted);
    quarantine.take(ready.integration).then(
      (hasRoom) => (hasRoom ? commit(exchange, ready, accepted) : book.refuse(exchange, quarantineFull(ready))),
      () => book.refuse(exchange, STORAGE_AWAY),
    );
  };

  const commit = (exchange: Exchange, ready: ReadyIntegration, accepted: Accepted) => {
    const { receipt, summary } = accepted;
    batcher.add(receipt, (outcome) => {
      if (outcome.kind === "stored") {
        book.succeed(exchange, successBody(exchange, ready, outcome.receiptId, summary), summary.alertIds[0] ?? null);
      } else if (outcome.kind === "overloaded") book.refuse(exchange, inSendersLanguage(OVERLOADED, ready));
      else if (outcome.kind === "unavailable") book.refuse(exchange, STORAGE_AWAY);
      else book.refuse(exchange, { code: "INTERNAL" });
    });
  };

  return {
    handles: isWebhookTarget,
    handle: (req, res) => void handle(req, res),
    async stop() {
      await book.whenIdle();
      batcher.stop();
      lookups.stop();
      readings.stop();
    },
    inFlight: book.inFlight,
    invalidate: cache.invalidate,
    activity: activity.snapshot,
    sweep() {
      lookups.sweep();
      readings.sweep();
      batcher.sweep();
    },
  };
}

const STORAGE_AWAY: Refusal = { code: "STORAGE_UNAVAILABLE", retryAfterSeconds: STORAGE_RETRY_SECONDS };
const OVERLOADED: Refusal = { code: "OVERLOADED", retryAfterSeconds: 1 };
const TOO_SLOW: Refusal = {
  code: "MALFORMED_REQUEST",
  status: 408,
  message: "The body did not arrive within 10 seconds",
  closes: true,
};
const SECRETS_UNREADABLE: Refusal = {
  ...STORAGE_AWAY,
  message: "This integration's secret cannot be read; nothing was accepted",
};

function quarantineFull(ready: ReadyIntegration): Refusal {
  return { code: "QUARANTINE_FULL", details: { limit: ready.integration.quarantineLimit } };
}

function openBatcher(deps: ReceiverDeps, monotonicNow: () => number, schedule: Schedule): Batcher {
  return createBatcher({
    write: (receipts) => insertReceipts(deps.database, receipts),
    probe: () => pingDatabase(deps.database),
    onStored: deps.onStored,
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
