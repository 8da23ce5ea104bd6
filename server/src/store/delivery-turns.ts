import type { Queryable } from "../runtime/database.ts";
import { uuids } from "./binary-array.ts";
import { sql, timestamp } from "./sql.ts";

/** One incident at one endpoint: its deliveries go out one after another. */
export type Turn = { readonly organizationId: string; readonly endpointId: string; readonly incidentId: string };

/** A text that names a turn. */
export function turnName(turn: Pick<Turn, "endpointId" | "incidentId">): string {
  return `${turn.endpointId} ${turn.incidentId}`;
}

/** Which of the turns have a delivery that has not ended; these are locked until the transaction ends. */
export async function lockUnfinishedTurns(tx: Queryable, turns: readonly Turn[]): Promise<readonly string[]> {
  const rows = await tx.rows<Turn>(sql`
    select deliveries.endpoint_id as "endpointId", deliveries.incident_id as "incidentId"
    from unnest(${uuids(turns.map((turn) => turn.organizationId))}, ${uuids(turns.map((turn) => turn.endpointId))},
                ${uuids(turns.map((turn) => turn.incidentId))}) as turns (organization_id, endpoint_id, incident_id)
    join deliveries
      on deliveries.organization_id = turns.organization_id
      and deliveries.endpoint_id = turns.endpoint_id
      and deliveries.incident_id = turns.incident_id
      and deliveries.finished_at is null
    order by deliveries.id
    for share of deliveries`);
  return rows.map(turnName);
}

/** Makes the next delivery of each turn due, where one waits; to be called after the one before it has ended. */
export async function promoteNext(db: Queryable, turns: readonly Turn[], now: number): Promise<number> {
  const rows = await db.rows(sql`
    update deliveries
    set next_attempt_at = ${timestamp(now)}
    from unnest(${uuids(turns.map((turn) => turn.organizationId))}, ${uuids(turns.map((turn) => turn.endpointId))},
                ${uuids(turns.map((turn) => turn.incidentId))}) as turns (organization_id, endpoint_id, incident_id)
    where exists (select 1 from deliveries where status = 'pending' and next_attempt_at is null)
      and deliveries.organization_id = turns.organization_id
      and deliveries.id = (
        select next.id
        from deliveries next
        where next.organization_id = turns.organization_id
          and next.endpoint_id = turns.endpoint_id
          and next.incident_id = turns.incident_id
          and next.finished_at is null
        order by next.sequence, next.id
        limit 1
      )
      and deliveries.status = 'pending'
      and deliveries.next_attempt_at is null
    returning deliveries.id`);
  return rows.length;
}

/**
 * Makes due what waits for a turn that nobody has: after a crash between an end and its promotion, a cancellation, or a
 * change of the endpoint's order. Looks at up to `limit` of those that have waited longest. Returns how many.
 */
export async function promoteForgotten(db: Queryable, now: number, limit: number): Promise<number> {
  const rows = await db.rows(sql`
    with waiting as (
      select deliveries.organization_id, deliveries.id, deliveries.endpoint_id, deliveries.incident_id,
        deliveries.sequence, endpoints.delivery_order
      from deliveries
      join endpoints
        on endpoints.organization_id = deliveries.organization_id and endpoints.id = deliveries.endpoint_id
      join circuits
        on circuits.organization_id = deliveries.organization_id and circuits.endpoint_id = deliveries.endpoint_id
      where deliveries.status = 'pending'
        and deliveries.next_attempt_at is null
        and circuits.state = 'closed'
      order by deliveries.id
      limit ${limit}
    )
    update deliveries
    set next_attempt_at = ${timestamp(now)}
    from waiting
    where deliveries.organization_id = waiting.organization_id
      and deliveries.id = waiting.id
      and deliveries.status = 'pending'
      and deliveries.next_attempt_at is null
      and (
        waiting.delivery_order = 'none'
        or not exists (
          select 1
          from deliveries earlier
          where earlier.organization_id = waiting.organization_id
            and earlier.endpoint_id = waiting.endpoint_id
            and earlier.incident_id = waiting.incident_id
            and earlier.finished_at is null
            and (earlier.sequence, earlier.id) < (waiting.sequence, waiting.id)
        )
      )
    returning deliveries.id`);
  return rows.length;
}
