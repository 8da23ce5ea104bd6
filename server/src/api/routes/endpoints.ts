import { Type } from "typebox";
import type { Endpoint } from "../../core/endpoint.ts";
import { OverwatchError } from "../../core/errors.ts";
import type { Queryable } from "../../runtime/database.ts";
import type { Role } from "../../store/api-keys.ts";
import { cancelDeliveriesOfDeletedEndpoints } from "../../store/delivery-actions.ts";
import { findEndpoint, listEndpoints, lockEndpoint, softDeleteEndpoint } from "../../store/endpoints.ts";
import type { ApiDeps } from "../deps.ts";
import { requireAllowedAddresses } from "../endpoint-check.ts";
import { addEndpoint, checkEndpointChange, checkNewEndpoint, saveEndpointChange } from "../endpoint-save.ts";
import { viewEndpoints } from "../endpoint-view.ts";
import { etagOf, requireMatch } from "../etag.ts";
import { requireNotFallback } from "../fallback-check.ts";
import { answerPage, readPage } from "../paging.ts";
import { type Answer, defineRoute, type Route } from "../route.ts";
import { EndpointCreate, EndpointPatch, EndpointView } from "../schemas/endpoints.ts";
import { pageOf, pageParameters, strict, Uuid } from "../schemas/shared.ts";

const tag = "endpoints";

/** `/endpoints` and `/endpoints/{id}`. */
export function endpointRoutes(deps: ApiDeps): readonly Route[] {
  return [list(deps), create(deps), read(deps), change(deps), remove(deps)];
}

/** One endpoint as it stands, with a secret that was just made. */
export async function answerEndpoint(
  deps: ApiDeps,
  db: Queryable,
  endpoint: Endpoint,
  role: Role,
  secret: string | null = null,
): Promise<Answer> {
  const [view] = await viewEndpoints(deps, db, endpoint.organizationId, [endpoint], role);
  if (view === undefined) throw new OverwatchError("NOT_FOUND");
  return { body: secret === null ? view : { ...view, secret }, etag: etagOf(endpoint.version) };
}

function list(deps: ApiDeps): Route {
  return defineRoute("GET", "/endpoints", {
    role: "viewer",
    tag,
    summary: "List endpoints",
    query: strict({ ...pageParameters, integration_id: Type.Optional(Uuid) }),
    answers: { 200: pageOf(EndpointView) },
    handle: async ({ caller, query, database }) => {
      const page = readPage(query);
      const rows = await listEndpoints(database, caller.organizationId, {
        before: page.before,
        limit: page.limit + 1,
        integrationId: query.integration_id ?? null,
      });
      const views = await viewEndpoints(deps, database, caller.organizationId, rows, caller.role);
      return { body: answerPage(query, page.limit, views, (view) => view) };
    },
  });
}

function create(deps: ApiDeps): Route {
  return defineRoute("POST", "/endpoints", {
    role: "admin",
    tag,
    summary: "Create an endpoint",
    description: "It hears all incidents of the organization. The answer shows the secret this once.",
    body: EndpointCreate,
    answers: { 201: EndpointView },
    check: async ({ body }) => {
      await requireAllowedAddresses(deps, checkNewEndpoint(body, ""), "");
    },
    handle: async ({ caller, body, database, afterCommit }) => {
      const { endpoint, secret } = await database.transaction((tx) =>
        addEndpoint(deps, tx, caller.organizationId, null, body.name, body),
      );
      afterCommit(() => deps.onConfigChanged("endpoint", endpoint.id));
      const answer = await answerEndpoint(deps, database, endpoint, caller.role, secret);
      return { ...answer, status: 201, headers: { location: `/api/v1/endpoints/${endpoint.id}` } };
    },
  });
}

function read(deps: ApiDeps): Route {
  return defineRoute("GET", "/endpoints/{id}", {
    role: "viewer",
    tag,
    summary: "Read an endpoint",
    answers: { 200: EndpointView },
    handle: async ({ caller, params, database }) => {
      const endpoint = await findEndpoint(database, caller.organizationId, params.id);
      if (endpoint === null) throw new OverwatchError("NOT_FOUND");
      return answerEndpoint(deps, database, endpoint, caller.role);
    },
  });
}

function change(deps: ApiDeps): Route {
  return defineRoute("PATCH", "/endpoints/{id}", {
    role: "admin",
    tag,
    summary: "Change an endpoint",
    description:
      "What is absent stays; headers that come back as they were shown keep their value. A URL on another host needs " +
      "`variables`, hidden `headers`, `auth` and `client_certificate` again.",
    body: EndpointPatch,
    answers: { 200: EndpointView },
    handle: async ({ caller, params, body, database, ifMatch, afterCommit }) => {
      const { organizationId } = caller;
      const present = await findEndpoint(database, organizationId, params.id);
      if (present === null) throw new OverwatchError("NOT_FOUND");
      requireMatch(ifMatch, present.version);
      const planned = await checkEndpointChange(deps, database, present, body, "");
      await requireAllowedAddresses(deps, planned.called, "");
      const saved = await database.transaction(async (tx) => {
        const locked = await lockEndpoint(tx, organizationId, params.id);
        if (locked === null) throw new OverwatchError("NOT_FOUND");
        // What was checked must be what is changed.
        if (locked.version !== present.version) throw new OverwatchError("PRECONDITION_FAILED");
        return saveEndpointChange(deps, tx, locked, body, planned);
      });
      if (saved === null) throw new OverwatchError("PRECONDITION_FAILED");
      afterCommit(() => {
        deps.onConfigChanged("endpoint", saved.id);
        if (saved.integrationId !== null) deps.onConfigChanged("integration", saved.integrationId);
        deps.wakeDeliver();
      });
      return answerEndpoint(deps, database, saved, caller.role);
    },
  });
}

function remove(deps: ApiDeps): Route {
  return defineRoute("DELETE", "/endpoints/{id}", {
    role: "admin",
    tag,
    summary: "Delete an endpoint",
    description:
      "Nothing is sent to it from then on: what waits is cancelled (`endpoint_deleted`), a request that is under way ends, " +
      "and what became of all its deliveries stays visible. The fallback of others is not deleted (`ENDPOINT_IN_USE`).",
    answers: { 204: null },
    handle: async ({ caller, params, database, afterCommit }) => {
      const now = deps.clock.now();
      await database.transaction(async (tx) => {
        await requireNotFallback(tx, caller.organizationId, [params.id]);
        const isDeleted = await softDeleteEndpoint(tx, caller.organizationId, params.id, now);
        if (!isDeleted) throw new OverwatchError("NOT_FOUND");
        // The first thousands at once; what is left is found by the hourly duties of every node.
        await cancelDeliveriesOfDeletedEndpoints(tx, now);
      });
      afterCommit(() => deps.onConfigChanged("endpoint", params.id));
      return { status: 204, body: null };
    },
  });
}
