import type { Incident } from "../core/incident.ts";
import type { Severity } from "../core/severity.ts";
import { firstUuidAt } from "../runtime/id.ts";
import { json, type Sql, sql } from "./sql.ts";

/** What a list of incidents is narrowed to; null does not narrow. Times are of creation, epoch milliseconds. */
export type IncidentFilter = {
  readonly integrationIds: readonly string[] | null;
  readonly statuses: readonly Incident["status"][] | null;
  readonly severities: readonly Severity[] | null;
  /** Names, and null for incidents that nobody has. */
  readonly assignees: readonly (string | null)[] | null;
  readonly flapping: boolean | null;
  /** Labels with their values, all of which an incident has. */
  readonly labels: Readonly<Record<string, string>> | null;
  readonly since: number | null;
  readonly until: number | null;
  /** Text of the title, whatever the case; of resolved ones words, the last from its beginning; or a number. */
  readonly q: string | null;
};

/** No narrowing at all. */
export const ALL_INCIDENTS: IncidentFilter = {
  integrationIds: null,
  statuses: null,
  severities: null,
  assignees: null,
  flapping: null,
  labels: null,
  since: null,
  until: null,
  q: null,
};

/** The organization and the span of time: what every index can follow. */
export function rangeConditions(organizationId: string, filter: IncidentFilter): Sql[] {
  const conditions: Sql[] = [sql`organization_id = ${organizationId}`];
  if (filter.since !== null) conditions.push(sql`id >= ${firstUuidAt(filter.since)}`);
  if (filter.until !== null) conditions.push(sql`id < ${firstUuidAt(filter.until)}`);
  return conditions;
}

/** What is looked at row by row; state, severity, integration and assignee can be left to the caller. */
export function rowConditions(
  filter: Pick<IncidentFilter, "flapping" | "labels"> & Partial<IncidentFilter>,
): readonly Sql[] {
  const conditions: Sql[] = [];
  if (filter.integrationIds) conditions.push(sql`integration_id = any(${[...filter.integrationIds]}::uuid[])`);
  if (filter.severities) conditions.push(sql`severity = any(${[...filter.severities]}::text[])`);
  if (filter.assignees) conditions.push(assigneeCondition(filter.assignees));
  if (filter.flapping !== null) conditions.push(sql`flapping = ${filter.flapping}`);
  if (filter.labels !== null) conditions.push(sql`labels @> ${json(filter.labels)}::jsonb`);
  return conditions;
}

/** The constants let the planner use the small index of unresolved incidents. */
export function statusCondition(statuses: readonly Incident["status"][]): Sql {
  if (!statuses.includes("resolved")) return sql`status <> 'resolved' and status = any(${[...statuses]}::text[])`;
  if (statuses.length === 1) return sql`status = 'resolved'`;
  return sql`status = any(${[...statuses]}::text[])`;
}

function assigneeCondition(assignees: readonly (string | null)[]): Sql {
  const names = assignees.filter((one) => one !== null);
  const named = sql`assignee = any(${names}::text[])`;
  if (!assignees.includes(null)) return named;
  return names.length === 0 ? sql`assignee is null` : sql`(assignee is null or ${named})`;
}

/** True when resolved incidents are not asked for. */
export function isUnresolvedOnly({ statuses }: Pick<IncidentFilter, "statuses">): boolean {
  return statuses !== null && !statuses.includes("resolved");
}

/** What a search text finds row by row: the title or the number. */
export function textCondition(q: string): Sql {
  const number = numberIn(q);
  return number === null ? titleCondition(q) : sql`(${titleCondition(q)} or number = ${number})`;
}

/** The number of an incident when the text is one, as `42` or `#42`. */
export function numberIn(q: string): number | null {
  const digits = /^#?(\d{1,15})$/.exec(q)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** Text anywhere in the title, whatever the case. */
export function titleCondition(q: string): Sql {
  return sql`title ilike ${`%${q.replaceAll(/[\\%_]/g, "\\$&")}%`}`;
}
