import type { Alert } from "../core/alert.ts";
import type { Severity } from "../core/severity.ts";
import type { Queryable } from "../runtime/database.ts";
import { firstUuidAt } from "../runtime/id.ts";
import { alertColumns } from "./alerts.ts";
import { joined, type Sql, sql } from "./sql.ts";

/** What a list of alerts is narrowed to; null does not narrow. Times are of first sight, epoch milliseconds. */
export type AlertFilter = {
  readonly integrationId: string | null;
  readonly incidentId: string | null;
  readonly status: Alert["status"] | null;
  readonly severity: Severity | null;
  readonly since: number | null;
  readonly until: number | null;
  /** Text that the title or the dedup key hold, whatever the case. */
  readonly q: string | null;
};

/** A page of alerts, newest first. */
export function listAlerts(
  db: Queryable,
  organizationId: string,
  filter: AlertFilter,
  page: { readonly before: string | null; readonly limit: number },
): Promise<readonly Alert[]> {
  const conditions: Sql[] = [sql`alerts.organization_id = ${organizationId}`];
  if (page.before !== null) conditions.push(sql`alerts.id < ${page.before}`);
  if (filter.since !== null) conditions.push(sql`alerts.id >= ${firstUuidAt(filter.since)}`);
  if (filter.until !== null) conditions.push(sql`alerts.id < ${firstUuidAt(filter.until)}`);
  if (filter.integrationId !== null) conditions.push(sql`alerts.integration_id = ${filter.integrationId}`);
  if (filter.incidentId !== null) conditions.push(sql`alerts.incident_id = ${filter.incidentId}`);
  if (filter.status !== null) conditions.push(sql`alerts.status = ${filter.status}`);
  if (filter.severity !== null) conditions.push(sql`alerts.severity = ${filter.severity}`);
  if (filter.q !== null) {
    const pattern = `%${filter.q.replaceAll(/[\\%_]/g, "\\$&")}%`;
    conditions.push(sql`(alerts.title ilike ${pattern} or alerts.dedup_key ilike ${pattern})`);
  }
  return db.rows<Alert>(sql`
    select ${alertColumns}
    from alerts
    where ${joined(conditions, " and ")}
    order by alerts.id desc
    limit ${page.limit}`);
}
