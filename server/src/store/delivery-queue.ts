import type { JsonObject } from "../core/json.ts";
import type { Queryable } from "../runtime/database.ts";
import type { Failover } from "./failovers.ts";
import { json, sql, timestamp } from "./sql.ts";

/** What to claim of one endpoint; `probeUntil` (epoch milliseconds) is set when it is to be a probe of its circuit. */
export type ClaimPick = {
  readonly organizationId: string;
  readonly endpointId: string;
  readonly rows: number;
  readonly probeUntil: number | null;
  readonly circuitState: "closed" | "open" | "half_open";
  readonly circuitFailures: number;
  /** The only delivery that is wanted now, because a person forces it; else null. */
  readonly forcedDeliveryId: string | null;
};

/** A delivery that this node may send until its lease ends. */
export type ClaimedDelivery = {
  readonly organizationId: string;
  readonly id: string;
  readonly endpointId: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly incidentId: string | null;
  /** Epoch milliseconds. */
  readonly eventAt: number;
  /** The attempt about to be made, counted from 1; also the fencing token of this claim. */
  readonly attempt: number;
  /** Attempts that count for the retry policy, this one included. */
  readonly policyAttempt: number;
  /** From when the retry policy's horizon runs, epoch milliseconds. */
  readonly retrySince: number;
  readonly payload: JsonObject;
  /** What the endpoint's earlier answers told of the incident. */
  readonly link: JsonObject;
  /** How often what the incident is made of went through an Overwatch before. */
  readonly hops: number;
  /** What it stands for when it goes to a fallback, else null. */
  readonly failover: Failover | null;
  readonly circuitState: "closed" | "open" | "half_open";
  readonly circuitFailures: number;
};

/**
 * Claims the longest due deliveries of the endpoints that were picked. Of an endpoint whose circuit is to be probed one
 * node gets one delivery, and one node gets a delivery that a person forces; whoever comes second gets nothing. The
 * attempt is counted here, before anything is sent.
 */
export async function claimDeliveries(
  db: Queryable,
  claim: {
    readonly nodeId: string;
    readonly now: number;
    readonly leaseUntil: number;
    readonly picks: readonly ClaimPick[];
  },
): Promise<readonly ClaimedDelivery[]> {
  const now = timestamp(claim.now);
  const column = <T>(pick: (one: ClaimPick) => T): T[] => claim.picks.map(pick);
  return db.rows<ClaimedDelivery>(sql`
    with chosen as (
      select *
      from unnest(
        ${column((pick) => pick.organizationId)}::uuid[], ${column((pick) => pick.endpointId)}::uuid[],
        ${column((pick) => pick.rows)}::int[], ${column((pick) => timestamp(pick.probeUntil))}::timestamptz[],
        ${column((pick) => pick.circuitState)}::text[], ${column((pick) => pick.circuitFailures)}::int[],
        ${column((pick) => pick.forcedDeliveryId)}::uuid[]
      ) as chosen (organization_id, endpoint_id, room, probe_until, state, consecutive_failures, forced_id)
    ),
    free as (
      select circuits.organization_id, circuits.endpoint_id, chosen.probe_until
      from chosen
      cross join lateral (
        select organization_id, endpoint_id
        from circuits
        where circuits.organization_id = chosen.organization_id
          and circuits.endpoint_id = chosen.endpoint_id
          and (
            (
              chosen.probe_until is not null
              and circuits.state in ('open', 'half_open')
              and circuits.next_probe_at <= ${now}
            )
            or (
              chosen.probe_until is null
              and circuits.state = 'closed'
              and circuits.forced_delivery_id = chosen.forced_id
            )
          )
        for update skip locked
      ) circuits
      where chosen.probe_until is not null or chosen.forced_id is not null
    ),
    singled_out as (
      update circuits
      set state = case when free.probe_until is null then circuits.state else 'half_open' end,
        next_probe_at = coalesce(free.probe_until, circuits.next_probe_at),
        forced_delivery_id = null,
        updated_at = ${now}
      from free
      where circuits.organization_id = free.organization_id and circuits.endpoint_id = free.endpoint_id
      returning circuits.endpoint_id
    ),
    picked as (
      select due.*, chosen.state, chosen.consecutive_failures
      from chosen
      cross join lateral (
        select deliveries.organization_id, deliveries.id, deliveries.next_attempt_at, deliveries.ctid as place
        from deliveries
        where deliveries.organization_id = chosen.organization_id
          and deliveries.endpoint_id = chosen.endpoint_id
          and deliveries.status = 'pending'
          and deliveries.next_attempt_at <= ${now}
          -- A forced one stands before all others, so that any may go in its place where it is to be a probe.
          and (chosen.forced_id is null or chosen.probe_until is not null or deliveries.id = chosen.forced_id)
        order by deliveries.next_attempt_at, deliveries.id
        limit chosen.room
        for update skip locked
      ) due
      where (chosen.probe_until is null and chosen.forced_id is null)
        or chosen.endpoint_id in (select endpoint_id from singled_out)
    ),
    claimed as (
      update deliveries
      set status = 'in_flight',
          attempt_count = attempt_count + 1,
          retry_count = retry_count + 1,
          next_attempt_at = null,
          lease_node = ${claim.nodeId},
          lease_until = ${timestamp(claim.leaseUntil)}
      where ctid = any(array(select place from picked))
      returning organization_id, id, endpoint_id, event_id, event_type, incident_id, event_at, attempt_count, retry_count,
        retry_since, failover
    )
    select
      claimed.organization_id as "organizationId",
      claimed.id,
      claimed.endpoint_id as "endpointId",
      claimed.event_id as "eventId",
      claimed.event_type as "eventType",
      claimed.incident_id as "incidentId",
      events.created_at as "eventAt",
      claimed.attempt_count as "attempt",
      claimed.retry_count as "policyAttempt",
      coalesce(claimed.retry_since, claimed.event_at) as "retrySince",
      events.payload,
      coalesce(links.captured, '{}') as "link",
      coalesce(incident_hops.hops, 0) as "hops",
      claimed.failover,
      picked.state as "circuitState",
      picked.consecutive_failures as "circuitFailures"
    from claimed
    join picked on picked.organization_id = claimed.organization_id and picked.id = claimed.id
    -- Row by row, each by its key: PostgreSQL cannot know how few there are and would read whole tables.
    join lateral (
      select created_at, payload, incident_id
      from events
      where events.organization_id = claimed.organization_id and events.id = claimed.event_id
      offset 0
    ) events on true
    left join lateral (
      select captured
      from links
      where links.organization_id = claimed.organization_id
        and links.endpoint_id = claimed.endpoint_id
        and links.incident_id = events.incident_id
      offset 0
    ) links on true
    left join lateral (
      select hops
      from incident_hops
      where incident_hops.organization_id = claimed.organization_id and incident_hops.incident_id = events.incident_id
      offset 0
    ) incident_hops on true
    order by picked.next_attempt_at, picked.id`);
}

/** Names a claim: the attempt is its fencing token. */
export type ClaimName = { readonly organizationId: string; readonly id: string; readonly attempt: number };

/** Moves the end of leases that this node still holds; returns the ids that it does hold. */
export async function extendDeliveryLeases(
  db: Queryable,
  nodeId: string,
  claims: readonly ClaimName[],
  leaseUntil: number,
): Promise<readonly string[]> {
  const rows = await db.rows<{ id: string }>(sql`
    update deliveries
    set lease_until = ${timestamp(leaseUntil)}
    from unnest(${claims.map((claim) => claim.organizationId)}::uuid[], ${claims.map((claim) => claim.id)}::uuid[],
                ${claims.map((claim) => claim.attempt)}::int[]) as held (organization_id, id, attempt)
    where deliveries.organization_id = held.organization_id
      and deliveries.id = held.id
      and deliveries.status = 'in_flight'
      and deliveries.lease_node = ${nodeId}
      and deliveries.attempt_count = held.attempt
    returning deliveries.id`);
  return rows.map((row) => row.id);
}

/** Gives claims back that were never sent: the attempt is taken back, too. */
export async function releaseDeliveries(
  db: Queryable,
  nodeId: string,
  claims: readonly ClaimName[],
  now: number,
): Promise<void> {
  await db.rows(sql`
    update deliveries
    set status = 'pending',
        attempt_count = attempt_count - 1,
        retry_count = greatest(retry_count - 1, 0),
        next_attempt_at = ${timestamp(now)},
        lease_node = null,
        lease_until = null
    from unnest(${claims.map((claim) => claim.organizationId)}::uuid[], ${claims.map((claim) => claim.id)}::uuid[],
                ${claims.map((claim) => claim.attempt)}::int[]) as held (organization_id, id, attempt)
    where deliveries.organization_id = held.organization_id
      and deliveries.id = held.id
      and deliveries.status = 'in_flight'
      and deliveries.lease_node = ${nodeId}
      and deliveries.attempt_count = held.attempt`);
}

/** Deliveries whose lease has ended: their node did not answer for them. Locked until the transaction ends. */
export async function listExpiredDeliveries(
  tx: Queryable,
  now: number,
  limit: number,
): Promise<readonly (ClaimName & { readonly nodeId: string })[]> {
  return tx.rows(sql`
    select organization_id as "organizationId", id, attempt_count as "attempt", lease_node::text as "nodeId"
    from deliveries
    where status = 'in_flight' and lease_until < ${timestamp(now)}
    order by lease_until
    limit ${limit}
    for update skip locked`);
}

/**
 * Makes lost deliveries due again and writes down the attempt whose end nobody saw, so that the numbers of the attempts
 * have no gap. `attemptIds` names one new id per claim.
 */
export async function takeBackDeliveries(
  tx: Queryable,
  claims: readonly (ClaimName & { readonly nodeId: string })[],
  attemptIds: readonly string[],
  now: number,
): Promise<void> {
  await tx.rows(sql`
    with lost as (
      select *
      from unnest(${claims.map((claim) => claim.organizationId)}::uuid[], ${claims.map((claim) => claim.id)}::uuid[],
                  ${claims.map((claim) => claim.attempt)}::int[], ${claims.map((claim) => claim.nodeId)}::uuid[],
                  ${[...attemptIds]}::uuid[]) as lost (organization_id, id, attempt, node_id, attempt_id)
    ),
    freed as (
      update deliveries
      set status = 'pending', next_attempt_at = ${timestamp(now)}, lease_node = null, lease_until = null
      from lost
      where deliveries.organization_id = lost.organization_id and deliveries.id = lost.id
    )
    insert into attempts (organization_id, id, delivery_id, number, started_at, reason, message, request, node_id)
    select organization_id, attempt_id, id, attempt, ${timestamp(now)}, 'lost',
           'the node that made this attempt stopped before it wrote down how it ended', '{}', node_id
    from lost`);
}

/** What became of one attempt, ready to be written. */
export type RecordedAttempt = ClaimName & {
  readonly endpointId: string;
  readonly incidentId: string | null;
  readonly attemptId: string;
  /** True when it went to a fallback in another endpoint's place. */
  readonly isFailover: boolean;
  readonly status: "succeeded" | "pending" | "exhausted";
  /** True when what waits behind it is to be folded into its latest state. */
  readonly collapses: boolean;
  /** Epoch milliseconds; set exactly when the status is `pending`. */
  readonly nextAttemptAt: number | null;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly reason: string | null;
  readonly statusCode: number | null;
  readonly message: string | null;
  readonly timing: unknown;
  readonly request: unknown;
  readonly response: unknown;
};

/**
 * Writes attempts and what they mean for their deliveries in one statement. A delivery that is no longer this node's
 * is left alone and its attempt is not written; the ids that were written are returned.
 */
export async function recordAttempts(
  db: Queryable,
  nodeId: string,
  attempts: readonly RecordedAttempt[],
): Promise<readonly string[]> {
  const column = <T>(pick: (attempt: RecordedAttempt) => T): T[] => attempts.map(pick);
  const rows = await db.rows<{ id: string }>(sql`
    with given as (
      select *
      from unnest(
        ${column((a) => a.organizationId)}::uuid[], ${column((a) => a.id)}::uuid[], ${column((a) => a.attempt)}::int[],
        ${column((a) => a.attemptId)}::uuid[], ${column((a) => a.status)}::text[],
        ${column((a) => timestamp(a.nextAttemptAt))}::timestamptz[], ${column((a) => timestamp(a.startedAt))}::timestamptz[],
        ${column((a) => timestamp(a.finishedAt))}::timestamptz[], ${column((a) => a.reason)}::text[],
        ${column((a) => a.statusCode)}::int[], ${column((a) => a.message)}::text[],
        ${column((a) => json(a.timing))}::json[], ${column((a) => json(a.request))}::json[],
        ${column((a) => json(a.response))}::json[]
      ) as given (organization_id, id, attempt, attempt_id, status, next_attempt_at, started_at, finished_at, reason,
                  status_code, message, timing, request, response)
    ),
    written as (
      update deliveries
      set status = given.status,
          next_attempt_at = given.next_attempt_at,
          finished_at = case when given.status = 'pending' then null else given.finished_at end,
          last_error = case
            when given.reason is null then null
            else jsonb_build_object('reason', given.reason, 'status_code', given.status_code, 'message', given.message)
          end,
          lease_node = null,
          lease_until = null
      from given
      where deliveries.organization_id = given.organization_id
        and deliveries.id = given.id
        and deliveries.status = 'in_flight'
        and deliveries.lease_node = ${nodeId}
        and deliveries.attempt_count = given.attempt
      returning deliveries.organization_id, deliveries.id
    ),
    logged as (
      insert into attempts (organization_id, id, delivery_id, number, started_at, reason, status_code, message, timing,
                            request, response, node_id)
      select given.organization_id, given.attempt_id, given.id, given.attempt, given.started_at, given.reason,
             given.status_code, given.message, given.timing, given.request, given.response, ${nodeId}
      from given
      join written on written.organization_id = given.organization_id and written.id = given.id
    )
    select id
    from written`);
  return rows.map((row) => row.id);
}
