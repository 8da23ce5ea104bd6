import { countByFacet } from "../../core/facets.ts";
import type { Incident } from "../../core/incident.ts";
import { NO_INTEGRATION } from "../../core/incident.ts";
import { viewIncident } from "../../core/incident-view.ts";
import { countFacets, type FacetGroup } from "../../store/incident-facets.ts";
import { isUnresolvedOnly } from "../../store/incident-filter.ts";
import { listIncidents } from "../../store/incidents-read.ts";
import { findIntegrationsByIds } from "../../store/integrations.ts";
import type { ApiDeps } from "../deps.ts";
import { invalidField } from "../error-answer.ts";
import { readIncidentFilter } from "../incident-query.ts";
import { answerPlace, readPlace } from "../paging.ts";
import { defineRoute, type Route } from "../route.ts";
import { IncidentFacetQuery, IncidentFacetsView, IncidentListQuery } from "../schemas/incident-lists.ts";
import { IncidentView } from "../schemas/incidents.ts";
import { pageOf } from "../schemas/shared.ts";

const tag = "incidents";

/** `GET /incidents` and the counts beside it. */
export function incidentListRoutes(deps: ApiDeps): readonly Route[] {
  return [list(deps), facets()];
}

function list(deps: ApiDeps): Route {
  return defineRoute("GET", "/incidents", {
    role: "viewer",
    tag,
    summary: "List incidents",
    query: IncidentListQuery,
    answers: { 200: pageOf(IncidentView) },
    handle: async ({ caller, query, database }) => {
      const { after, limit } = readPlace(query);
      const filter = readIncidentFilter(query, caller);
      const sort = query.sort ?? "newest";
      if (!isUnresolvedOnly(filter) && (sort === "updated" || (filter.q !== null && sort !== "newest"))) {
        throw invalidField("sort", "this order needs `status` to be open, acknowledged or both");
      }
      const publicUrl = deps.publicUrl();
      const view = (row: Incident) => viewIncident(row, publicUrl);
      const page = await listIncidents(database, caller.organizationId, filter, { sort, after, limit });
      return { body: answerPlace(query, page.next, page.rows.map(view)) };
    },
  });
}

function facets(): Route {
  return defineRoute("GET", "/incidents/facets", {
    role: "viewer",
    tag,
    summary: "Count incidents by state, severity, integration and assignee",
    description: "Each of the four is counted under the filters of the other three.",
    query: IncidentFacetQuery,
    answers: { 200: IncidentFacetsView },
    handle: async ({ caller, query, database }) => {
      const filter = readIncidentFilter(query, caller);
      const { groups, isExact } = await countFacets(database, caller.organizationId, filter);
      const { total, counts } = countByFacet(groups, {
        status: { of: (row: FacetGroup) => row.status, chosen: filter.statuses },
        severity: { of: (row: FacetGroup) => row.severity, chosen: filter.severities },
        integration: { of: (row: FacetGroup) => row.integrationId, chosen: filter.integrationIds },
        assignee: { of: (row: FacetGroup) => row.assignee, chosen: filter.assignees },
      });
      const ids = counts.integration.flatMap(({ value }) => (value === null ? [] : [value])).slice(0, 200);
      const names = new Map(
        (await findIntegrationsByIds(database, caller.organizationId, ids)).map((one) => [one.id, one.name]),
      );
      const integration = counts.integration.slice(0, 200).map(({ value, count }) => ({
        value: value === NO_INTEGRATION ? null : value,
        name: names.get(value ?? "") ?? null,
        count,
      }));
      return {
        body: {
          total,
          is_exact: isExact,
          status: counts.status,
          severity: counts.severity,
          integration,
          assignee: counts.assignee.slice(0, 200),
        },
      };
    },
  });
}
