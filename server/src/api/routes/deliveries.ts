import { Type } from "typebox";
import { OverwatchError } from "../../core/errors.ts";
import { EVENT_TYPES } from "../../core/event.ts";
import { FAILURE_REASONS } from "../../core/failure-reason.ts";
import { wireTime } from "../../core/incident-view.ts";
import type { Database } from "../../runtime/database.ts";
import { listDeliveries } from "../../store/deliveries-list.ts";
import {
  type AttemptRow,
  DELIVERY_STATUSES,
  type DeliveryRow,
  findDelivery,
  listAttempts,
} from "../../store/deliveries-read.ts";
import {
  cancelDelivery,
  type FORCED_PAST,
  type Forced,
  forceDelivery,
  retryDelivery,
} from "../../store/delivery-actions.ts";
import { findStandIn } from "../../store/failovers.ts";
import { curlOf } from "../curl.ts";
import type { ApiDeps } from "../deps.ts";
import { answerPlace, readMoment, readPage } from "../paging.ts";
import { type Answer, defineRoute, type Route } from "../route.ts";
import { DeliveryView, FullDeliveryView, RetryRequest } from "../schemas/deliveries.ts";
import {
  Nothing,
  oneOf,
  pageOf,
  pageParameters,
  several,
  strict,
  text,
  timeParameters,
  Uuid,
} from "../schemas/shared.ts";

const tag = "deliveries";
const SHOWN_ATTEMPTS = 200;

/** `/deliveries` and what people do to one. */
export function deliveryRoutes(deps: ApiDeps): readonly Route[] {
  return [list(), read(), retry(deps), cancel(deps)];
}

function view(row: DeliveryRow) {
  const error = row.lastError;
  return {
    id: row.id,
    event_id: row.eventId,
    event_type: row.eventType,
    event_at: wireTime(row.eventAt),
    endpoint_id: row.endpointId,
    incident_id: row.incidentId,
    status: row.status,
    cancel_reason: row.cancelReason,
    replaced_by: row.replacedBy,
    resend_of: row.resendOf,
    attempt_count: row.attemptCount,
    next_attempt_at: wireTime(row.nextAttemptAt),
    last_error: error === null ? null : { status_code: null, message: null, ...error },
    created_at: wireTime(row.createdAt),
    finished_at: wireTime(row.finishedAt),
    failover_of: row.failoverOf,
  };
}

function viewAttempt({ startedAt, statusCode, nodeId, ...row }: AttemptRow) {
  return {
    ...row,
    started_at: wireTime(startedAt),
    node_id: nodeId,
    status_code: statusCode,
    curl: curlOf(row.request),
  };
}

async function answerDelivery(
  database: Database,
  organizationId: string,
  id: string,
  more: { readonly forced_past?: readonly (typeof FORCED_PAST)[number][] } = {},
): Promise<Answer> {
  const row = await findDelivery(database, organizationId, id);
  if (row === null) throw new OverwatchError("NOT_FOUND");
  const attempts = await listAttempts(database, organizationId, id, SHOWN_ATTEMPTS);
  const standIn = await findStandIn(database, organizationId, id);
  const failedOverTo = standIn === null ? null : { delivery_id: standIn.id, endpoint_id: standIn.endpointId };
  return { body: { ...view(row), failed_over_to: failedOverTo, attempts: attempts.map(viewAttempt), ...more } };
}

function list(): Route {
  return defineRoute("GET", "/deliveries", {
    role: "viewer",
    tag,
    summary: "List deliveries",
    query: strict({
      ...pageParameters,
      ...timeParameters,
      endpoint_id: several(Uuid),
      incident_id: Type.Optional(Uuid),
      event_id: Type.Optional(Uuid),
      event_type: several(oneOf(EVENT_TYPES)),
      status: several(oneOf(DELIVERY_STATUSES)),
      reason: several(oneOf(FAILURE_REASONS), "Why the last attempt failed"),
      q: Type.Optional(text(200, "Text of the last failure's message, or the id of a delivery")),
    }),
    answers: { 200: pageOf(DeliveryView) },
    handle: async ({ caller, query, database }) => {
      const page = readPage(query);
      const filter = {
        endpointIds: query.endpoint_id ?? null,
        incidentId: query.incident_id ?? null,
        eventId: query.event_id ?? null,
        eventTypes: query.event_type ?? null,
        statuses: query.status ?? null,
        reasons: query.reason ?? null,
        since: readMoment(query.since, "since"),
        until: readMoment(query.until, "until"),
        q: query.q ?? null,
      };
      const { rows, next } = await listDeliveries(database, caller.organizationId, filter, page);
      return { body: answerPlace(query, next === null ? null : { id: next, key: 0 }, rows.map(view)) };
    },
  });
}

function read(): Route {
  return defineRoute("GET", "/deliveries/{id}", {
    role: "viewer",
    tag,
    summary: "Read a delivery with its attempts",
    answers: { 200: FullDeliveryView },
    handle: async ({ caller, params, database }) => answerDelivery(database, caller.organizationId, params.id),
  });
}

function retry(deps: ApiDeps): Route {
  return defineRoute("POST", "/deliveries/{id}/retry", {
    role: "responder",
    tag,
    summary: "Retry a delivery",
    description:
      "Whatever its final state: due at once, or when the earlier ones of its incident have ended, with its retry policy " +
      "begun anew and the same webhook-id. Not while it is under way. `force` makes one attempt now, past an open " +
      "circuit, a person's hold, a receiver's Retry-After, the pace and the limits; `forced_past` says which of these " +
      "held the endpoint back.",
    body: RetryRequest,
    answers: { 200: FullDeliveryView },
    handle: async ({ caller, params, body, database, afterCommit }) => {
      const { organizationId } = caller;
      const now = deps.clock.now();
      const result = await database.transaction(async (tx) => {
        if (body.force === true) return requireForced(await forceDelivery(tx, organizationId, params.id, now));
        return (await retryDelivery(tx, organizationId, params.id, now)) ? {} : null;
      });
      if (result === null)
        return refuse(database, organizationId, params.id, "It is under way, or its endpoint is deleted");
      afterCommit(deps.wakeDeliver);
      return answerDelivery(database, organizationId, params.id, result);
    },
  });
}

function cancel(deps: ApiDeps): Route {
  return defineRoute("POST", "/deliveries/{id}/cancel", {
    role: "responder",
    tag,
    summary: "Cancel a delivery",
    description: "Only while it waits or after it was given up.",
    body: Nothing,
    answers: { 200: FullDeliveryView },
    handle: async ({ caller, params, database }) => {
      const isCancelled = await database.transaction((tx) =>
        cancelDelivery(tx, caller.organizationId, params.id, deps.clock.now()),
      );
      if (!isCancelled) await refuse(database, caller.organizationId, params.id, "It is under way or finished");
      return answerDelivery(database, caller.organizationId, params.id);
    },
  });
}

/** Thrown inside the transaction, so that a delivery that cannot be forced stays as it was. */
function requireForced(forced: Forced): { readonly forced_past: readonly (typeof FORCED_PAST)[number][] } | null {
  if (forced === "endpoint_disabled")
    throw new OverwatchError("CONFLICT", { reason: forced }, "The endpoint is disabled; enable it first");
  if (forced === "not_its_turn") {
    throw new OverwatchError("CONFLICT", { reason: forced }, "An earlier delivery of its incident has not ended");
  }
  return typeof forced === "string" ? null : { forced_past: forced.passed };
}

async function refuse(database: Database, organizationId: string, id: string, why: string): Promise<never> {
  const row = await findDelivery(database, organizationId, id);
  if (row === null) throw new OverwatchError("NOT_FOUND");
  throw new OverwatchError("CONFLICT", { status: row.status }, why);
}
