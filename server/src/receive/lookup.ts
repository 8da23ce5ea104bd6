import type { Log } from "../runtime/log.ts";
import { describeError } from "../runtime/log.ts";
import type { Metrics } from "../runtime/metrics.ts";
import type { Exchange } from "./answer.ts";
import { createDeadlines, type Schedule } from "./deadlines.ts";
import type { ExchangeBook } from "./exchange-book.ts";
import type { IntegrationCache, ReadyIntegration } from "./integration-cache.ts";
import { LOOKUPS_BUSY, STORAGE_AWAY } from "./refusals.ts";

/** Finds the integration of a webhook. */
export type Lookup = {
  /** Calls `onFound` with the integration, or refuses the exchange: 404, or 503 when it cannot be known in time. */
  find(exchange: Exchange, id: string, onFound: (exchange: Exchange, ready: ReadyIntegration) => void): void;
  /** Answers the 404 that is the same for every reason. */
  notFound(exchange: Exchange): void;
  sweep(): void;
  stop(): void;
};

const LOOKUP_DEADLINE_MS = 4_500;
const SWEEP_MS = 250;
// Every 404 takes at least this long, so that the time does not tell what is remembered; a flood is not held up.
const NOT_FOUND_MS = 10;
const MOST_DELAYED = 500;

/** Makes the lookup over a cache. */
export function createLookup(deps: {
  readonly cache: IntegrationCache;
  readonly book: ExchangeBook;
  readonly monotonicNow: () => number;
  readonly schedule: Schedule;
  readonly log: Log;
  readonly metrics: Metrics;
}): Lookup {
  const { book, cache } = deps;
  let delayed = 0;
  const deadlines = createDeadlines<Exchange>({
    spanMs: LOOKUP_DEADLINE_MS,
    everyMs: SWEEP_MS,
    monotonicNow: deps.monotonicNow,
    schedule: deps.schedule,
    onOver: (exchange) => book.refuse(exchange, STORAGE_AWAY),
  });

  const notFound = (exchange: Exchange) => {
    const restMs = NOT_FOUND_MS - (deps.monotonicNow() - exchange.startedAt);
    if (restMs <= 0 || delayed >= MOST_DELAYED) return book.refuse(exchange, { code: "INTEGRATION_NOT_FOUND" });
    delayed += 1;
    deps.schedule(restMs, () => {
      delayed -= 1;
      book.refuse(exchange, { code: "INTEGRATION_NOT_FOUND" });
    });
  };

  const load = async (exchange: Exchange, id: string): Promise<ReadyIntegration | null> => {
    deadlines.add(exchange);
    try {
      const found = await cache.find(id);
      if (found !== "busy") return found;
      book.refuse(exchange, LOOKUPS_BUSY);
    } catch (error) {
      deps.metrics.count("overwatch_stage_errors_total", { stage: "receive" });
      deps.log.debug({ stage: "receive", ...describeError(error) }, "an integration could not be loaded");
      book.refuse(exchange, STORAGE_AWAY);
    } finally {
      deadlines.remove(exchange);
    }
    return null;
  };

  return {
    find(exchange, id, onFound) {
      const settle = (ready: ReadyIntegration | null): void => {
        if (exchange.isAnswered) return;
        if (ready === null || ready.platform.name !== exchange.platform) notFound(exchange);
        else onFound(exchange, ready);
      };
      const known = cache.peek(id);
      if (known === undefined) void load(exchange, id).then((ready) => book.attempt(exchange, () => settle(ready)));
      else settle(known);
    },
    notFound,
    sweep: deadlines.sweep,
    stop: deadlines.stop,
  };
}
