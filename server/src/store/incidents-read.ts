import type { Incident } from "../core/incident.ts";
import { SEVERITIES, severityRank } from "../core/severity.ts";
import type { Queryable } from "../runtime/database.ts";
import { walkById } from "./bounded-walk.ts";
import {
  type IncidentFilter,
  isUnresolvedOnly,
  rangeConditions,
  rowConditions,
  statusCondition,
  textCondition,
} from "./incident-filter.ts";
import { incidentColumns } from "./incidents.ts";
import { searchIncidents } from "./incidents-search.ts";
import { joined, type Sql, sql, timestamp } from "./sql.ts";

/** The orders of a list of incidents; `updated` is one of unresolved incidents alone. */
export const INCIDENT_SORTS = ["newest", "oldest", "updated", "severity"] as const;

/** The order of a list of incidents. */
export type IncidentSort = (typeof INCIDENT_SORTS)[number];

/** Behind which incident a list goes on: its id and what else the order looks at, its `updated_at` or its severity's rank. */
export type IncidentPlace = { readonly id: string; readonly key: number };

/** Which part of a list is asked for. */
export type IncidentPageAsk = {
  readonly sort: IncidentSort;
  readonly after: IncidentPlace | null;
  readonly limit: number;
};

/** A page of a list, and where it goes on; null at its end. */
export type IncidentPage = { readonly rows: readonly Incident[]; readonly next: IncidentPlace | null };

/** A page of incidents. What an index can follow is followed; the rest is looked at row by row, so many at most. */
export async function listIncidents(
  db: Queryable,
  organizationId: string,
  filter: IncidentFilter,
  page: IncidentPageAsk,
): Promise<IncidentPage> {
  if (filter.q !== null && !isUnresolvedOnly(filter)) {
    const rows = await searchIncidents(
      db,
      organizationId,
      { ...filter, q: filter.q },
      { before: page.after?.id ?? null, limit: page.limit + 1 },
    );
    return cut(rows, page.limit, placeById);
  }
  if (page.sort === "newest" || page.sort === "oldest") return walk(db, organizationId, filter, page);
  return isUnresolvedOnly(filter)
    ? sortUnresolved(db, organizationId, filter, page)
    : walkBySeverity(db, organizationId, filter, page);
}

const placeById = (row: Incident): IncidentPlace => ({ id: row.id, key: 0 });

function cut(rows: readonly Incident[], limit: number, placeOf: (row: Incident) => IncidentPlace): IncidentPage {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { rows: shown, next: last === undefined ? null : placeOf(last) };
}

/** Newest or oldest first. */
async function walk(
  db: Queryable,
  organizationId: string,
  filter: IncidentFilter,
  page: IncidentPageAsk,
): Promise<IncidentPage> {
  const order = page.sort === "oldest" ? "oldest" : "newest";
  const range = rangeConditions(organizationId, filter);
  if (page.after !== null) range.push(order === "oldest" ? sql`id > ${page.after.id}` : sql`id < ${page.after.id}`);
  const { rows, next } = await walkById<Incident>(db, {
    ...{ table: sql`incidents`, columns: incidentColumns, order, range, limit: page.limit },
    ...branchesOf(filter),
  });
  return { rows, next: next === null ? null : { id: next, key: 0 } };
}

/** The conditions that an index follows, one set for each look, and those that are looked at row by row. */
function branchesOf(filter: IncidentFilter): {
  readonly branches: readonly (readonly Sql[])[];
  readonly rest: readonly Sql[];
} {
  const { statuses, severities, integrationIds, q } = filter;
  const state = statuses === null ? [] : [statusCondition(statuses)];
  const text = q === null ? [] : [textCondition(q)];
  if (isUnresolvedOnly(filter)) {
    return { branches: [[sql`status <> 'resolved'`]], rest: [...state, ...rowConditions(filter), ...text] };
  }
  if (integrationIds !== null) {
    const branches = integrationIds.map((id) => [sql`integration_id = ${id}`]);
    return { branches, rest: [...state, ...rowConditions({ ...filter, integrationIds: null })] };
  }
  if (severities !== null) {
    const branches = severities.map((severity) => [sql`severity = ${severity}`]);
    return { branches, rest: [...state, ...rowConditions({ ...filter, severities: null })] };
  }
  return { branches: [[]], rest: [...state, ...rowConditions(filter)] };
}

/** Severity by severity, each newest first. */
async function walkBySeverity(
  db: Queryable,
  organizationId: string,
  filter: IncidentFilter,
  page: IncidentPageAsk,
): Promise<IncidentPage> {
  const rows: Incident[] = [];
  const { after } = page;
  for (const severity of SEVERITIES) {
    const key = severityRank(severity);
    if (filter.severities !== null && !filter.severities.includes(severity)) continue;
    if (after !== null && key < after.key) continue;
    if (rows.length === page.limit) {
      const last = rows.at(-1);
      return { rows, next: last === undefined ? null : { id: last.id, key: severityRank(last.severity) } };
    }
    const found = await walk(
      db,
      organizationId,
      { ...filter, severities: [severity] },
      { sort: "newest", after: after?.key === key ? after : null, limit: page.limit - rows.length },
    );
    rows.push(...found.rows);
    if (found.next !== null) return { rows, next: { id: found.next.id, key } };
  }
  return { rows, next: null };
}

/** Unresolved incidents are few enough to be sorted as a whole. */
async function sortUnresolved(
  db: Queryable,
  organizationId: string,
  filter: IncidentFilter,
  page: IncidentPageAsk,
): Promise<IncidentPage> {
  const { branches, rest } = branchesOf(filter);
  const where = [...rangeConditions(organizationId, filter), ...branches.flat(), ...rest];
  const { after } = page;
  const rank = sql`array_position(${[...SEVERITIES]}::text[], severity)`;
  if (page.sort === "updated") {
    if (after !== null) where.push(sql`(updated_at, id) < (${timestamp(after.key)}::timestamptz, ${after.id}::uuid)`);
  } else if (after !== null) {
    const place = after.key + 1;
    where.push(sql`(${rank} > ${place} or (${rank} = ${place} and id < ${after.id}))`);
  }
  const order = page.sort === "updated" ? sql`updated_at desc` : rank;
  const rows = await db.rows<Incident>(sql`
    select ${incidentColumns}
    from incidents
    where ${joined(where, " and ")}
    order by ${order}, id desc
    limit ${page.limit + 1}`);
  return cut(rows, page.limit, (row) => ({
    id: row.id,
    key: page.sort === "updated" ? row.updatedAt : severityRank(row.severity),
  }));
}
