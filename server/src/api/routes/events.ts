import { Type } from "typebox";
import { OverwatchError } from "../../core/errors.ts";
import { EVENT_TYPES } from "../../core/event.ts";
import { findEvent, listEvents } from "../../store/events.ts";
import { viewEvent } from "../event-view.ts";
import { answerPage, readPage } from "../paging.ts";
import { defineRoute, type Route } from "../route.ts";
import { EventView } from "../schemas/deliveries.ts";
import { oneOf, pageOf, pageParameters, strict, Uuid } from "../schemas/shared.ts";

const tag = "events";

/** `/events` and `/event-types`. */
export function eventRoutes(): readonly Route[] {
  return [list(), read(), types()];
}

function list(): Route {
  return defineRoute("GET", "/events", {
    role: "viewer",
    tag,
    summary: "List events",
    query: strict({ ...pageParameters, incident_id: Type.Optional(Uuid), type: Type.Optional(oneOf(EVENT_TYPES)) }),
    answers: { 200: pageOf(EventView) },
    handle: async ({ caller, query, database }) => {
      const page = readPage(query);
      const rows = await listEvents(database, caller.organizationId, {
        before: page.before,
        limit: page.limit + 1,
        incidentId: query.incident_id ?? null,
        type: query.type ?? null,
      });
      return { body: answerPage(query, page.limit, rows, viewEvent) };
    },
  });
}

function read(): Route {
  return defineRoute("GET", "/events/{id}", {
    role: "viewer",
    tag,
    summary: "Read an event",
    answers: { 200: EventView },
    handle: async ({ caller, params, database }) => {
      const event = await findEvent(database, caller.organizationId, params.id);
      if (event === null) throw new OverwatchError("NOT_FOUND");
      return { body: viewEvent(event) };
    },
  });
}

function types(): Route {
  return defineRoute("GET", "/event-types", {
    role: "viewer",
    tag,
    summary: "List event types",
    description: "Subscriptions also take `*` and the part before the dot with `.*`.",
    answers: { 200: strict({ data: Type.Array(oneOf(EVENT_TYPES)), next_cursor: Type.Null() }) },
    handle: async () => ({ body: { data: EVENT_TYPES, next_cursor: null } }),
  });
}
