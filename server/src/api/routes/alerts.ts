import type { Static } from "typebox";
import { OverwatchError } from "../../core/errors.ts";
import { countByFacet } from "../../core/facets.ts";
import { viewAlert } from "../../core/incident-view.ts";
import { findAlert } from "../../store/alerts.ts";
import { type AlertFilter, type AlertGroup, countAlertFacets, listAlerts } from "../../store/alerts-read.ts";
import { findIntegrationsByIds } from "../../store/integrations.ts";
import { readLabels } from "../incident-query.ts";
import { answerPlace, readMoment, readPage } from "../paging.ts";
import { defineRoute, type Route } from "../route.ts";
import { AlertFacetQuery, AlertFacetsView, AlertListQuery } from "../schemas/alerts.ts";
import { AlertView } from "../schemas/incidents.ts";
import { pageOf } from "../schemas/shared.ts";

const tag = "alerts";
const MOST_INTEGRATIONS = 200;

/** `/alerts`, the counts beside it, and `/alerts/{id}`. */
export function alertRoutes(): readonly Route[] {
  return [list(), facets(), read()];
}

function readFilter(query: Static<typeof AlertFacetQuery>): AlertFilter {
  return {
    integrationIds: query.integration_id ?? null,
    incidentId: query.incident_id ?? null,
    statuses: query.status ?? null,
    severities: query.severity ?? null,
    labels: query.label === undefined ? null : readLabels(query.label),
    since: readMoment(query.since, "since"),
    until: readMoment(query.until, "until"),
    q: query.q ?? null,
  };
}

function list(): Route {
  return defineRoute("GET", "/alerts", {
    role: "viewer",
    tag,
    summary: "List alerts",
    query: AlertListQuery,
    answers: { 200: pageOf(AlertView) },
    handle: async ({ caller, query, database }) => {
      const page = readPage(query);
      const { rows, next } = await listAlerts(database, caller.organizationId, readFilter(query), page);
      return { body: answerPlace(query, next === null ? null : { id: next, key: 0 }, rows.map(viewAlert)) };
    },
  });
}

function facets(): Route {
  return defineRoute("GET", "/alerts/facets", {
    role: "viewer",
    tag,
    summary: "Count alerts by state, severity and integration",
    description: "Each of the three is counted under the filters of the other two.",
    query: AlertFacetQuery,
    answers: { 200: AlertFacetsView },
    handle: async ({ caller, query, database }) => {
      const { organizationId } = caller;
      const filter = readFilter(query);
      const { groups, isExact } = await countAlertFacets(database, organizationId, filter);
      const { total, counts } = countByFacet(groups, {
        status: { of: (row: AlertGroup) => row.status, chosen: filter.statuses },
        severity: { of: (row: AlertGroup) => row.severity, chosen: filter.severities },
        integration: { of: (row: AlertGroup) => row.integrationId, chosen: filter.integrationIds },
      });
      const { status, severity } = counts;
      const shown = counts.integration.slice(0, MOST_INTEGRATIONS);
      const ids = shown.flatMap(({ value }) => (value === null ? [] : [value]));
      const found = await findIntegrationsByIds(database, organizationId, ids);
      const names = new Map(found.map(({ id, name }) => [id, name]));
      const integration = shown.map(({ value, count }) => ({ value, name: names.get(value ?? "") ?? null, count }));
      return { body: { total, is_exact: isExact, status, severity, integration } };
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
