import type { EventType } from "../core/event.ts";
import type { Queryable } from "../runtime/database.ts";
import { booleans, ints, jsons, texts, timestamps, uuids } from "./binary-array.ts";
import type { NewDelivery } from "./deliveries.ts";
import { dayOfEvent } from "./ledger.ts";
import { sql, timestamp } from "./sql.ts";

/** What a delivery to a fallback says of the one that it stands for; templates read it as `failover`. */
export type Failover = {
  readonly delivery_id: string;
  readonly endpoint_id: string;
  readonly endpoint_name: string;
};

/** A delivery that waits for an endpoint which its fallback stands in for, with the ways of that fallback. */
export type FailingOver = {
  readonly organizationId: string;
  readonly id: string;
  readonly eventId: string;
  readonly eventType: EventType;
  /** Epoch milliseconds. */
  readonly eventAt: number;
  readonly incidentId: string | null;
  readonly sequence: number;
  readonly endpointId: string;
  readonly endpointName: string;
  readonly fallbackId: string;
  /** True when the event speaks of the fallback itself. */
  readonly isAboutFallback: boolean;
  /** True when the fallback keeps the order of an incident's events. */
  readonly isOrdered: boolean;
  /** True when the fallback has one of its own. */
  readonly canFailOver: boolean;
};

/**
 * Deliveries that their endpoint's fallback has to hear, oldest first: the endpoint is disabled, or its circuit has been
 * open for the minutes that its fallback waits. Locked until the transaction ends.
 */
export function listFailingOver(tx: Queryable, now: number, limit: number): Promise<readonly FailingOver[]> {
  return tx.rows<FailingOver>(sql`
    with away as (
      select endpoints.organization_id, endpoints.id, endpoints.name, fallbacks.id as fallback_id,
        fallbacks.delivery_order, fallbacks.fallback is not null as has_fallback
      from endpoints
      join circuits on circuits.organization_id = endpoints.organization_id and circuits.endpoint_id = endpoints.id
      join endpoints fallbacks
        on fallbacks.organization_id = endpoints.organization_id
        and fallbacks.id = (endpoints.fallback ->> 'endpoint_id')::uuid
      join circuits fallback_circuits
        on fallback_circuits.organization_id = fallbacks.organization_id
        and fallback_circuits.endpoint_id = fallbacks.id
      where endpoints.fallback is not null
        and endpoints.deleted_at is null
        and fallbacks.deleted_at is null
        and ((fallbacks.enabled and fallback_circuits.state <> 'disabled') or fallbacks.fallback is not null)
        and (
          not endpoints.enabled
          or circuits.state = 'disabled'
          or (
            circuits.state <> 'closed'
            and circuits.opened_at <= ${timestamp(now)}::timestamptz
              - make_interval(secs => 60 * (endpoints.fallback ->> 'after_minutes')::float8)
          )
        )
    )
    select waiting.organization_id as "organizationId", waiting.id, waiting.event_id as "eventId",
      waiting.event_type as "eventType", waiting.event_at as "eventAt", waiting.incident_id as "incidentId",
      waiting.sequence, away.id as "endpointId", away.name as "endpointName", away.fallback_id as "fallbackId",
      away.delivery_order = 'incident' as "isOrdered", away.has_fallback as "canFailOver",
      exists (
        select 1 from events
        where events.organization_id = waiting.organization_id and events.id = waiting.event_id
          and events.endpoint_id = away.fallback_id
      ) as "isAboutFallback"
    from away
    cross join lateral (
      select organization_id, id, event_id, event_type, event_at, incident_id, sequence
      from deliveries
      where deliveries.organization_id = away.organization_id
        and deliveries.endpoint_id = away.id
        and deliveries.can_fail_over
        and deliveries.status = 'pending'
      order by deliveries.id
      limit ${limit}
      for update skip locked
    ) waiting
    limit ${limit}`);
}

/** A delivery to a fallback, about to be stored. */
export type NewFailover = NewDelivery & { readonly failover: Failover };

/**
 * Stores deliveries to fallbacks and marks the ones they stand for, which fail over no second time. An endpoint that has
 * the event already does not get it again. Returns how many were stored.
 */
export async function insertFailovers(
  tx: Queryable,
  failovers: readonly NewFailover[],
  handled: readonly { readonly organizationId: string; readonly id: string }[],
): Promise<number> {
  const rows = await tx.rows<{ count: number }>(sql`
    with marked as (
      update deliveries
      set can_fail_over = false
      from unnest(${uuids(handled.map((one) => one.organizationId))}, ${uuids(handled.map((one) => one.id))})
        as handled (organization_id, id)
      where deliveries.organization_id = handled.organization_id and deliveries.id = handled.id
    ),
    stored as (
      insert into deliveries (organization_id, id, event_id, event_type, event_at, endpoint_id, incident_id, sequence,
        status, next_attempt_at, created_at, can_fail_over, failover_of, failover)
      select given.organization_id, given.id, given.event_id, given.event_type, given.event_at, given.endpoint_id,
        given.incident_id, given.sequence, 'pending', case when given.is_waiting then null else given.created_at end,
        given.created_at, given.can_fail_over, (given.failover ->> 'delivery_id')::uuid, given.failover::jsonb
      from unnest(
        ${uuids(failovers.map((one) => one.organizationId))}, ${uuids(failovers.map((one) => one.id))},
        ${uuids(failovers.map((one) => one.eventId))}, ${texts(failovers.map((one) => one.eventType))},
        ${timestamps(failovers.map((one) => one.eventAt))},
        ${uuids(failovers.map((one) => one.endpointId))}, ${uuids(failovers.map((one) => one.incidentId))},
        ${ints(failovers.map((one) => one.sequence))}, ${booleans(failovers.map((one) => one.isWaiting))},
        ${timestamps(failovers.map((one) => one.createdAt))}, ${booleans(failovers.map((one) => one.canFailOver))},
        ${jsons(failovers.map((one) => one.failover))}
      ) as given (organization_id, id, event_id, event_type, event_at, endpoint_id, incident_id, sequence, is_waiting,
        created_at, can_fail_over, failover)
      on conflict do nothing
      returning organization_id, event_id, endpoint_id
    ),
    heard as (
      select organization_id, event_id, array_agg(endpoint_id) as endpoint_ids
      from stored
      group by organization_id, event_id
    ),
    -- The ledger is held against these: a stand-in that is lost is missed like any other delivery.
    noted as (
      update events
      set matched_endpoint_ids = events.matched_endpoint_ids || heard.endpoint_ids
      from heard
      where events.organization_id = heard.organization_id and events.id = heard.event_id
    ),
    counted as (
      insert into ledger_entries (organization_id, endpoint_id, day, matched)
      select stored.organization_id, stored.endpoint_id, ${dayOfEvent(sql`stored.event_id`)}, count(*)
      from stored
      group by 1, 2, 3
    )
    select count(*) as count from stored`);
  return rows[0]?.count ?? 0;
}

/** One incident at an endpoint that has a fallback. */
export type FollowedIncident = {
  readonly organizationId: string;
  readonly endpointId: string;
  readonly incidentId: string;
  readonly fallbackId: string;
};

/** Which of these incidents the fallback has heard of in the endpoint's place, with what storing more of them needs. */
export function readFollowed(
  tx: Queryable,
  incidents: readonly FollowedIncident[],
): Promise<
  readonly (FollowedIncident & {
    readonly endpointName: string;
    readonly isOrdered: boolean;
    readonly canFailOver: boolean;
  })[]
> {
  return tx.rows(sql`
    select asked.organization_id as "organizationId", asked.endpoint_id as "endpointId",
      asked.incident_id as "incidentId", asked.fallback_id as "fallbackId", endpoints.name as "endpointName",
      fallbacks.delivery_order = 'incident' as "isOrdered", fallbacks.fallback is not null as "canFailOver"
    from unnest(${uuids(incidents.map((one) => one.organizationId))}, ${uuids(incidents.map((one) => one.endpointId))},
                ${uuids(incidents.map((one) => one.incidentId))}, ${uuids(incidents.map((one) => one.fallbackId))})
      as asked (organization_id, endpoint_id, incident_id, fallback_id)
    join endpoints on endpoints.organization_id = asked.organization_id and endpoints.id = asked.endpoint_id
    join endpoints fallbacks
      on fallbacks.organization_id = asked.organization_id and fallbacks.id = asked.fallback_id
      and fallbacks.deleted_at is null
    where exists (
      select 1
      from deliveries
      where deliveries.organization_id = asked.organization_id
        and deliveries.incident_id = asked.incident_id
        and deliveries.endpoint_id = asked.fallback_id
        and deliveries.failover ->> 'endpoint_id' = asked.endpoint_id::text
    )`);
}

/** Cancels the deliveries that these deliveries to fallbacks stand for, where the endpoint wants that and they wait. */
export async function cancelStoodInFor(
  tx: Queryable,
  failovers: readonly { readonly organizationId: string; readonly id: string }[],
  now: number,
): Promise<void> {
  await tx.rows(sql`
    update deliveries
    set status = 'cancelled', next_attempt_at = null, finished_at = ${timestamp(now)}, cancel_reason = 'failed_over',
      replaced_by = stand_ins.id
    from unnest(${uuids(failovers.map((one) => one.organizationId))}, ${uuids(failovers.map((one) => one.id))})
      as given (organization_id, id)
    join deliveries stand_ins
      on stand_ins.organization_id = given.organization_id and stand_ins.id = given.id
      and stand_ins.status = 'succeeded'
    join endpoints
      on endpoints.organization_id = given.organization_id
      and endpoints.id = (stand_ins.failover ->> 'endpoint_id')::uuid
      and endpoints.fallback ->> 'originals' = 'cancel'
    where deliveries.organization_id = given.organization_id
      and deliveries.id = stand_ins.failover_of
      and deliveries.status = 'pending'`);
}

/** Lets what waits for an endpoint fail over, up to so many of the oldest: for an endpoint that has just got a fallback. */
export async function adoptForFailover(
  tx: Queryable,
  organizationId: string,
  endpointId: string,
  limit: number,
): Promise<void> {
  await tx.rows(sql`
    update deliveries
    set can_fail_over = true
    where organization_id = ${organizationId}
      and id in (
        select id from deliveries waiting
        where waiting.organization_id = ${organizationId} and waiting.endpoint_id = ${endpointId}
          and waiting.status = 'pending' and not waiting.can_fail_over and waiting.event_type <> 'test.ping'
          and not exists (
            select 1 from deliveries stand_ins
            where stand_ins.organization_id = waiting.organization_id and stand_ins.failover_of = waiting.id
          )
        order by waiting.next_attempt_at, waiting.id
        limit ${limit}
        for update skip locked
      )`);
}

/** The delivery to a fallback that stands for a delivery, or null. */
export async function findStandIn(
  db: Queryable,
  organizationId: string,
  deliveryId: string,
): Promise<{ readonly id: string; readonly endpointId: string } | null> {
  const rows = await db.rows<{ id: string; endpointId: string }>(sql`
    select id, endpoint_id as "endpointId" from deliveries
    where organization_id = ${organizationId} and failover_of = ${deliveryId}`);
  return rows[0] ?? null;
}

/** The fallbacks of all endpoints of an organization, locked so that two changes cannot close a circle between them. */
export async function lockFallbacks(
  tx: Queryable,
  organizationId: string,
): Promise<ReadonlyMap<string, string | null>> {
  const rows = await tx.rows<{ id: string; fallbackId: string | null }>(sql`
    select id, fallback ->> 'endpoint_id' as "fallbackId"
    from endpoints
    where organization_id = ${organizationId} and deleted_at is null
    order by id
    for no key update`);
  return new Map(rows.map((row) => [row.id, row.fallbackId]));
}

/** The endpoints that fall back to one of these and are none of these themselves; call `lockFallbacks` before it. */
export function listFallbackUsers(
  tx: Queryable,
  organizationId: string,
  endpointIds: readonly string[],
): Promise<readonly { readonly id: string; readonly name: string }[]> {
  return tx.rows(sql`
    select id, name
    from endpoints
    where organization_id = ${organizationId} and deleted_at is null
      and (fallback ->> 'endpoint_id')::uuid = any(${[...endpointIds]}::uuid[])
      and id <> all(${[...endpointIds]}::uuid[])
    order by name, id`);
}
