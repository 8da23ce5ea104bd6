import { FULL_PACE, type Pace } from "../core/pace.ts";
import type { Queryable } from "../runtime/database.ts";
import { sql, timestamp } from "./sql.ts";

const columns = sql`
  in_flight_limit as "limit", doubling_below as "doublingBelow", held_until as "heldUntil", pace_reason as "reason",
  lowered_at as "loweredAt"`;

/** The pace of an endpoint; to be called after its circuit was locked, which locks both. */
export async function readPace(tx: Queryable, organizationId: string, endpointId: string): Promise<Pace> {
  const rows = await tx.rows<Pace>(sql`
    select ${columns} from circuits where organization_id = ${organizationId} and endpoint_id = ${endpointId}`);
  return rows[0] ?? FULL_PACE;
}

/** Writes the whole pace of an endpoint. */
export async function savePace(
  db: Queryable,
  organizationId: string,
  endpointId: string,
  pace: Pace,
  now: number,
): Promise<void> {
  await db.rows(sql`
    update circuits
    set in_flight_limit = ${pace.limit}, doubling_below = ${pace.doublingBelow},
      held_until = ${timestamp(pace.heldUntil)}, pace_reason = ${pace.reason}, lowered_at = ${timestamp(pace.loweredAt)},
      updated_at = ${timestamp(now)}
    where organization_id = ${organizationId} and endpoint_id = ${endpointId}`);
}

/** The paces of many endpoints of whatever organizations, each with its key. */
export function findPacesByIds(
  db: Queryable,
  keys: readonly { readonly organizationId: string; readonly id: string }[],
): Promise<readonly (Pace & { readonly endpointId: string })[]> {
  return db.rows(sql`
    select endpoint_id as "endpointId", ${columns}
    from circuits
    where (organization_id, endpoint_id) in (
      select * from unnest(${keys.map((key) => key.organizationId)}::uuid[], ${keys.map((key) => key.id)}::uuid[]))`);
}

/** What a node must know of an endpoint that another node may have changed. */
export type SendingState = {
  readonly endpointId: string;
  readonly limit: number | null;
  /** True when nothing may be sent now but a probe or what a person forces. */
  readonly isBlocked: boolean;
};

/** The endpoints whose breaker, pace or switch was changed at or after a moment. */
export function listChangedStates(db: Queryable, since: number, now: number): Promise<readonly SendingState[]> {
  return db.rows<SendingState>(sql`
    select circuits.endpoint_id as "endpointId", circuits.in_flight_limit as "limit",
      circuits.state <> 'closed' or coalesce(circuits.held_until > ${timestamp(now)}, false)
        or not endpoints.enabled as "isBlocked"
    from circuits
    join endpoints on endpoints.organization_id = circuits.organization_id and endpoints.id = circuits.endpoint_id
    where circuits.updated_at >= ${timestamp(since)}`);
}

/** Lifts limits that nothing has lowered since a moment; returns how many. */
export async function forgetPaces(db: Queryable, loweredBefore: number, now: number): Promise<number> {
  const rows = await db.rows(sql`
    update circuits
    set in_flight_limit = null, held_until = null, pace_reason = null, doubling_below = 0, lowered_at = null,
      updated_at = ${timestamp(now)}
    where (in_flight_limit is not null or pace_reason is not null)
      and lowered_at < ${timestamp(loweredBefore)}
      and coalesce(held_until, '-infinity') <= ${timestamp(now)}
    returning endpoint_id`);
  return rows.length;
}
