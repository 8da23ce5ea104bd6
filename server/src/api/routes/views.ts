import { OverwatchError } from "../../core/errors.ts";
import { wireTime } from "../../core/incident-view.ts";
import {
  deleteView,
  findView,
  insertView,
  listViews,
  MOST_VIEWS,
  type SavedView,
  updateView,
} from "../../store/saved-views.ts";
import type { ApiDeps } from "../deps.ts";
import { invalidField } from "../error-answer.ts";
import { etagOf, requireMatch } from "../etag.ts";
import { answerPage, readPage } from "../paging.ts";
import { type Answer, type Caller, defineRoute, type Route } from "../route.ts";
import { pageOf } from "../schemas/shared.ts";
import { SavedViewView, ViewCreate, ViewListQuery, ViewPatch } from "../schemas/views.ts";

const tag = "views";

/** `/views`: searches that people keep, for themselves or for everybody. */
export function viewRoutes(deps: ApiDeps): readonly Route[] {
  return [list(), create(deps), change(deps), remove()];
}

function ownerOf(caller: Caller): string {
  return `${caller.kind === "user" ? "user" : "key"}:${caller.id}`;
}

function view(row: SavedView, caller: Caller) {
  return {
    id: row.id,
    name: row.name,
    page: row.page,
    query: row.query,
    is_shared: row.isShared,
    is_mine: row.owner === ownerOf(caller),
    owner_name: row.ownerName,
    created_at: wireTime(row.createdAt),
    updated_at: wireTime(row.updatedAt),
  };
}

function answer(row: SavedView, caller: Caller): Answer {
  return { body: view(row, caller), etag: etagOf(row.version) };
}

function list(): Route {
  return defineRoute("GET", "/views", {
    role: "viewer",
    tag,
    summary: "List saved views",
    description: "One's own, and those that others share.",
    query: ViewListQuery,
    answers: { 200: pageOf(SavedViewView) },
    handle: async ({ caller, query, database }) => {
      const { before, limit } = readPage(query);
      const rows = await listViews(database, caller.organizationId, ownerOf(caller), {
        page: query.page ?? null,
        before,
        limit: limit + 1,
      });
      return { body: answerPage(query, limit, rows, (row) => view(row, caller)) };
    },
  });
}

function create(deps: ApiDeps): Route {
  return defineRoute("POST", "/views", {
    role: "viewer",
    tag,
    summary: "Save a view",
    description: "Sharing it needs the role responder.",
    body: ViewCreate,
    answers: { 201: SavedViewView },
    handle: async ({ caller, body, database }) => {
      refuseSharing(caller, body.is_shared);
      const now = deps.clock.now();
      const row: SavedView = {
        organizationId: caller.organizationId,
        id: deps.ids.next(),
        owner: ownerOf(caller),
        ownerName: caller.name,
        name: body.name,
        page: body.page,
        query: body.query,
        isShared: body.is_shared ?? false,
        version: 1,
        createdAt: now,
        updatedAt: now,
      };
      if (!(await insertView(database, row))) {
        throw new OverwatchError("CONFLICT", {}, `There are ${MOST_VIEWS} views already; delete one first`);
      }
      return { ...answer(row, caller), status: 201, headers: { location: `/api/v1/views/${row.id}` } };
    },
  });
}

function change(deps: ApiDeps): Route {
  return defineRoute("PATCH", "/views/{id}", {
    role: "viewer",
    tag,
    summary: "Change a view",
    description: "One's own; those of others only an admin changes.",
    body: ViewPatch,
    answers: { 200: SavedViewView },
    handle: async ({ caller, params, body, ifMatch, database }) => {
      if (Object.keys(body).length === 0) throw invalidField("$", "names nothing to change");
      refuseSharing(caller, body.is_shared);
      const row = await findChangeable(database, caller, params.id);
      requireMatch(ifMatch, row.version);
      const changed: SavedView = {
        ...row,
        name: body.name ?? row.name,
        page: body.page ?? row.page,
        query: body.query ?? row.query,
        isShared: body.is_shared ?? row.isShared,
      };
      const saved = await updateView(database, changed, deps.clock.now());
      if (saved === null) throw new OverwatchError("CONFLICT", {}, "It was changed at the same time; try again");
      return answer(saved, caller);
    },
  });
}

function remove(): Route {
  return defineRoute("DELETE", "/views/{id}", {
    role: "viewer",
    tag,
    summary: "Delete a view",
    description: "One's own; those of others only an admin deletes.",
    answers: { 204: null },
    handle: async ({ caller, params, database }) => {
      const row = await findChangeable(database, caller, params.id);
      await deleteView(database, caller.organizationId, row.id);
      return { status: 204, body: null };
    },
  });
}

async function findChangeable(database: ApiDeps["database"], caller: Caller, id: string): Promise<SavedView> {
  const owner = ownerOf(caller);
  const row = await findView(database, caller.organizationId, owner, id);
  if (row === null) throw new OverwatchError("NOT_FOUND");
  if (row.owner !== owner && caller.role !== "admin") throw new OverwatchError("FORBIDDEN", { needed_role: "admin" });
  return row;
}

function refuseSharing(caller: Caller, isShared: boolean | undefined): void {
  if (isShared === true && caller.role === "viewer") {
    throw new OverwatchError("FORBIDDEN", { needed_role: "responder" });
  }
}
