import type { Queryable } from "../runtime/database.ts";
import { timestamps, uuids } from "./binary-array.ts";
import type { BulkRun } from "./bulk-runs.ts";
import { selectionConditions, selectionSource } from "./delivery-selection.ts";
import { noteMatched, noteReopened } from "./ledger.ts";
import { nothing, type Sql, sql, timestamp } from "./sql.ts";

/** A delivery that a step has changed or made. */
export type Touched = {
  readonly organizationId: string;
  readonly id: string;
  readonly eventId: string;
  readonly endpointId: string;
  readonly incidentId: string | null;
  /** True when what waits of an incident at this endpoint is to be folded. */
  readonly collapses: boolean;
};

// Clocks of two nodes are closer than this.
const SKEW_MS = 5_000;

/** The next deliveries of a run, locked until the transaction ends. */
export function pickDeliveries(tx: Queryable, run: BulkRun, limit: number): Promise<readonly Touched[]> {
  // What a run itself sends anew is never sent anew by it, not even when another node's clock is a little behind.
  const isOld = sql`(deliveries.resend_of is null or deliveries.created_at < ${timestamp(run.startedAt - SKEW_MS)})`;
  return tx.rows<Touched>(sql`
    select deliveries.organization_id as "organizationId", deliveries.id, deliveries.event_id as "eventId",
      deliveries.endpoint_id as "endpointId", deliveries.incident_id as "incidentId",
      endpoints.collapse and endpoints.delivery_order = 'incident' as "collapses"
    from ${selectionSource}
    where ${selectionConditions(run.organizationId, run.selection)} and deliveries.id > ${run.afterId}
      ${run.kind === "resend" ? sql`and ${isOld}` : nothing}
    order by deliveries.id
    limit ${limit}
    for update of deliveries`);
}

const given = (deliveries: readonly Touched[]): Sql => sql`
  ${uuids(deliveries.map((one) => one.organizationId))}, ${uuids(deliveries.map((one) => one.id))}`;

/** Makes picked deliveries due again, each at its moment, with their retry policies begun anew. */
export async function retryPicked(
  tx: Queryable,
  deliveries: readonly Touched[],
  dueAt: readonly number[],
  now: number,
): Promise<void> {
  await tx.rows(sql`
    update deliveries
    set status = 'pending', next_attempt_at = given.due_at, finished_at = null, retry_count = 0,
      retry_since = ${timestamp(now)}, cancel_reason = null
    from unnest(${given(deliveries)}, ${timestamps(dueAt)}) as given (organization_id, id, due_at)
    where deliveries.organization_id = given.organization_id and deliveries.id = given.id`);
  await noteReopened(tx, deliveries);
}

/** Calls picked deliveries off. */
export async function cancelPicked(tx: Queryable, deliveries: readonly Touched[], now: number): Promise<void> {
  await tx.rows(sql`
    update deliveries
    set status = 'cancelled', cancel_reason = 'by_hand', next_attempt_at = null, finished_at = ${timestamp(now)}
    from unnest(${given(deliveries)}) as given (organization_id, id)
    where deliveries.organization_id = given.organization_id and deliveries.id = given.id`);
  await noteReopened(tx, deliveries);
}

/**
 * Makes new deliveries of the same events, `freshIds` naming one each, and lets them speak for the picked ones: those
 * that still waited are cancelled. What was sent anew before is left out; returns those that were made.
 */
export async function resendPicked(
  tx: Queryable,
  deliveries: readonly Touched[],
  freshIds: readonly string[],
  dueAt: readonly number[],
  now: number,
): Promise<readonly Touched[]> {
  const rows = await tx.rows<{ id: string; resendOf: string }>(sql`
    insert into deliveries (organization_id, id, event_id, event_type, event_at, endpoint_id, incident_id, sequence,
      status, retry_since, next_attempt_at, created_at, resend_of)
    select old.organization_id, given.fresh_id, old.event_id, old.event_type, old.event_at, old.endpoint_id,
      old.incident_id, old.sequence, 'pending', ${timestamp(now)}, given.due_at, ${timestamp(now)}, old.id
    from unnest(${given(deliveries)}, ${uuids(freshIds)}, ${timestamps(dueAt)})
      as given (organization_id, id, fresh_id, due_at)
    join deliveries old on old.organization_id = given.organization_id and old.id = given.id
    on conflict (organization_id, event_id, endpoint_id, resend_of) do nothing
    returning id, resend_of as "resendOf"`);
  const freshOf = new Map(rows.map((row) => [row.resendOf, row.id]));
  const replaced = deliveries.filter((one) => freshOf.has(one.id));
  await tx.rows(sql`
    update deliveries
    set replaced_by = given.fresh_id,
      status = case when deliveries.status = 'pending' then 'cancelled' else deliveries.status end,
      cancel_reason = case when deliveries.status = 'pending' then 'resent' else deliveries.cancel_reason end,
      next_attempt_at = null,
      finished_at = coalesce(deliveries.finished_at, ${timestamp(now)})
    from unnest(${given(replaced)}, ${uuids(replaced.map((one) => freshOf.get(one.id) ?? null))})
      as given (organization_id, id, fresh_id)
    where deliveries.organization_id = given.organization_id and deliveries.id = given.id`);
  const made = replaced.map((one) => ({ ...one, id: freshOf.get(one.id) ?? one.id }));
  await noteMatched(tx, made);
  return made;
}
