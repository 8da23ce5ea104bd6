import type { IncomingMessage, ServerResponse } from "node:http";
import type { ErrorCode } from "../core/errors.ts";
import type { Clock } from "../runtime/clock.ts";
import { describeError, type Log } from "../runtime/log.ts";
import type { Metrics } from "../runtime/metrics.ts";
import type { ActivityRecorder } from "./activity.ts";
import { answerRefusal, answerSuccess, type Exchange, type Refusal, requestIdOf, statusOf } from "./answer.ts";
import type { Schedule } from "./deadlines.ts";
import type { RefusalBook } from "./refusal-book.ts";
import type { RefusalLog } from "./refusal-log.ts";
import { platformLabel } from "./route.ts";

/** Every webhook between its arrival and its answer, and what is recorded of the answer. */
export type ExchangeBook = {
  open(req: IncomingMessage, res: ServerResponse): Exchange;
  /** Answers 200; the alert id is for the log. */
  succeed(exchange: Exchange, body: string, alertId: string | null): void;
  refuse(exchange: Exchange, refusal: Refusal): void;
  /** Runs a step of an exchange; no fault of ours may end the process: it is logged and answered with 500. */
  attempt(exchange: Exchange, step: () => void): void;
  /** Notes that the sender went away before its answer. */
  abandon(exchange: Exchange): void;
  inFlight(): number;
  /** Resolves when nothing is open. */
  whenIdle(): Promise<void>;
};

/** Makes an empty book. */
export function createExchangeBook(deps: {
  readonly clock: Clock;
  readonly monotonicNow: () => number;
  readonly newRequestId: () => string;
  readonly schedule: Schedule;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly activity: ActivityRecorder;
  readonly refusals: RefusalLog;
  readonly refusalBook: RefusalBook;
}): ExchangeBook {
  const { metrics, activity } = deps;
  let open = 0;
  let idleWaiters: (() => void)[] = [];

  const close = (exchange: Exchange): void => {
    exchange.isAnswered = true;
    open -= 1;
    if (open > 0) return;
    for (const resolve of idleWaiters) resolve();
    idleWaiters = [];
  };

  const record = (exchange: Exchange, status: number): void => {
    metrics.count("webhook_requests_total", { platform: exchange.platform, status: String(status) });
    const seconds = (deps.monotonicNow() - exchange.startedAt) / 1_000;
    metrics.observe("webhook_processing_seconds", seconds, { platform: exchange.platform });
  };

  const refuse = (exchange: Exchange, refusal: Refusal): void => {
    if (exchange.isAnswered) return;
    const status = statusOf(refusal);
    answerRefusal(exchange, refusal, deps.schedule);
    record(exchange, status);
    if (FAULTS_OF_OURS.has(refusal.code)) activity.failed(exchange.platform, exchange.receivedAt);
    deps.refusalBook.note(exchange, refusal);
    deps.refusals.note(refusal.code, {
      status,
      integration_id: exchange.integrationId,
      platform: exchange.platform,
      correlation_id: exchange.requestId,
      source_ip: exchange.sourceIp,
      ...(typeof refusal.details?.reason === "string" ? { why: refusal.details.reason } : {}),
    });
    close(exchange);
  };

  return {
    open(req, res) {
      open += 1;
      return {
        req,
        res,
        requestId: requestIdOf(req, deps.newRequestId),
        receivedAt: deps.clock.now(),
        startedAt: deps.monotonicNow(),
        platform: platformLabel(req.url ?? ""),
        integrationId: null,
        organizationId: null,
        sourceIp: null,
        isAnswered: false,
        isBodyRead: false,
        isExpecting: req.headers.expect !== undefined,
      };
    },
    succeed(exchange, body, alertId) {
      if (exchange.isAnswered) return;
      answerSuccess(exchange, body);
      record(exchange, 200);
      activity.accepted(exchange.platform, exchange.receivedAt);
      deps.log.debug(
        {
          integration_id: exchange.integrationId,
          platform: exchange.platform,
          alert_id: alertId,
          correlation_id: exchange.requestId,
        },
        "webhook accepted",
      );
      close(exchange);
    },
    refuse,
    attempt(exchange, step) {
      try {
        step();
      } catch (error) {
        metrics.count("overwatch_stage_errors_total", { stage: "receive" });
        const fields = { stage: "receive", correlation_id: exchange.requestId, ...describeError(error) };
        deps.log.error(fields, "a webhook failed for a fault of ours");
        refuse(exchange, { code: "INTERNAL" });
      }
    },
    abandon(exchange) {
      if (!exchange.isAnswered) close(exchange);
    },
    inFlight: () => open,
    whenIdle: () => (open === 0 ? Promise.resolve() : new Promise((resolve) => idleWaiters.push(resolve))),
  };
}

const FAULTS_OF_OURS = new Set<ErrorCode>(["STORAGE_UNAVAILABLE", "OVERLOADED", "INTERNAL"]);
