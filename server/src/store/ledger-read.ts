import type { Queryable } from "../runtime/database.ts";
import { nothing, type Sql, sql } from "./sql.ts";

/** What became of everything that matched an endpoint, or all endpoints of an organization. */
export type LedgerRow = {
  /** Counted when events were matched, apart from the deliveries. */
  readonly matched: number;
  readonly succeeded: number;
  readonly pending: number;
  readonly inFlight: number;
  readonly parked: number;
  readonly exhausted: number;
  readonly cancelled: number;
  /** When the duty last looked at the day that it has not looked at for longest, epoch milliseconds. */
  readonly checkedAt: number | null;
};

/** A ledger of one endpoint, deleted ones included. */
export type EndpointLedgerRow = LedgerRow & { readonly endpointId: string; readonly name: string };

/** The ledgers of all endpoints of an organization that anything has matched; one statement, so of one moment. */
export function listLedgers(db: Queryable, organizationId: string): Promise<readonly EndpointLedgerRow[]> {
  return db.rows<EndpointLedgerRow>(ledgers(organizationId, nothing));
}

/** The ledger of an endpoint that is not deleted; null when there is none. */
export async function readLedger(
  db: Queryable,
  organizationId: string,
  endpointId: string,
): Promise<EndpointLedgerRow | null> {
  const one = sql`and endpoint_id = ${endpointId}`;
  const rows = await db.rows<EndpointLedgerRow & { readonly isDeleted: boolean }>(ledgers(organizationId, one));
  return rows.find((row) => row.endpointId === endpointId && !row.isDeleted) ?? null;
}

/** An endpoint whose ledger did not balance when it was last looked at. */
export type UnbalancedEndpoint = {
  readonly id: string;
  readonly name: string;
  readonly isDeleted: boolean;
  /** Deliveries that are missing: matched, and not there. */
  readonly missing: number;
  /** Deliveries that are there, and were not matched. */
  readonly surplus: number;
};

/** What the duty has found so far, without counting anything: endpoints that do not balance, the worst first. */
export function listUnbalanced(db: Queryable, organizationId: string): Promise<readonly UnbalancedEndpoint[]> {
  return db.rows<UnbalancedEndpoint>(sql`
    select endpoints.id, endpoints.name, endpoints.deleted_at is not null as "isDeleted", found.missing, found.surplus
    from (
      select endpoint_id,
        coalesce(sum(-difference) filter (where difference < 0), 0)::bigint as missing,
        coalesce(sum(difference) filter (where difference > 0), 0)::bigint as surplus
      from ledger_days
      where organization_id = ${organizationId} and difference <> 0
      group by endpoint_id
    ) found
    join endpoints on endpoints.organization_id = ${organizationId} and endpoints.id = found.endpoint_id
    order by found.missing + found.surplus desc, endpoints.id`);
}

/**
 * When the duty last looked at any endpoint's newest day, epoch milliseconds; null when it has not yet. One look into the
 * primary key for each endpoint.
 */
export async function readLastLedgerCheck(db: Queryable, organizationId: string): Promise<number | null> {
  const rows = await db.rows<{ at: number | null }>(sql`
    select max(newest.checked_at) as at
    from endpoints
    cross join lateral (
      select checked_at
      from ledger_days
      where ledger_days.organization_id = endpoints.organization_id and ledger_days.endpoint_id = endpoints.id
        and checked_at is not null
      order by day desc
      limit 1
    ) newest
    where endpoints.organization_id = ${organizationId} and endpoints.deleted_at is null`);
  return rows[0]?.at ?? null;
}

function ledgers(organizationId: string, one: Sql): Sql {
  return sql`
    with stored as (
      select endpoint_id,
        count(*) filter (where status = 'succeeded') as succeeded,
        count(*) filter (where status = 'pending') as waiting,
        count(*) filter (where status = 'in_flight') as in_flight,
        count(*) filter (where status = 'exhausted') as exhausted,
        count(*) filter (where status = 'cancelled') as cancelled
      from deliveries
      where organization_id = ${organizationId} ${one}
      group by endpoint_id
    ),
    folded as (
      select endpoint_id, sum(matched) as matched, min(coalesce(checked_at, '-infinity')) as checked_at
      from ledger_days
      where organization_id = ${organizationId} ${one}
      group by endpoint_id
    ),
    appended as (
      select endpoint_id, sum(matched) as matched
      from ledger_entries
      where organization_id = ${organizationId} ${one}
      group by endpoint_id
    )
    select
      endpoints.id as "endpointId",
      endpoints.name,
      endpoints.deleted_at is not null as "isDeleted",
      (coalesce(folded.matched, 0) + coalesce(appended.matched, 0))::bigint as matched,
      coalesce(stored.succeeded, 0) as succeeded,
      case when blocked.is_blocked then 0 else coalesce(stored.waiting, 0) end as pending,
      coalesce(stored.in_flight, 0) as "inFlight",
      case when blocked.is_blocked then coalesce(stored.waiting, 0) else 0 end as parked,
      coalesce(stored.exhausted, 0) as exhausted,
      coalesce(stored.cancelled, 0) as cancelled,
      nullif(folded.checked_at, '-infinity') as "checkedAt"
    from endpoints
    join circuits on circuits.organization_id = endpoints.organization_id and circuits.endpoint_id = endpoints.id
    cross join lateral (select not endpoints.enabled or circuits.state <> 'closed' as is_blocked) blocked
    left join stored on stored.endpoint_id = endpoints.id
    left join folded on folded.endpoint_id = endpoints.id
    left join appended on appended.endpoint_id = endpoints.id
    where endpoints.organization_id = ${organizationId}
      and (endpoints.deleted_at is null or stored.endpoint_id is not null or folded.endpoint_id is not null)
    order by endpoints.name, endpoints.id`;
}
