import { Type } from "typebox";
import { OverwatchError } from "../../core/errors.ts";
import { viewAlert } from "../../core/incident-view.ts";
import { SEVERITIES } from "../../core/severity.ts";
import { findAlert } from "../../store/alerts.ts";
import { listAlerts } from "../../store/alerts-read.ts";
import { answerPage, readMoment, readPage } from "../paging.ts";
import { defineRoute, type Route } from "../route.ts";
import { AlertView } from "../schemas/incidents.ts";
import { oneOf, pageOf, pageParameters, strict, text, timeParameters, Uuid } from "../schemas/shared.ts";

const tag = "alerts";

/** `/alerts` and `/alerts/{id}`. */
export function alertRoutes(): readonly Route[] {
  return [list(), read()];
}

function list(): Route {
  return defineRoute("GET", "/alerts", {
    role: "viewer",
    tag,
    summary: "List alerts",
    query: strict({
      ...pageParameters,
      ...timeParameters,
      integration_id: Type.Optional(Uuid),
      incident_id: Type.Optional(Uuid),
      status: Type.Optional(oneOf(["firing", "resolved"])),
      severity: Type.Optional(oneOf(SEVERITIES)),
      q: Type.Optional(text(200, "Text that the title or the dedup key hold")),
    }),
    answers: { 200: pageOf(AlertView) },
    handle: async ({ caller, query, database }) => {
      const page = readPage(query);
      const filter = {
        integrationId: query.integration_id ?? null,
        incidentId: query.incident_id ?? null,
        status: query.status ?? null,
        severity: query.severity ?? null,
        since: readMoment(query.since, "since"),
        until: readMoment(query.until, "until"),
        q: query.q ?? null,
      };
      const rows = await listAlerts(database, caller.organizationId, filter, {
        before: page.before,
        limit: page.limit + 1,
      });
      return { body: answerPage(query, page.limit, rows, viewAlert) };
    },
  });
}

function read(): Route {
  return defineRoute("GET", "/alerts/{id}", {
    role: "viewer",
    tag,
    summary: "Read an alert",
    answers: { 200: AlertView },
    handle: async ({ caller, params, database }) => {
      const alert = await findAlert(database, caller.organizationId, params.id);
      if (alert === null) throw new OverwatchError("NOT_FOUND");
      return { body: viewAlert(alert) };
    },
  });
}
