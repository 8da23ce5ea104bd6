import type { Incident } from "../core/incident.ts";
import type { Severity } from "../core/severity.ts";
import type { Queryable } from "../runtime/database.ts";
import { firstUuidAt } from "../runtime/id.ts";
import { incidentColumns } from "./incidents.ts";
import { joined, type Sql, sql } from "./sql.ts";

/** What a list of incidents is narrowed to; null does not narrow. Times are of creation, epoch milliseconds. */
export type IncidentFilter = {
  readonly integrationId: string | null;
  readonly status: Incident["status"] | null;
  readonly severity: Severity | null;
  readonly since: number | null;
  readonly until: number | null;
  /** Text that title or description hold, whatever the case; or an incident's number. */
  readonly q: string | null;
};

/** A page of incidents, newest first. */
export function listIncidents(
  db: Queryable,
  organizationId: string,
  filter: IncidentFilter,
  page: { readonly before: string | null; readonly limit: number },
): Promise<readonly Incident[]> {
  const conditions: Sql[] = [sql`organization_id = ${organizationId}`];
  if (page.before !== null) conditions.push(sql`id < ${page.before}`);
  if (filter.since !== null) conditions.push(sql`id >= ${firstUuidAt(filter.since)}`);
  if (filter.until !== null) conditions.push(sql`id < ${firstUuidAt(filter.until)}`);
  if (filter.integrationId !== null) conditions.push(sql`integration_id = ${filter.integrationId}`);
  // The constant lets the planner use the small index of unresolved incidents.
  if (filter.status === "resolved") conditions.push(sql`status = 'resolved'`);
  else if (filter.status !== null) conditions.push(sql`status <> 'resolved' and status = ${filter.status}`);
  if (filter.severity !== null) conditions.push(sql`severity = ${filter.severity}`);
  if (filter.q !== null) conditions.push(matches(filter.q));
  return db.rows<Incident>(sql`
    select ${incidentColumns}
    from incidents
    where ${joined(conditions, " and ")}
    order by id desc
    limit ${page.limit}`);
}

function matches(q: string): Sql {
  const number = /^#?(\d{1,15})$/.exec(q)?.[1];
  const pattern = `%${q.replaceAll(/[\\%_]/g, "\\$&")}%`;
  const inText = sql`title ilike ${pattern} or description ilike ${pattern}`;
  return number === undefined ? sql`(${inText})` : sql`(number = ${Number(number)} or ${inText})`;
}
