import type { Incident } from "../core/incident.ts";
import type { Severity } from "../core/severity.ts";
import type { Queryable } from "../runtime/database.ts";
import { MOST_LOOKED_AT } from "./bounded-walk.ts";
import { type IncidentFilter, rangeConditions, rowConditions, textCondition } from "./incident-filter.ts";
import { joined, sql } from "./sql.ts";

/** How many incidents share a state, a severity, an integration and an assignee. */
export type FacetGroup = {
  readonly status: Incident["status"];
  readonly severity: Severity;
  readonly integrationId: string;
  readonly assignee: string | null;
  readonly count: number;
};

/** The groups, and whether everything was counted or the newest MOST_LOOKED_AT of each kind only. */
export type FacetGroups = { readonly groups: readonly FacetGroup[]; readonly isExact: boolean };

/**
 * Counts incidents under the filters that are no facets themselves: time, text, labels and flapping. Unresolved and
 * resolved ones are looked at up to MOST_LOOKED_AT each, newest first.
 */
export async function countFacets(db: Queryable, organizationId: string, filter: IncidentFilter): Promise<FacetGroups> {
  const range = joined(rangeConditions(organizationId, filter), " and ");
  const { flapping, labels, q } = filter;
  const rest = [...rowConditions({ flapping, labels }), ...(q === null ? [] : [textCondition(q)])];
  const look = (state: ReturnType<typeof sql>) => sql`(
      select status, severity, integration_id, assignee, flapping, labels, title, number
      from incidents
      where ${range} and ${state}
      order by id desc
      limit ${MOST_LOOKED_AT})`;
  const rows = await db.rows<FacetGroup & { readonly lookedAt: number }>(sql`
    select status, severity, integration_id as "integrationId", assignee,
      count(*) filter (where ${rest.length === 0 ? sql`true` : joined(rest, " and ")})::int as count,
      count(*)::int as "lookedAt"
    from (${look(sql`status <> 'resolved'`)} union all ${look(sql`status = 'resolved'`)}) looked_at
    group by status, severity, integration_id, assignee`);
  const lookedAt = (isResolved: boolean): number =>
    rows.reduce((sum, row) => sum + ((row.status === "resolved") === isResolved ? row.lookedAt : 0), 0);
  return {
    groups: rows.filter((row) => row.count > 0),
    isExact: lookedAt(true) < MOST_LOOKED_AT && lookedAt(false) < MOST_LOOKED_AT,
  };
}
