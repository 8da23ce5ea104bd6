import { overrideCircuit } from "../core/circuit.ts";
import type { Queryable } from "../runtime/database.ts";
import { lockCircuit, saveCircuit, saveForced } from "./circuits.ts";
import { settleTurns, type Turn } from "./delivery-turns.ts";
import { noteReopened } from "./ledger.ts";
import { readPace } from "./paces.ts";
import { sql, timestamp } from "./sql.ts";

type Changed = {
  readonly organizationId: string;
  readonly eventId: string;
  readonly endpointId: string;
  readonly incidentId: string | null;
};

const changed = sql`
  organization_id as "organizationId", event_id as "eventId", endpoint_id as "endpointId", incident_id as "incidentId"`;

/** The turns that deliveries belong to. */
export function turnsOf(deliveries: readonly Omit<Changed, "eventId">[]): readonly Turn[] {
  return deliveries.flatMap(({ organizationId, endpointId, incidentId }) =>
    incidentId === null ? [] : [{ organizationId, endpointId, incidentId }],
  );
}

/**
 * Makes a delivery due with its retry policy begun anew, whatever its final state: at once, or when the earlier ones of
 * its incident have ended. False when it is under way or its endpoint is gone.
 */
export async function retryDelivery(tx: Queryable, organizationId: string, id: string, now: number): Promise<boolean> {
  const rows = await tx.rows<Changed>(sql`
    update deliveries
    set status = 'pending', next_attempt_at = ${timestamp(now)}, finished_at = null, retry_count = 0,
      retry_since = ${timestamp(now)}, cancel_reason = null, replaced_by = null
    where organization_id = ${organizationId} and id = ${id} and status <> 'in_flight'
      and exists (
        select 1 from endpoints
        where endpoints.organization_id = deliveries.organization_id and endpoints.id = deliveries.endpoint_id
          and endpoints.deleted_at is null
      )
    returning ${changed}`);
  await noteReopened(tx, rows);
  await settleTurns(tx, turnsOf(rows), now);
  return rows.length > 0;
}

/** What a forced delivery may pass: a breaker that is open or held open, a receiver's Retry-After, a lowered pace. */
export const FORCED_PAST = ["circuit_open", "circuit_held", "retry_after", "pace"] as const;

/** What of it a forced delivery has passed, or why it was not forced. */
export type Forced =
  | { readonly passed: readonly (typeof FORCED_PAST)[number][] }
  | "under_way"
  | "endpoint_disabled"
  | "not_its_turn"
  | "not_found";

/**
 * Retries a delivery past everything that holds its endpoint back: it is put before all that waits for it and sent alone,
 * and when the circuit is not closed the probe that is let through now is this delivery.
 */
export async function forceDelivery(tx: Queryable, organizationId: string, id: string, now: number): Promise<Forced> {
  const [found] = await tx.rows<{ endpointId: string; isEnabled: boolean }>(sql`
    select deliveries.endpoint_id as "endpointId", endpoints.enabled and endpoints.deleted_at is null as "isEnabled"
    from deliveries
    join endpoints on endpoints.organization_id = deliveries.organization_id and endpoints.id = deliveries.endpoint_id
    where deliveries.organization_id = ${organizationId} and deliveries.id = ${id}`);
  if (found === undefined) return "not_found";
  const circuit = await lockCircuit(tx, organizationId, found.endpointId);
  if (circuit === null || !found.isEnabled || circuit.state === "disabled") return "endpoint_disabled";
  if (!(await retryDelivery(tx, organizationId, id, now))) return "under_way";
  const rows = await tx.rows(sql`
    update deliveries
    set next_attempt_at = least(${timestamp(now)}::timestamptz, (
      select min(next_attempt_at)
      from deliveries earlier
      where earlier.organization_id = deliveries.organization_id and earlier.endpoint_id = deliveries.endpoint_id
        and earlier.status = 'pending'
    )) - interval '1 millisecond'
    where organization_id = ${organizationId} and id = ${id} and status = 'pending' and next_attempt_at is not null
    returning id`);
  if (rows.length === 0) return "not_its_turn";
  const { circuit: probed } = overrideCircuit(circuit, "probe", "a forced delivery", now);
  if (probed !== circuit) await saveCircuit(tx, organizationId, found.endpointId, probed, now);
  await saveForced(tx, organizationId, found.endpointId, id, now);
  const pace = await readPace(tx, organizationId, found.endpointId);
  const isHeld = circuit.state !== "closed" && circuit.heldBy !== null;
  const passed: (typeof FORCED_PAST)[number][] = [];
  if (circuit.state !== "closed") passed.push(isHeld ? "circuit_held" : "circuit_open");
  if (pace.heldUntil !== null && pace.heldUntil > now) passed.push("retry_after");
  if (pace.limit !== null) passed.push("pace");
  return { passed };
}

/** Cancels a delivery that waits or was given up, so that the next of its incident can go; false when it is in another state. */
export async function cancelDelivery(tx: Queryable, organizationId: string, id: string, now: number): Promise<boolean> {
  const rows = await tx.rows<Changed>(sql`
    update deliveries
    set status = 'cancelled', cancel_reason = 'by_hand', next_attempt_at = null, finished_at = ${timestamp(now)}
    where organization_id = ${organizationId} and id = ${id} and status in ('pending', 'exhausted')
    returning ${changed}`);
  await noteReopened(tx, rows);
  await settleTurns(tx, turnsOf(rows), now);
  return rows.length > 0;
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
      set status = 'cancelled', cancel_reason = 'endpoint_deleted', next_attempt_at = null,
        finished_at = ${timestamp(now)}
      from waiting
      where deliveries.organization_id = waiting.organization_id and deliveries.id = waiting.id
      returning deliveries.id
    )
    select count(*) as count from cancelled`);
  return (rows[0]?.count ?? 0) > 0;
}
