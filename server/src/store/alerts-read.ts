import type { Alert } from "../core/alert.ts";
import type { Severity } from "../core/severity.ts";
import type { Queryable } from "../runtime/database.ts";
import { firstUuidAt } from "../runtime/id.ts";
import { alertColumns } from "./alerts.ts";
import { walkById } from "./bounded-walk.ts";
import { joined, json, type Sql, sql } from "./sql.ts";

/** What a list of alerts is narrowed to; null does not narrow. Times are of first sight, epoch milliseconds. */
export type AlertFilter = {
  readonly integrationIds: readonly string[] | null;
  readonly incidentId: string | null;
  readonly statuses: readonly Alert["status"][] | null;
  readonly severities: readonly Severity[] | null;
  /** Labels with their values, all of which an alert has. */
  readonly labels: Readonly<Record<string, string>> | null;
  readonly since: number | null;
  readonly until: number | null;
  /** Text that the title or the dedup key hold, whatever the case. */
  readonly q: string | null;
};

/** No narrowing at all. */
export const ALL_ALERTS: AlertFilter = {
  integrationIds: null,
  incidentId: null,
  statuses: null,
  severities: null,
  labels: null,
  since: null,
  until: null,
  q: null,
};

/** A page of alerts, newest first, and the id that the list goes on behind; null at its end. */
export function listAlerts(
  db: Queryable,
  organizationId: string,
  filter: AlertFilter,
  page: { readonly before: string | null; readonly limit: number },
): Promise<{ readonly rows: readonly Alert[]; readonly next: string | null }> {
  const range = [...rangeConditions(organizationId, filter)];
  if (page.before !== null) range.push(sql`id < ${page.before}`);
  const table = { table: sql`alerts`, columns: alertColumns, order: "newest" } as const;
  return walkById<Alert>(db, { ...table, range, limit: page.limit, ...branchesOf(filter) });
}

/** The conditions that an index follows, one set for each look, and those that are looked at row by row. */
function branchesOf(filter: AlertFilter): { readonly branches: readonly (readonly Sql[])[]; readonly rest: Sql[] } {
  const { integrationIds, incidentId, statuses, severities } = filter;
  const branch: Sql[] = [];
  const rest = [...rowConditions({ ...filter, incidentId: null })];
  if (severities !== null) rest.push(sql`severity = any(${[...severities]}::text[])`);
  if (incidentId !== null) branch.push(sql`incident_id = ${incidentId}`);
  const [status, ...others] = statuses ?? [];
  // Those that fire have an index of their own; nearly all others are resolved, which none has to say.
  if (status !== undefined && others.length === 0) {
    (status === "firing" ? branch : rest).push(statusCondition(status));
  }
  // Each integration by its own index, since one look at several of them would come in no order.
  return { branches: integrationIds?.map((id) => [...branch, sql`integration_id = ${id}`]) ?? [branch], rest };
}

/** How many alerts share a state, a severity and an integration. */
export type AlertGroup = Pick<Alert, "status" | "severity" | "integrationId"> & { readonly count: number };

/** Counts look at so many alerts of each state at most, the newest. */
const MOST_COUNTED = 10_000;

/**
 * Counts alerts under the filters that are no facets themselves: time, text, labels and incident; and whether all were
 * counted or the newest 10,000 of each state only.
 */
export async function countAlertFacets(
  db: Queryable,
  organizationId: string,
  filter: AlertFilter,
): Promise<{ readonly groups: readonly AlertGroup[]; readonly isExact: boolean }> {
  const range = joined(rangeConditions(organizationId, filter), " and ");
  const rest = rowConditions(filter);
  const look = (status: Alert["status"]) => sql`(
      select status, severity, integration_id, incident_id, labels, title, dedup_key
      from alerts
      where ${range} and ${statusCondition(status)}
      order by id desc
      limit ${MOST_COUNTED})`;
  const rows = await db.rows<AlertGroup & { readonly lookedAt: number }>(sql`
    select status, severity, integration_id as "integrationId",
      count(*) filter (where ${rest.length === 0 ? sql`true` : joined(rest, " and ")})::int as count,
      count(*)::int as "lookedAt"
    from (${look("firing")} union all ${look("resolved")}) looked_at
    group by status, severity, integration_id`);
  const lookedAt = (status: Alert["status"]): number =>
    rows.reduce((sum, row) => sum + (row.status === status ? row.lookedAt : 0), 0);
  return {
    groups: rows.filter((row) => row.count > 0),
    isExact: lookedAt("firing") < MOST_COUNTED && lookedAt("resolved") < MOST_COUNTED,
  };
}

/** The organization and the span of time: what every index can follow. */
function rangeConditions(organizationId: string, filter: AlertFilter): readonly Sql[] {
  const conditions: Sql[] = [sql`organization_id = ${organizationId}`];
  if (filter.since !== null) conditions.push(sql`id >= ${firstUuidAt(filter.since)}`);
  if (filter.until !== null) conditions.push(sql`id < ${firstUuidAt(filter.until)}`);
  return conditions;
}

/** What is no facet. */
function rowConditions(filter: AlertFilter): readonly Sql[] {
  const conditions: Sql[] = [];
  if (filter.incidentId !== null) conditions.push(sql`incident_id = ${filter.incidentId}`);
  if (filter.labels !== null) conditions.push(sql`labels @> ${json(filter.labels)}::jsonb`);
  if (filter.q !== null) {
    const pattern = `%${filter.q.replaceAll(/[\\%_]/g, "\\$&")}%`;
    conditions.push(sql`(title ilike ${pattern} or dedup_key ilike ${pattern})`);
  }
  return conditions;
}

/** The constants let the planner use the small index of firing alerts. */
function statusCondition(status: Alert["status"] | undefined): Sql {
  return status === "firing" ? sql`status = 'firing'` : sql`status = 'resolved'`;
}
