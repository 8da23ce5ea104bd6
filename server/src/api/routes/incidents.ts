import { OverwatchError } from "../../core/errors.ts";
import { type Incident, NO_INTEGRATION } from "../../core/incident.ts";
import { viewIncident, wireTime } from "../../core/incident-view.ts";
import { findIncident } from "../../store/incidents.ts";
import { findIntegration } from "../../store/integrations.ts";
import { listTimeline } from "../../store/timeline.ts";
import type { ApiDeps } from "../deps.ts";
import { etagOf } from "../etag.ts";
import { openManualIncident } from "../manual-incident.ts";
import { answerPage, readPage } from "../paging.ts";
import { type Answer, type Caller, defineRoute, type Route } from "../route.ts";
import { IncidentCreate, IncidentView, TimelineView } from "../schemas/incidents.ts";
import { pageOf, pageParameters, strict } from "../schemas/shared.ts";

const tag = "incidents";

/** `/incidents`, `/incidents/{id}` and its timeline. */
export function incidentRoutes(deps: ApiDeps): readonly Route[] {
  return [create(deps), read(deps), timeline()];
}

/** An incident as it stands. */
export function answerIncident(incident: Incident, publicUrl: string): Answer {
  return { body: viewIncident(incident, publicUrl), etag: etagOf(incident.version) };
}

/** What timelines call whoever acts through the API. */
export function actorOf(caller: Caller): string {
  return caller.name;
}

function create(deps: ApiDeps): Route {
  return defineRoute("POST", "/incidents", {
    role: "responder",
    tag,
    summary: "Open an incident by hand",
    description: "It stays open until somebody resolves it.",
    body: IncidentCreate,
    answers: { 201: IncidentView },
    handle: async ({ caller, body, database, afterCommit }) => {
      const { organizationId } = caller;
      const integrationId = body.integration_id ?? NO_INTEGRATION;
      if (
        body.integration_id !== undefined &&
        (await findIntegration(database, organizationId, integrationId)) === null
      ) {
        throw new OverwatchError("NOT_FOUND");
      }
      const given = {
        organizationId,
        integrationId,
        title: body.title,
        description: body.description ?? "",
        severity: body.severity ?? "medium",
        labels: body.labels ?? {},
      };
      const id = await database.transaction((tx) => openManualIncident(tx, deps, given, actorOf(caller)));
      afterCommit(deps.wakeDeliver);
      const incident = await findIncident(database, organizationId, id);
      if (incident === null) throw new OverwatchError("INTERNAL");
      return {
        ...answerIncident(incident, deps.publicUrl()),
        status: 201,
        headers: { location: `/api/v1/incidents/${id}` },
      };
    },
  });
}

function read(deps: ApiDeps): Route {
  return defineRoute("GET", "/incidents/{id}", {
    role: "viewer",
    tag,
    summary: "Read an incident",
    answers: { 200: IncidentView },
    handle: async ({ caller, params, database }) => {
      const incident = await findIncident(database, caller.organizationId, params.id);
      if (incident === null) throw new OverwatchError("NOT_FOUND");
      return answerIncident(incident, deps.publicUrl());
    },
  });
}

function timeline(): Route {
  return defineRoute("GET", "/incidents/{id}/timeline", {
    role: "viewer",
    tag,
    summary: "Read an incident's timeline",
    query: strict(pageParameters),
    answers: { 200: pageOf(TimelineView) },
    handle: async ({ caller, params, query, database }) => {
      const page = readPage(query);
      if ((await findIncident(database, caller.organizationId, params.id)) === null)
        throw new OverwatchError("NOT_FOUND");
      const rows = await listTimeline(database, caller.organizationId, params.id, {
        before: page.before,
        limit: page.limit + 1,
      });
      const view = ({ incidentId: _incidentId, at, ...row }: (typeof rows)[number]) => ({ ...row, at: wireTime(at) });
      return { body: answerPage(query, page.limit, rows, view) };
    },
  });
}
