import type { Queryable } from "../runtime/database.ts";
import { firstUuidAt } from "../runtime/id.ts";
import {
  type DeliveryRow,
  type DeliveryStatus,
  deliveryColumns,
  deliverySource,
  isEndpointBlocked,
} from "./deliveries-read.ts";
import { joined, type Sql, sql } from "./sql.ts";

/** What a list of deliveries is narrowed to; null does not narrow. Times are of creation, epoch milliseconds. */
export type DeliveryFilter = {
  readonly endpointIds: readonly string[] | null;
  readonly incidentId: string | null;
  readonly eventId: string | null;
  readonly eventTypes: readonly string[] | null;
  readonly statuses: readonly DeliveryStatus[] | null;
  /** Reasons of the last failed attempt. */
  readonly reasons: readonly string[] | null;
  readonly since: number | null;
  readonly until: number | null;
  /** Text in the message of the last failed attempt, or the id of a delivery. */
  readonly q: string | null;
};

/** A page and behind which id the list goes on; null at its end. */
export type WalkedPage<Row> = { readonly rows: readonly Row[]; readonly next: string | null };

const MOST_LOOKED_AT = 5_000;

/** A page of deliveries, newest first; looks at 5,000 at most, as lists of incidents do. */
export async function listDeliveries(
  db: Queryable,
  organizationId: string,
  filter: DeliveryFilter,
  page: { readonly before: string | null; readonly limit: number },
): Promise<WalkedPage<DeliveryRow>> {
  const range: Sql[] = [sql`organization_id = ${organizationId}`];
  if (page.before !== null) range.push(sql`id < ${page.before}`);
  if (filter.since !== null) range.push(sql`id >= ${firstUuidAt(filter.since)}`);
  if (filter.until !== null) range.push(sql`id < ${firstUuidAt(filter.until)}`);
  if (filter.incidentId !== null) range.push(sql`incident_id = ${filter.incidentId}`);
  if (filter.eventId !== null) range.push(sql`event_id = ${filter.eventId}`);
  const branches = branchesOf(filter);
  const rest = restOf(filter);
  // Where every row counts, no look needs more than the page has.
  const share = rest.length === 0 ? page.limit + 1 : Math.ceil(MOST_LOOKED_AT / branches.length);
  const wheres = branches.map((branch) => joined([...range, ...branch], " and "));
  const looks = wheres.map((where) => sql`(select * from deliveries where ${where} order by id desc limit ${share})`);
  const rows = await db.rows<DeliveryRow>(sql`
    select ${deliveryColumns}
    from (${joined(looks, " union all ")}) ${deliverySource}
    ${rest.length === 0 ? sql`` : sql`where ${joined(rest, " and ")}`}
    order by deliveries.id desc
    limit ${page.limit + 1}`);
  const shown = rows.slice(0, page.limit);
  if (rows.length > page.limit) return { rows: shown, next: shown.at(-1)?.id ?? null };
  if (rest.length === 0) return { rows: shown, next: null };
  const ends = wheres.map(
    (where) => sql`(select id from deliveries where ${where} order by id desc limit 1 offset ${share - 1})`,
  );
  const cut = await db.rows<{ id: string }>(joined(ends, " union all "));
  const end = cut
    .map((row) => row.id)
    .sort()
    .at(-1);
  // What lies behind the shortest look was looked at in part only.
  return end === undefined ? { rows: shown, next: null } : { rows: shown.filter((row) => row.id >= end), next: end };
}

/** One look along an index for each endpoint, and for the states that have indexes of their own. */
function branchesOf({ endpointIds, statuses }: DeliveryFilter): readonly (readonly Sql[])[] {
  const ofEndpoints = endpointIds === null ? [[]] : endpointIds.map((id) => [sql`endpoint_id = ${id}`]);
  const states = stateConditions(statuses);
  return ofEndpoints.flatMap((one) => states.map((state) => [...one, ...state]));
}

/** Written out word by word, so that the partial indexes of the states can be used. */
function stateConditions(statuses: readonly DeliveryStatus[] | null): readonly (readonly Sql[])[] {
  if (statuses === null || statuses.includes("succeeded") || statuses.includes("cancelled")) return [[]];
  const states: Sql[][] = [];
  if (statuses.includes("pending") || statuses.includes("parked")) states.push([sql`status = 'pending'`]);
  if (statuses.includes("in_flight")) states.push([sql`status = 'in_flight'`]);
  if (statuses.includes("exhausted")) states.push([sql`status = 'exhausted'`]);
  return states;
}

function restOf(filter: DeliveryFilter): readonly Sql[] {
  const rest: Sql[] = [];
  const { statuses, eventTypes, reasons, q } = filter;
  const needsLook = statuses?.some((status) => status !== "in_flight" && status !== "exhausted") ?? false;
  if (statuses !== null && needsLook) rest.push(sql`(${joined(statuses.map(statusCondition), " or ")})`);
  if (eventTypes !== null) rest.push(sql`deliveries.event_type = any(${[...eventTypes]}::text[])`);
  if (reasons !== null) rest.push(sql`deliveries.last_error ->> 'reason' = any(${[...reasons]}::text[])`);
  if (q !== null) {
    const pattern = `%${q.replaceAll(/[\\%_]/g, "\\$&")}%`;
    rest.push(sql`(deliveries.last_error ->> 'message' ilike ${pattern} or deliveries.id::text = lower(${q}))`);
  }
  return rest;
}

function statusCondition(status: DeliveryStatus): Sql {
  if (status === "pending") return sql`(deliveries.status = 'pending' and not ${isEndpointBlocked})`;
  if (status === "parked") return sql`(deliveries.status = 'pending' and ${isEndpointBlocked})`;
  return sql`deliveries.status = ${status}`;
}

/** Deliveries of some events, for the story of a receipt: at most so many, oldest first, with their endpoints' names. */
export function listDeliveriesOfEvents(
  db: Queryable,
  organizationId: string,
  eventIds: readonly string[],
  limit: number,
): Promise<readonly (DeliveryRow & { readonly endpointName: string })[]> {
  return db.rows(sql`
    select ${deliveryColumns}, endpoints.name as "endpointName"
    from ${deliverySource}
    where deliveries.organization_id = ${organizationId} and deliveries.event_id = any(${[...eventIds]}::uuid[])
    order by deliveries.id
    limit ${limit}`);
}
