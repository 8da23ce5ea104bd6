import type { Queryable } from "../runtime/database.ts";
import { firstUuidAt } from "../runtime/id.ts";
import { joined, type Sql, sql, timestamp } from "./sql.ts";

/**
 * Makes a delivery due at once with its retry policy begun anew, finished ones too; false when it is under way or its
 * endpoint is gone.
 */
export async function retryDelivery(tx: Queryable, organizationId: string, id: string, now: number): Promise<boolean> {
  const rows = await tx.rows(sql`
    update deliveries
    set status = 'pending', next_attempt_at = ${timestamp(now)}, finished_at = null, retry_count = 0,
      retry_since = ${timestamp(now)}
    where organization_id = ${organizationId} and id = ${id} and status <> 'in_flight'
      and exists (
        select 1 from endpoints
        where endpoints.organization_id = deliveries.organization_id and endpoints.id = deliveries.endpoint_id
          and endpoints.deleted_at is null
      )
    returning id`);
  return rows.length > 0;
}

/** Cancels a delivery that waits; false when it does not wait: under way, or finished. */
export async function cancelDelivery(tx: Queryable, organizationId: string, id: string, now: number): Promise<boolean> {
  const rows = await tx.rows(sql`
    update deliveries
    set status = 'cancelled', next_attempt_at = null, finished_at = ${timestamp(now)}
    where organization_id = ${organizationId} and id = ${id} and status in ('pending', 'exhausted')
    returning id`);
  return rows.length > 0;
}

/** Which failed deliveries a bulk retry means; times are of creation, epoch milliseconds. */
export type FailedFilter = {
  readonly endpointId: string | null;
  readonly eventType: string | null;
  readonly statuses: readonly ("exhausted" | "cancelled")[];
  readonly since: number;
  readonly until: number;
};

function conditionsOf(organizationId: string, filter: FailedFilter): Sql {
  const conditions: Sql[] = [
    sql`deliveries.organization_id = ${organizationId}`,
    sql`deliveries.id >= ${firstUuidAt(filter.since)}`,
    sql`deliveries.id < ${firstUuidAt(filter.until)}`,
    sql`deliveries.status = any(${filter.statuses}::text[])`,
    sql`endpoints.deleted_at is null`,
  ];
  if (filter.endpointId !== null) conditions.push(sql`deliveries.endpoint_id = ${filter.endpointId}`);
  if (filter.eventType !== null) conditions.push(sql`deliveries.event_type = ${filter.eventType}`);
  return joined(conditions, " and ");
}

/** How many deliveries of each endpoint a bulk retry would make due again. */
export function countFailedDeliveries(
  db: Queryable,
  organizationId: string,
  filter: FailedFilter,
): Promise<readonly { readonly endpointId: string; readonly endpointName: string; readonly count: number }[]> {
  return db.rows(sql`
    select endpoints.id as "endpointId", endpoints.name as "endpointName", count(*) as count
    from deliveries
    join endpoints on endpoints.organization_id = deliveries.organization_id and endpoints.id = deliveries.endpoint_id
    where ${conditionsOf(organizationId, filter)}
    group by endpoints.id, endpoints.name
    order by endpoints.name, endpoints.id`);
}

/**
 * Makes up to `limit` failed deliveries due again, oldest first, `perSecond` of each endpoint at a time; returns how many.
 * Retry policies begin anew.
 */
export async function retryFailedDeliveries(
  tx: Queryable,
  organizationId: string,
  filter: FailedFilter,
  pace: { readonly now: number; readonly perSecond: number; readonly limit: number },
): Promise<number> {
  const rows = await tx.rows<{ count: number }>(sql`
    with picked as (
      select deliveries.organization_id, deliveries.id, deliveries.endpoint_id
      from deliveries
      join endpoints on endpoints.organization_id = deliveries.organization_id and endpoints.id = deliveries.endpoint_id
      where ${conditionsOf(organizationId, filter)}
      order by deliveries.id
      limit ${pace.limit}
      for update of deliveries skip locked
    ),
    numbered as (
      select organization_id, id, row_number() over (partition by endpoint_id order by id) - 1 as place
      from picked
    ),
    retried as (
      update deliveries
      set status = 'pending', finished_at = null, retry_count = 0, retry_since = ${timestamp(pace.now)},
        next_attempt_at = ${timestamp(pace.now)}::timestamptz
          + make_interval(secs => floor(numbered.place / ${pace.perSecond}::float8))
      from numbered
      where deliveries.organization_id = numbered.organization_id and deliveries.id = numbered.id
      returning deliveries.id
    )
    select count(*) as count from retried`);
  return rows[0]?.count ?? 0;
}

const CANCELLED_TOGETHER = 5_000;

/** Cancels what waits for endpoints that are deleted, some thousands at a time; false when nothing is left. */
export async function cancelDeliveriesOfDeletedEndpoints(db: Queryable, now: number): Promise<boolean> {
  const rows = await db.rows<{ count: number }>(sql`
    with waiting as (
      select deliveries.organization_id, deliveries.id
      from endpoints
      cross join lateral (
        select organization_id, id
        from deliveries
        where deliveries.organization_id = endpoints.organization_id and deliveries.endpoint_id = endpoints.id
          and deliveries.status = 'pending'
        limit ${CANCELLED_TOGETHER}
        for update skip locked
      ) deliveries
      where endpoints.deleted_at is not null
      limit ${CANCELLED_TOGETHER}
    ),
    cancelled as (
      update deliveries
      set status = 'cancelled', next_attempt_at = null, finished_at = ${timestamp(now)}
      from waiting
      where deliveries.organization_id = waiting.organization_id and deliveries.id = waiting.id
      returning deliveries.id
    )
    select count(*) as count from cancelled`);
  return (rows[0]?.count ?? 0) > 0;
}
