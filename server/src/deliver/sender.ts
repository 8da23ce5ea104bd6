import { type CircuitPolicy, circuitPolicyOf } from "../core/circuit.ts";
import type { Endpoint } from "../core/endpoint.ts";
import type { FailureReason } from "../core/failure-reason.ts";
import type { JsonObject } from "../core/json.ts";
import { nextAttempt, type RetryPolicy, retryPolicyOf } from "../core/retry.ts";
import { captureFrom } from "../expression/capture.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Database } from "../runtime/database.ts";
import type { Outcome } from "../runtime/egress/exchange.ts";
import type { Egress } from "../runtime/egress.ts";
import type { Ids } from "../runtime/id.ts";
import { describeError, type Log } from "../runtime/log.ts";
import type { ClaimedDelivery, RecordedAttempt } from "../store/delivery-queue.ts";
import { saveLink } from "../store/links.ts";
import { type AccessTokens, createAccessTokens } from "./access-tokens.ts";
import { sendAuthorized } from "./authorized-send.ts";
import type { CircuitKeeper } from "./circuit-keeper.ts";
import { describeRequest, type Mask } from "./mask.ts";
import { type OutgoingRequest, prepareRequest } from "./outgoing.ts";
import type { CachedOutgoing, OutgoingCache } from "./outgoing-cache.ts";
import type { Pressure } from "./pressure.ts";
import type { Recorder } from "./recorder.ts";

/** An endpoint that still is there; whether it can be used is another question. */
type Found = NonNullable<CachedOutgoing>;

/** Makes one attempt of a claimed delivery and writes down how it ended. */
export type Sender = {
  /**
   * Resolves when the receiver has answered; `onRecorded` is called once that is written down, or never will be. Where
   * nothing may be sent any more, because the endpoint was disabled or deleted, the claim is given back instead.
   */
  send(claim: ClaimedDelivery, onRecorded: () => void): Promise<void>;
  /** Resolves when no attempt is under way. */
  settle(): Promise<void>;
};

/** What a sender works with. */
export type SenderDeps = {
  readonly database: Database;
  readonly egress: Egress;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly random: () => number;
  readonly monotonicNow: () => number;
  readonly outgoings: OutgoingCache;
  readonly recorder: Recorder;
  readonly keeper: CircuitKeeper;
  /** Gives claims back that were not sent, their attempts not counted; never fails. */
  readonly giveBack: (claims: readonly ClaimedDelivery[]) => Promise<void>;
  readonly pressure: Pressure;
  /** An endpoint's limit of requests at a time as this node knows it, null when its settings are all that holds. */
  readonly paceLimit: (endpointId: string) => number | null;
  /** Hears when a failed delivery is due again, epoch milliseconds. */
  readonly onRetry: (at: number) => void;
};

type Failure = { readonly reason: FailureReason; readonly message: string };

type Result = {
  readonly failure: Failure | null;
  readonly status: number | null;
  readonly retryAfterMs: number | undefined;
  readonly timing: unknown;
  readonly request: OutgoingRequest | null;
  readonly response: unknown;
  readonly captured: JsonObject;
  readonly mask: Mask;
};

// Enough for the answer of a ticket system; what is kept for people is cut after masking.
const CAPTURED_BYTES = 65_536;
const KEPT_CHARS = 4_096;

/** A sender; it never throws for what a receiver does. */
export function createSender(deps: SenderDeps): Sender {
  const underWay = new Set<Promise<void>>();
  const tokens = createAccessTokens(deps);

  const track = (promise: Promise<void>): void => {
    underWay.add(promise);
    void promise.finally(() => underWay.delete(promise)).catch(() => undefined);
  };

  const attempt = async (claim: ClaimedDelivery, onRecorded: () => void): Promise<void> => {
    const startedAt = deps.clock.now();
    const found = await deps.outgoings.get(claim.organizationId, claim.endpointId);
    if (found === null || !endpointOf(found).enabled) {
      // Somebody may have enabled it again without this node having heard of it.
      deps.outgoings.forget(claim.endpointId);
      return deps.giveBack([claim]);
    }
    const result = await call({ ...deps, tokens }, found, claim, startedAt);
    const recorded = settle(claim, found, result, { startedAt, finishedAt: deps.clock.now() });
    track(
      recorded
        .catch((error: unknown) => {
          // The lease ends by itself and the delivery is tried again.
          deps.log.error({ delivery_id: claim.id, ...describeError(error) }, "an attempt could not be written down");
        })
        .finally(onRecorded),
    );
  };

  const settle = async (
    claim: ClaimedDelivery,
    found: Found,
    result: Result,
    times: { readonly startedAt: number; readonly finishedAt: number },
  ): Promise<void> => {
    const record = toRecord(deps, found, claim, result, times);
    // Before the delivery ends: the next of its incident may go at once and needs what was captured.
    await keepLink(deps, found, claim, result);
    await deps.recorder.record(record);
    noteOutcome(deps, found, claim, result, times.finishedAt - times.startedAt);
    if (record.nextAttemptAt !== null) deps.onRetry(record.nextAttemptAt);
    deps.log.debug(
      { delivery_id: claim.id, endpoint_id: claim.endpointId, attempt: claim.attempt, reason: record.reason ?? "ok" },
      "attempt made",
    );
  };

  return {
    send(claim, onRecorded) {
      const promise = attempt(claim, onRecorded);
      track(promise);
      return promise;
    },
    async settle() {
      while (underWay.size > 0) await Promise.allSettled([...underWay]);
    },
  };
}

async function call(
  deps: SenderDeps & { readonly tokens: AccessTokens },
  found: Found,
  claim: ClaimedDelivery,
  now: number,
): Promise<Result> {
  if (!found.ok) return unsent(found.message);
  const prepared = prepareRequest(found.outgoing, claim, now);
  if (!prepared.ok) return unsent(found.mask(prepared.message));
  const { outcome, request, mask } = await sendAuthorized(deps, found.outgoing, prepared.request, {
    mask: found.mask,
    ...(found.outgoing.capture === null ? {} : { keepBytes: CAPTURED_BYTES }),
  });
  return {
    failure: outcome.ok ? null : { reason: outcome.reason, message: mask(outcome.message) },
    status: outcome.status ?? null,
    retryAfterMs: outcome.ok ? undefined : outcome.retryAfterMs,
    timing: outcome.timing ?? null,
    request,
    response: describeResponse(outcome, mask),
    mask,
    captured: outcome.ok && found.outgoing.capture !== null ? captureFrom(found.outgoing.capture, outcome) : {},
  };
}

function endpointOf(found: Found): Endpoint {
  return found.ok ? found.outgoing.endpoint : found.endpoint;
}

/**
 * True when trying again cannot help: what cannot be rendered now cannot be rendered later, unless somebody changes the
 * endpoint. Without an order an earlier delivery may still capture what this one lacks; and where the whole endpoint is
 * unusable that is not the fault of its deliveries.
 */
function isFinal(found: Found, failure: Failure): boolean {
  if (failure.reason !== "render" || !found.ok) return false;
  return found.outgoing.endpoint.order === "incident" || found.outgoing.capture === null;
}

function unsent(message: string): Result {
  const failure: Failure = { reason: "render", message };
  return {
    failure,
    status: null,
    retryAfterMs: undefined,
    timing: null,
    request: null,
    response: null,
    captured: {},
    mask: (text) => text,
  };
}

function describeResponse(outcome: Outcome, mask: Mask): unknown {
  if (outcome.status === undefined) return null;
  const headers = Object.fromEntries(
    Object.entries(outcome.headers ?? {}).map(([name, value]) => [
      name,
      name === "set-cookie" ? "***" : mask(String(value)),
    ]),
  );
  return { status: outcome.status, headers, body: mask(outcome.body ?? "").slice(0, KEPT_CHARS) };
}

function toRecord(
  deps: SenderDeps,
  found: Found,
  claim: ClaimedDelivery,
  result: Result,
  times: { readonly startedAt: number; readonly finishedAt: number },
): RecordedAttempt {
  const policy: RetryPolicy = found.ok ? found.outgoing.retry : retryPolicyOf({});
  const next =
    result.failure === null || isFinal(found, result.failure)
      ? null
      : nextAttempt({
          attempt: claim.policyAttempt,
          policy,
          eventAt: claim.retrySince,
          now: times.finishedAt,
          random: deps.random,
          retryAfterMs: result.retryAfterMs,
        });
  const nextAttemptAt = next !== null && "at" in next ? next.at : null;
  return {
    organizationId: claim.organizationId,
    id: claim.id,
    endpointId: claim.endpointId,
    incidentId: claim.incidentId,
    isFailover: claim.failover !== null,
    attempt: claim.attempt,
    attemptId: deps.ids.next(),
    status: result.failure === null ? "succeeded" : nextAttemptAt === null ? "exhausted" : "pending",
    nextAttemptAt,
    collapses: found.ok && found.outgoing.endpoint.collapse,
    ...times,
    reason: result.failure?.reason ?? null,
    statusCode: result.status,
    message: result.failure?.message ?? null,
    timing: result.timing,
    request: result.request === null ? {} : describeRequest(result.request, result.mask),
    response: result.response,
  };
}

async function keepLink(deps: SenderDeps, found: Found, claim: ClaimedDelivery, { captured }: Result): Promise<void> {
  const { organizationId, endpointId, incidentId } = claim;
  if (!found.ok || incidentId === null || Object.keys(captured).length === 0) return;
  try {
    await saveLink(deps.database, { organizationId, endpointId, incidentId, captured }, deps.clock.now());
  } catch (error) {
    deps.log.error({ delivery_id: claim.id, ...describeError(error) }, "what an answer told could not be kept");
  }
}

function noteOutcome(
  { keeper, pressure, paceLimit }: SenderDeps,
  found: Found,
  claim: ClaimedDelivery,
  result: Result,
  tookMs: number,
): void {
  const { failure, status, retryAfterMs } = result;
  if (!found.ok) {
    const { endpoint } = found;
    const circuit = circuitPolicyOf(endpoint.circuit as Partial<CircuitPolicy>);
    if (failure !== null) keeper.note({ endpoint, circuit }, { ok: false, deliveryId: claim.id, ...failure }, null);
    return;
  }
  const answer = { reason: failure?.reason ?? null, status, retryAfterMs, tookMs };
  const signal = pressure.note(claim.endpointId, answer, paceLimit(claim.endpointId));
  if (failure !== null) {
    const { reason, message } = failure;
    const outcome = { ok: false as const, deliveryId: claim.id, reason, message };
    keeper.note(found.outgoing, status === null ? outcome : { ...outcome, status }, signal);
    return;
  }
  // A success says something new only where failures were counted before it; all others cost no write.
  const isNews = claim.circuitFailures > 0 || claim.circuitState !== "closed" || keeper.hasFailures(claim.endpointId);
  if (isNews || signal !== null) {
    keeper.note(found.outgoing, isNews ? { ok: true, deliveryId: claim.id } : null, signal);
  }
}
