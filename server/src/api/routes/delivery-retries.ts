import { readSelection, requireEndpoint, startBulkRun } from "../bulk-start.ts";
import type { ApiDeps } from "../deps.ts";
import { invalidField } from "../error-answer.ts";
import { defineRoute, type Route } from "../route.ts";
import {
  BulkCancelRequest,
  BulkPreviewView,
  BulkRetryRequest,
  BulkRunView,
  RecoverRequest,
} from "../schemas/bulk-runs.ts";

/** Retrying and cancelling many deliveries, of all endpoints or of one. */
export function deliveryRetryRoutes(deps: ApiDeps): readonly Route[] {
  return [retry(deps), cancel(deps), recover(deps)];
}

function retry(deps: ApiDeps): Route {
  return defineRoute("POST", "/deliveries/retry", {
    role: "responder",
    tag: "deliveries",
    summary: "Retry many deliveries",
    description:
      "Those that were given up, or in the states of `status`. `dry_run` counts them by endpoint and reason; otherwise " +
      "the answer is the bulk run that works them off, `per_second` in all.",
    body: BulkRetryRequest,
    answers: { 200: BulkPreviewView, 202: BulkRunView },
    handle: async (call) => {
      const { caller, body, database } = call;
      if (body.endpoint_id !== undefined) await requireEndpoint(database, caller.organizationId, body.endpoint_id);
      return startBulkRun(deps, call, "retry", readSelection(body, ["exhausted"], deps.clock.now()), body);
    },
  });
}

function cancel(deps: ApiDeps): Route {
  return defineRoute("POST", "/deliveries/cancel", {
    role: "responder",
    tag: "deliveries",
    summary: "Cancel many deliveries",
    description:
      "Those that wait, parked or not, or in the states of `status`. `dry_run` counts them; otherwise the answer is the " +
      "bulk run that calls them off.",
    body: BulkCancelRequest,
    answers: { 200: BulkPreviewView, 202: BulkRunView },
    handle: async (call) => {
      const { caller, body, database } = call;
      if (body.endpoint_id !== undefined) await requireEndpoint(database, caller.organizationId, body.endpoint_id);
      return startBulkRun(deps, call, "cancel", readSelection(body, ["pending", "parked"], deps.clock.now()), body);
    },
  });
}

function recover(deps: ApiDeps): Route {
  return defineRoute("POST", "/endpoints/{id}/recover", {
    role: "responder",
    tag: "endpoints",
    summary: "Recover an endpoint after an outage",
    description:
      'Brings back what was given up, or what is in the states of `status`. With `ids: "fresh"` new deliveries of the ' +
      "same events are made with webhook-ids of their own, marked by `resend_of`; succeeded ones can be sent again only " +
      "so. `dry_run` counts first; otherwise the answer is the bulk run that works it off.",
    body: RecoverRequest,
    answers: { 200: BulkPreviewView, 202: BulkRunView },
    handle: async (call) => {
      const { caller, params, body, database } = call;
      await requireEndpoint(database, caller.organizationId, params.id);
      const isFresh = body.ids === "fresh";
      if (!isFresh && body.status?.includes("succeeded")) {
        throw invalidField("status", "`succeeded` needs `ids` to be `fresh`: the receiver has seen these ids");
      }
      const fields = { ...body, endpoint_id: params.id };
      const selection = readSelection(fields, isFresh ? ["exhausted", "parked"] : ["exhausted"], deps.clock.now());
      return startBulkRun(deps, call, isFresh ? "resend" : "retry", selection, body);
    },
  });
}
