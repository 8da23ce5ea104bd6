import { Type } from "typebox";
import { BULK_STATES } from "../../core/bulk-run.ts";
import { OverwatchError } from "../../core/errors.ts";
import { findBulkRun, listBulkRuns, stopBulkRun } from "../../store/bulk-runs.ts";
import { viewBulkRun } from "../bulk-start.ts";
import type { ApiDeps } from "../deps.ts";
import { answerPage, readPage } from "../paging.ts";
import { defineRoute, type Route } from "../route.ts";
import { BulkRunView } from "../schemas/bulk-runs.ts";
import { Nothing, oneOf, pageOf, pageParameters, strict } from "../schemas/shared.ts";

const tag = "bulk-runs";

/** `/bulk-runs`: how far retries, cancellations, recoveries and replays have come. */
export function bulkRunRoutes(deps: ApiDeps): readonly Route[] {
  return [list(), read(), stop(deps)];
}

function list(): Route {
  return defineRoute("GET", "/bulk-runs", {
    role: "viewer",
    tag,
    summary: "List bulk runs",
    query: strict({ ...pageParameters, state: Type.Optional(oneOf(BULK_STATES)) }),
    answers: { 200: pageOf(BulkRunView) },
    handle: async ({ caller, query, database }) => {
      const page = readPage(query);
      const rows = await listBulkRuns(database, caller.organizationId, {
        before: page.before,
        limit: page.limit + 1,
        state: query.state ?? null,
      });
      return { body: answerPage(query, page.limit, rows, viewBulkRun) };
    },
  });
}

function read(): Route {
  return defineRoute("GET", "/bulk-runs/{id}", {
    role: "viewer",
    tag,
    summary: "Read a bulk run",
    answers: { 200: BulkRunView },
    handle: async ({ caller, params, database }) => {
      const run = await findBulkRun(database, caller.organizationId, params.id);
      if (run === null) throw new OverwatchError("NOT_FOUND");
      return { body: viewBulkRun(run) };
    },
  });
}

function stop(deps: ApiDeps): Route {
  return defineRoute("POST", "/bulk-runs/{id}/stop", {
    role: "responder",
    tag,
    summary: "Stop a bulk run",
    description: "For good; what it has done stays done, and the same request begins what is left.",
    body: Nothing,
    answers: { 200: BulkRunView },
    handle: async ({ caller, params, database }) => {
      const { organizationId } = caller;
      const isStopped = await stopBulkRun(database, organizationId, params.id, deps.clock.now());
      const run = await findBulkRun(database, organizationId, params.id);
      if (run === null) throw new OverwatchError("NOT_FOUND");
      if (!isStopped && run.state === "finished") {
        throw new OverwatchError("CONFLICT", { state: run.state }, "It is finished");
      }
      return { body: viewBulkRun(run) };
    },
  });
}
