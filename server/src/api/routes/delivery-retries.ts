import type { Static } from "typebox";
import { OverwatchError } from "../../core/errors.ts";
import { countFailedDeliveries, type FailedFilter, retryFailedDeliveries } from "../../store/delivery-actions.ts";
import { findEndpoint } from "../../store/endpoints.ts";
import type { ApiDeps } from "../deps.ts";
import { readMoment } from "../paging.ts";
import { type Answer, type Call, defineRoute, type Route } from "../route.ts";
import { BulkRetryRequest, BulkRetryView, RecoverRequest } from "../schemas/deliveries.ts";

const DEFAULT_PER_SECOND = 10;
const DEFAULT_BULK = 10_000;

/** Retrying everything that failed in a span of time, of all endpoints or of one. */
export function deliveryRetryRoutes(deps: ApiDeps): readonly Route[] {
  return [bulkRetry(deps), recover(deps)];
}

function bulkRetry(deps: ApiDeps): Route {
  return defineRoute("POST", "/deliveries/retry", {
    role: "responder",
    tag: "deliveries",
    summary: "Retry failed deliveries",
    description: "Everything that was given up in a span of time; `dry_run` counts it first, `per_second` is the pace.",
    body: BulkRetryRequest,
    answers: { 200: BulkRetryView },
    handle: async (call) => {
      const { caller, body, database } = call;
      if (body.endpoint_id !== undefined) {
        const endpoint = await findEndpoint(database, caller.organizationId, body.endpoint_id);
        if (endpoint === null) throw new OverwatchError("NOT_FOUND");
      }
      return retryMany(deps, call, body.endpoint_id ?? null, body);
    },
  });
}

function recover(deps: ApiDeps): Route {
  return defineRoute("POST", "/endpoints/{id}/recover", {
    role: "responder",
    tag: "endpoints",
    summary: "Retry what failed at an endpoint",
    description: "Everything of this endpoint that was given up since a moment.",
    body: RecoverRequest,
    answers: { 200: BulkRetryView },
    handle: async (call) => {
      const { caller, params, body, database } = call;
      if ((await findEndpoint(database, caller.organizationId, params.id)) === null)
        throw new OverwatchError("NOT_FOUND");
      return retryMany(deps, call, params.id, body);
    },
  });
}

async function retryMany(
  deps: ApiDeps,
  { caller, database, afterCommit }: Pick<Call<never, never, never>, "caller" | "database" | "afterCommit">,
  endpointId: string | null,
  body: Static<typeof BulkRetryRequest>,
): Promise<Answer> {
  const now = deps.clock.now();
  const filter: FailedFilter = {
    endpointId,
    eventType: body.event_type ?? null,
    statuses: body.include_cancelled ? ["exhausted", "cancelled"] : ["exhausted"],
    since: readMoment(body.since, "since") ?? 0,
    until: readMoment(body.until, "until") ?? now + 1,
  };
  const isDryRun = body.dry_run ?? false;
  const counts = await countFailedDeliveries(database, caller.organizationId, filter);
  const pace = { now, perSecond: body.per_second ?? DEFAULT_PER_SECOND, limit: body.limit ?? DEFAULT_BULK };
  const retried = isDryRun ? 0 : await retryFailedDeliveries(database, caller.organizationId, filter, pace);
  if (retried > 0) afterCommit(deps.wakeDeliver);
  const endpoints = counts.map((row) => ({
    endpoint_id: row.endpointId,
    name: row.endpointName,
    matched: row.count,
  }));
  const matched = counts.reduce((sum, row) => sum + row.count, 0);
  return { body: { dry_run: isDryRun, matched, retried, endpoints } };
}
