import { OverwatchError } from "../../core/errors.ts";
import { wireTime } from "../../core/incident-view.ts";
import { findEndpointFailures, readHours } from "../../store/activity.ts";
import { findEndpoint, listEndpoints } from "../../store/endpoints.ts";
import { findIntegration, listIntegrations } from "../../store/integrations.ts";
import { listRefusals, type RefusalRow } from "../../store/refusals.ts";
import { spanOf, viewEndpointActivity, viewIntegrationActivity } from "../activity-view.ts";
import type { ApiDeps } from "../deps.ts";
import { answerPage, readPage } from "../paging.ts";
import { defineRoute, type Route } from "../route.ts";
import {
  ActivityListQuery,
  ActivityQuery,
  EndpointActivityView,
  IntegrationActivityView,
  RefusalView,
} from "../schemas/activity.ts";
import { pageOf, pageParameters, strict } from "../schemas/shared.ts";

/** What came to integrations and what was sent to endpoints, hour by hour; and what integrations refused. */
export function activityRoutes(deps: ApiDeps): readonly Route[] {
  return [ofIntegrations(deps), ofIntegration(deps), refusals(), ofEndpoints(deps), ofEndpoint(deps)];
}

function ofIntegrations(deps: ApiDeps): Route {
  return defineRoute("GET", "/integrations/activity", {
    role: "viewer",
    tag: "integrations",
    summary: "Count what came to each integration",
    description: "By the hour, at most a few seconds old. Pages as the list of integrations.",
    query: ActivityListQuery,
    answers: { 200: pageOf(IntegrationActivityView) },
    handle: async ({ caller, query, database }) => {
      const { organizationId } = caller;
      const { before, limit } = readPage(query);
      const found = await listIntegrations(database, organizationId, { before, limit: limit + 1, platform: null });
      const span = spanOf(query.period, deps.clock.now());
      const ids = found.slice(0, limit).map((one) => one.id);
      const rows = await readHours(database, organizationId, ids, span.since, span.now);
      const bySubject = Map.groupBy(rows, (row) => row.subjectId);
      const view = ({ id }: { readonly id: string }) => viewIntegrationActivity(id, bySubject.get(id) ?? [], span);
      return { body: answerPage(query, limit, found, view) };
    },
  });
}

function ofIntegration(deps: ApiDeps): Route {
  return defineRoute("GET", "/integrations/{id}/activity", {
    role: "viewer",
    tag: "integrations",
    summary: "Count what came to an integration",
    description: "By the hour: accepted, refused and why, quarantined, signals.",
    query: ActivityQuery,
    answers: { 200: IntegrationActivityView },
    handle: async ({ caller, params, query, database }) => {
      const { organizationId } = caller;
      if ((await findIntegration(database, organizationId, params.id)) === null) throw new OverwatchError("NOT_FOUND");
      const span = spanOf(query.period, deps.clock.now());
      const rows = await readHours(database, organizationId, [params.id], span.since, span.now);
      return { body: viewIntegrationActivity(params.id, rows, span) };
    },
  });
}

function refusals(): Route {
  return defineRoute("GET", "/integrations/{id}/refusals", {
    role: "admin",
    tag: "integrations",
    summary: "List the last refused webhooks of an integration",
    description:
      "A sample of at most 50, without bodies, with what is wrong in sentences. Of a computed MAC four characters are " +
      "shown, of a secret the last two.",
    query: strict(pageParameters),
    answers: { 200: pageOf(RefusalView) },
    handle: async ({ caller, params, query, database }) => {
      const { organizationId } = caller;
      if ((await findIntegration(database, organizationId, params.id)) === null) throw new OverwatchError("NOT_FOUND");
      const { before, limit } = readPage(query);
      const rows = await listRefusals(database, organizationId, params.id, { before, limit: limit + 1 });
      return { body: answerPage(query, limit, rows, viewRefusal) };
    },
  });
}

function viewRefusal(row: RefusalRow) {
  const { problems, ...details } = row.details;
  return {
    id: row.id,
    at: wireTime(row.at),
    code: row.code,
    status: row.status,
    reason: row.reason,
    source_ip: row.sourceIp,
    request_id: row.requestId,
    body_bytes: typeof details.body_bytes === "number" ? details.body_bytes : row.bodyBytes,
    problems: Array.isArray(problems) ? problems : [],
    details,
  };
}

function ofEndpoints(deps: ApiDeps): Route {
  return defineRoute("GET", "/endpoints/activity", {
    role: "viewer",
    tag: "endpoints",
    summary: "Count what was sent to each endpoint",
    description: "By the hour, with durations and the last failure. Pages as the list of endpoints.",
    query: ActivityListQuery,
    answers: { 200: pageOf(EndpointActivityView) },
    handle: async ({ caller, query, database }) => {
      const { organizationId } = caller;
      const { before, limit } = readPage(query);
      const found = await listEndpoints(database, organizationId, {
        before,
        limit: limit + 1,
        integrationId: null,
      });
      const span = spanOf(query.period, deps.clock.now());
      const ids = found.slice(0, limit).map((one) => one.id);
      const [rows, failures] = await Promise.all([
        readHours(database, organizationId, ids, span.since, span.now),
        findEndpointFailures(database, organizationId, ids),
      ]);
      const bySubject = Map.groupBy(rows, (row) => row.subjectId);
      const view = ({ id }: { readonly id: string }) => {
        const failure = failures.find((one) => one.endpointId === id) ?? null;
        return viewEndpointActivity(id, bySubject.get(id) ?? [], failure, span);
      };
      return { body: answerPage(query, limit, found, view) };
    },
  });
}

function ofEndpoint(deps: ApiDeps): Route {
  return defineRoute("GET", "/endpoints/{id}/activity", {
    role: "viewer",
    tag: "endpoints",
    summary: "Count what was sent to an endpoint",
    description: "By the hour: attempts that succeeded, that failed and why, durations, the last failure.",
    query: ActivityQuery,
    answers: { 200: EndpointActivityView },
    handle: async ({ caller, params, query, database }) => {
      const { organizationId } = caller;
      if ((await findEndpoint(database, organizationId, params.id)) === null) throw new OverwatchError("NOT_FOUND");
      const span = spanOf(query.period, deps.clock.now());
      const [rows, [failure]] = await Promise.all([
        readHours(database, organizationId, [params.id], span.since, span.now),
        findEndpointFailures(database, organizationId, [params.id]),
      ]);
      return { body: viewEndpointActivity(params.id, rows, failure ?? null, span) };
    },
  });
}
