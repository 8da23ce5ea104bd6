import { DEFAULT_CIRCUIT_POLICY } from "../core/circuit.ts";
import type { Queryable } from "../runtime/database.ts";
import { sql, timestamp } from "./sql.ts";

/** The breaker of an endpoint as it is stored; times are epoch milliseconds. */
export type CircuitRow = {
  readonly state: "closed" | "open" | "half_open" | "disabled";
  readonly consecutiveFailures: number;
  readonly failingDeliveryIds: readonly string[];
  readonly openedAt: number | null;
  readonly nextProbeAt: number | null;
  readonly heldBy: string | null;
  readonly probeCount: number;
  readonly diagnosis: string | null;
  readonly disabledReason: string | null;
};

const columns = sql`
  state, consecutive_failures as "consecutiveFailures", failing_delivery_ids as "failingDeliveryIds",
  opened_at as "openedAt", next_probe_at as "nextProbeAt", held_by as "heldBy", probe_count as "probeCount", diagnosis,
  disabled_reason as "disabledReason"`;

/** The circuit of an endpoint, or null when there is no such endpoint. */
export async function findCircuit(
  db: Queryable,
  organizationId: string,
  endpointId: string,
): Promise<CircuitRow | null> {
  const rows = await db.rows<CircuitRow>(sql`
    select ${columns} from circuits where organization_id = ${organizationId} and endpoint_id = ${endpointId}`);
  return rows[0] ?? null;
}

/** The same as `findCircuit`, locked until the transaction ends, so that two outcomes are counted one by one. */
export async function lockCircuit(
  tx: Queryable,
  organizationId: string,
  endpointId: string,
): Promise<CircuitRow | null> {
  const rows = await tx.rows<CircuitRow>(sql`
    select ${columns} from circuits
    where organization_id = ${organizationId} and endpoint_id = ${endpointId}
    for update`);
  return rows[0] ?? null;
}

/** The circuits of many endpoints of whatever organizations, each with its key. */
export function findCircuitsByIds(
  db: Queryable,
  keys: readonly { readonly organizationId: string; readonly id: string }[],
): Promise<readonly (CircuitRow & { readonly organizationId: string; readonly endpointId: string })[]> {
  return db.rows(sql`
    select organization_id as "organizationId", endpoint_id as "endpointId", ${columns}
    from circuits
    where (organization_id, endpoint_id) in (
      select * from unnest(${keys.map((key) => key.organizationId)}::uuid[], ${keys.map((key) => key.id)}::uuid[]))`);
}

/** Writes the whole state of a circuit. */
export async function saveCircuit(
  db: Queryable,
  organizationId: string,
  endpointId: string,
  circuit: CircuitRow,
  now: number,
): Promise<void> {
  await db.rows(sql`
    update circuits
    set state = ${circuit.state}, consecutive_failures = ${circuit.consecutiveFailures},
      failing_delivery_ids = ${circuit.failingDeliveryIds}::uuid[], opened_at = ${timestamp(circuit.openedAt)},
      next_probe_at = ${timestamp(circuit.nextProbeAt)}, held_by = ${circuit.heldBy}, probe_count = ${circuit.probeCount},
      diagnosis = ${circuit.diagnosis}, disabled_reason = ${circuit.disabledReason}, updated_at = ${timestamp(now)}
    where organization_id = ${organizationId} and endpoint_id = ${endpointId}`);
}

/** Names the delivery that passes next, whatever holds its endpoint back; to be called with the circuit locked. */
export async function saveForced(
  tx: Queryable,
  organizationId: string,
  endpointId: string,
  deliveryId: string,
  now: number,
): Promise<void> {
  await tx.rows(sql`
    update circuits
    set forced_delivery_id = ${deliveryId}, updated_at = ${timestamp(now)}
    where organization_id = ${organizationId} and endpoint_id = ${endpointId}`);
}

/**
 * Makes every open circuit due for a probe now, those that a person holds open left out: a node that has just started
 * should not wait for minutes to learn that a receiver is back. Returns how many.
 */
export async function probeOpenCircuits(db: Queryable, now: number): Promise<number> {
  const rows = await db.rows(sql`
    update circuits
    set next_probe_at = ${timestamp(now)}, updated_at = ${timestamp(now)}
    where state = 'open' and held_by is null and next_probe_at > ${timestamp(now)}
    returning endpoint_id`);
  return rows.length;
}

/** Some circuits that have been open for longer than their policy allows and that nobody holds open. */
export function listOverdueCircuits(
  db: Queryable,
  now: number,
  limit: number,
): Promise<readonly { readonly organizationId: string; readonly endpointId: string }[]> {
  return db.rows(sql`
    select circuits.organization_id as "organizationId", circuits.endpoint_id as "endpointId"
    from circuits
    join endpoints on endpoints.organization_id = circuits.organization_id and endpoints.id = circuits.endpoint_id
    where circuits.state in ('open', 'half_open')
      and circuits.next_probe_at is not null
      and circuits.held_by is null
      and endpoints.deleted_at is null
      and circuits.opened_at < ${timestamp(now)}::timestamptz - make_interval(
        secs => coalesce((endpoints.circuit->>'disable_after_seconds')::float8, ${DEFAULT_CIRCUIT_POLICY.disable_after_seconds}))
    limit ${limit}`);
}
