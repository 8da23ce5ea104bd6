import { declaredLength, readEncoding } from "./admit.ts";
import type { Exchange } from "./answer.ts";
import { type BodyOutcome, type CancelReading, createBudget, inflate, readBody } from "./body.ts";
import { createDeadlines, type Schedule } from "./deadlines.ts";
import type { ExchangeBook } from "./exchange-book.ts";
import type { ReadyIntegration } from "./integration-cache.ts";
import { BODY_TOO_SLOW, overloaded, tooLarge } from "./refusals.ts";

/** Takes bodies off the wire. */
export type Intake = {
  /** Reads the body of an exchange that passed every check before it, and refuses it when that fails. */
  read(exchange: Exchange, ready: ReadyIntegration): void;
  sweep(): void;
  stop(): void;
};

/** Called with the bytes as they came and, when those were gzip, with what they held. */
export type OnBody = (exchange: Exchange, ready: ReadyIntegration, wire: Buffer, inflated: Buffer | null) => void;

const MEBIBYTE = 1_048_576;
const SMALL_BODY_BYTES = 65_536;
const BODY_DEADLINE_MS = 10_000;
const SWEEP_MS = 250;

/** Makes an intake that holds at most 20 MiB of unfinished bodies. */
export function createIntake(deps: {
  readonly book: ExchangeBook;
  readonly monotonicNow: () => number;
  readonly schedule: Schedule;
  readonly onBody: OnBody;
}): Intake {
  const { book } = deps;
  // Large bodies that crawl in must not keep the small ones out.
  const smallBodies = createBudget(8 * MEBIBYTE);
  const largeBodies = createBudget(12 * MEBIBYTE);
  const cancels = new Map<Exchange, CancelReading>();
  const deadlines = createDeadlines<Exchange>({
    spanMs: BODY_DEADLINE_MS,
    everyMs: SWEEP_MS,
    monotonicNow: deps.monotonicNow,
    schedule: deps.schedule,
    onOver(exchange) {
      cancels.get(exchange)?.();
      cancels.delete(exchange);
      book.refuse(exchange, BODY_TOO_SLOW);
    },
  });

  const hand: OnBody = (exchange, ready, wire, inflated) =>
    book.attempt(exchange, () => deps.onBody(exchange, ready, wire, inflated));

  const finish = (exchange: Exchange, ready: ReadyIntegration, outcome: BodyOutcome) => {
    deadlines.remove(exchange);
    cancels.delete(exchange);
    if (outcome.kind === "aborted") return book.abandon(exchange);
    if (outcome.kind === "too_large") return book.refuse(exchange, tooLarge(ready));
    if (outcome.kind !== "complete") return book.refuse(exchange, overloaded(ready));
    exchange.isBodyRead = true;
    const { body } = outcome;
    if (readEncoding(exchange) !== "gzip") return hand(exchange, ready, body, null);
    inflate(body, ready.integration.bodyLimitBytes, (inflation) => {
      if (inflation.kind === "too_large") book.refuse(exchange, tooLarge(ready));
      // Damaged bytes of a believed sender are kept as they are: quarantine is better than a lost alert.
      else hand(exchange, ready, body, inflation.kind === "inflated" ? inflation.body : null);
    });
  };

  return {
    read(exchange, ready) {
      if (exchange.isExpecting) {
        exchange.isExpecting = false;
        exchange.res.writeContinue();
      }
      const length = declaredLength(exchange);
      const budget = length > 0 && length <= SMALL_BODY_BYTES ? smallBodies : largeBodies;
      const { bodyLimitBytes } = ready.integration;
      deadlines.add(exchange);
      cancels.set(
        exchange,
        readBody(exchange.req, bodyLimitBytes, budget, (outcome) => finish(exchange, ready, outcome)),
      );
    },
    sweep: deadlines.sweep,
    stop: deadlines.stop,
  };
}
