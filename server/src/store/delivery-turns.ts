import type { Queryable } from "../runtime/database.ts";
import { uuids } from "./binary-array.ts";
import { type Sql, sql, timestamp } from "./sql.ts";

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
 * Puts the turns in order after their deliveries were changed by hand: the first one that has not ended is due, all
 * others wait for it. With one under way all others wait. Turns of endpoints that want no order are left alone.
 */
export async function settleTurns(tx: Queryable, turns: readonly Turn[], now: number): Promise<void> {
  if (turns.length === 0) return;
  // Locked first: a claim or an end that is under way is then seen by the statement that follows.
  await tx.rows(sql`
    select deliveries.id
    ${unfinishedOf(turns)}
    order by deliveries.id
    for update of deliveries`);
  await tx.rows(sql`
    with placed as (
      select deliveries.organization_id, deliveries.id,
        row_number() over (
          partition by deliveries.endpoint_id, deliveries.incident_id
          order by deliveries.status = 'in_flight' desc, deliveries.sequence, deliveries.id
        ) as place
      ${unfinishedOf(turns)}
    )
    update deliveries
    set next_attempt_at = case when placed.place = 1 then ${timestamp(now)}::timestamptz end
    from placed
    where deliveries.organization_id = placed.organization_id
      and deliveries.id = placed.id
      and deliveries.status = 'pending'
      and (placed.place = 1) = (deliveries.next_attempt_at is null)`);
}

function unfinishedOf(turns: readonly Turn[]): Sql {
  return sql`
    from (
      select distinct *
      from unnest(${uuids(turns.map((turn) => turn.organizationId))}, ${uuids(turns.map((turn) => turn.endpointId))},
                  ${uuids(turns.map((turn) => turn.incidentId))}) as given (organization_id, endpoint_id, incident_id)
    ) turns
    join endpoints
      on endpoints.organization_id = turns.organization_id
      and endpoints.id = turns.endpoint_id
      and endpoints.delivery_order = 'incident'
    join deliveries
      on deliveries.organization_id = turns.organization_id
      and deliveries.endpoint_id = turns.endpoint_id
      and deliveries.incident_id = turns.incident_id
      and deliveries.finished_at is null`;
}

/** How far a search for forgotten deliveries came. */
export type Forgotten = {
  readonly promoted: number;
  /** The last that was looked at, where the next search goes on; null when it has come to the end. */
  readonly last: string | null;
};

/**
 * Makes due what waits for a turn that nobody has: after a crash between an end and its promotion, a cancellation, or a
 * change of the endpoint's order. Looks at up to `limit` behind an id, oldest first, so that many that wait rightly do
 * not hide one that was forgotten.
 */
export async function promoteForgotten(
  db: Queryable,
  now: number,
  after: string | null,
  limit: number,
): Promise<Forgotten> {
  const rows = await db.rows<{ promoted: number; looked: number; last: string | null }>(sql`
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
        and (${after}::uuid is null or deliveries.id > ${after}::uuid)
      order by deliveries.id
      limit ${limit}
    ),
    promoted as (
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
    returning deliveries.id
    )
    select (select count(*) from promoted) as promoted, count(*) as looked,
      (array_agg(id order by id desc))[1] as last
    from waiting`);
  const { promoted = 0, looked = 0, last = null } = rows[0] ?? {};
  return { promoted, last: looked < limit ? null : last };
}
