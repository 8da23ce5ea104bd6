import type { Queryable } from "../runtime/database.ts";
import { nothing, type Sql, sql, timestamp } from "./sql.ts";

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
  /** The moment that the figures are of, epoch milliseconds. */
  readonly asOf: number;
  /** When the duty last looked at the day that it has not looked at for longest, epoch milliseconds. */
  readonly checkedAt: number | null;
};

/** A ledger of one endpoint, deleted ones included. */
export type EndpointLedgerRow = LedgerRow & { readonly endpointId: string; readonly name: string };

/** So many deliveries are counted when somebody asks; of more the figures of the last count are given. */
export const COUNTED_LIVE = 100_000;

// Those of one endpoint lie scattered among all others: each costs a page.
const COUNTED_LIVE_OF_ONE = 10_000;

/** The ledgers of all endpoints of an organization that anything has matched; one statement, so of one moment. */
export async function listLedgers(
  db: Queryable,
  organizationId: string,
  now: number,
  mostLive = COUNTED_LIVE,
): Promise<readonly EndpointLedgerRow[]> {
  const scope = { organizationId, one: nothing, now };
  return db.rows<EndpointLedgerRow>((await isLive(db, scope, mostLive)) ? live(scope) : lastCounted(scope));
}

/** The ledger of an endpoint that is not deleted; null when there is none. */
export async function readLedger(
  db: Queryable,
  organizationId: string,
  endpointId: string,
  now: number,
  mostLive = COUNTED_LIVE_OF_ONE,
): Promise<EndpointLedgerRow | null> {
  const scope = { organizationId, one: sql`and endpoint_id = ${endpointId}`, now };
  const statement = (await isLive(db, scope, mostLive)) ? live(scope) : lastCounted(scope);
  const rows = await db.rows<EndpointLedgerRow & { readonly isDeleted: boolean }>(statement);
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

type Scope = { readonly organizationId: string; readonly one: Sql; readonly now: number };

/** True where there is little enough to be counted now, and where nothing was counted yet. */
async function isLive(db: Queryable, { organizationId, one }: Scope, most: number): Promise<boolean> {
  const rows = await db.rows<{ isLive: boolean }>(sql`
    select coalesce(sum(matched), 0) <= ${most} or count(counted_at) = 0 as "isLive"
    from (
      select matched, counted_at
      from ledger_days
      where organization_id = ${organizationId} ${one}
      union all
      select matched, null
      from ledger_entries
      where organization_id = ${organizationId} ${one}
    ) counted`);
  return rows[0]?.isLive !== false;
}

function live(scope: Scope): Sql {
  const { organizationId, one, now } = scope;
  return ledgers(
    scope,
    sql`
    stored as (
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
    ),
    figures as (
      select endpoint_id, coalesce(folded.matched, 0) + coalesce(appended.matched, 0) as matched,
        stored.succeeded, stored.waiting, stored.in_flight, stored.exhausted, stored.cancelled,
        ${timestamp(now)}::timestamptz as as_of, folded.checked_at,
        stored.endpoint_id is not null or folded.endpoint_id is not null as is_worth_it
      from stored
      full join folded using (endpoint_id)
      full join appended using (endpoint_id)
    )`,
  );
}

/** The figures of the last count: of the moment when the day that may have changed was counted that waits for longest. */
function lastCounted(scope: Scope): Sql {
  const { organizationId, one } = scope;
  return ledgers(
    scope,
    sql`
    changed as (
      select distinct endpoint_id, day, true as is_changed
      from ledger_entries
      where organization_id = ${organizationId} ${one}
    ),
    figures as (
      select endpoint_id,
        -- What the count was held against, so that the equation is that of its moment.
        sum(succeeded + waiting + in_flight + exhausted + cancelled - difference) as matched,
        sum(succeeded) as succeeded, sum(waiting) as waiting, sum(in_flight) as in_flight,
        sum(exhausted) as exhausted, sum(cancelled) as cancelled,
        coalesce(
          min(counted_at) filter (
            where checked_at is null or waiting + in_flight > 0 or is_changed
          ),
          max(counted_at)
        ) as as_of,
        min(coalesce(checked_at, '-infinity')) as checked_at,
        true as is_worth_it
      from ledger_days
      left join changed using (endpoint_id, day)
      where organization_id = ${organizationId} ${one} and counted_at is not null
      group by endpoint_id
    )`,
  );
}

function ledgers({ organizationId, now }: Scope, figures: Sql): Sql {
  return sql`
    with ${figures}
    select
      endpoints.id as "endpointId",
      endpoints.name,
      endpoints.deleted_at is not null as "isDeleted",
      coalesce(figures.matched, 0)::bigint as matched,
      coalesce(figures.succeeded, 0)::bigint as succeeded,
      case when blocked.is_blocked then 0 else coalesce(figures.waiting, 0) end::bigint as pending,
      coalesce(figures.in_flight, 0)::bigint as "inFlight",
      case when blocked.is_blocked then coalesce(figures.waiting, 0) else 0 end::bigint as parked,
      coalesce(figures.exhausted, 0)::bigint as exhausted,
      coalesce(figures.cancelled, 0)::bigint as cancelled,
      coalesce(figures.as_of, ${timestamp(now)}::timestamptz) as "asOf",
      nullif(figures.checked_at, '-infinity') as "checkedAt"
    from endpoints
    join circuits on circuits.organization_id = endpoints.organization_id and circuits.endpoint_id = endpoints.id
    cross join lateral (select not endpoints.enabled or circuits.state <> 'closed' as is_blocked) blocked
    left join figures on figures.endpoint_id = endpoints.id
    where endpoints.organization_id = ${organizationId}
      and (endpoints.deleted_at is null or figures.is_worth_it)
    order by endpoints.name, endpoints.id`;
}
