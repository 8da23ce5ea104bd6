import { collapse } from "../core/collapse.ts";
import type { EventType } from "../core/event.ts";
import type { Queryable } from "../runtime/database.ts";
import { uuids } from "./binary-array.ts";
import { type Turn, turnName } from "./delivery-turns.ts";
import { sql, timestamp } from "./sql.ts";

type WaitingRow = Turn & { readonly id: string; readonly eventType: EventType; readonly hasHeard: boolean };

/**
 * Folds what waits of each turn into its latest state: what is superseded becomes cancelled, with the delivery that
 * speaks for it. What is under way is left alone. Returns how many were superseded; the caller promotes what is next.
 */
export async function collapseTurns(tx: Queryable, turns: readonly Turn[], now: number): Promise<number> {
  if (turns.length === 0) return 0;
  const rows = await lockWaiting(tx, turns);
  const superseded = [...Map.groupBy(rows, turnName).values()].flatMap((waiting) =>
    collapse(waiting, waiting[0]?.hasHeard ?? false).map((one) => ({
      ...one,
      organizationId: waiting[0]?.organizationId ?? "",
    })),
  );
  if (superseded.length === 0) return 0;
  await tx.rows(sql`
    update deliveries
    set status = 'cancelled', cancel_reason = 'collapsed', replaced_by = given.replaced_by, next_attempt_at = null,
      finished_at = ${timestamp(now)}
    from unnest(${uuids(superseded.map((one) => one.organizationId))}, ${uuids(superseded.map((one) => one.id))},
                ${uuids(superseded.map((one) => one.replacedBy))}) as given (organization_id, id, replaced_by)
    where deliveries.organization_id = given.organization_id and deliveries.id = given.id
      and deliveries.status = 'pending'`);
  return superseded.length;
}

function lockWaiting(tx: Queryable, turns: readonly Turn[]): Promise<readonly WaitingRow[]> {
  return tx.rows<WaitingRow>(sql`
    select deliveries.organization_id as "organizationId", deliveries.endpoint_id as "endpointId",
      deliveries.incident_id as "incidentId", deliveries.id, deliveries.event_type as "eventType",
      exists (
        select 1
        from deliveries told
        where told.organization_id = turns.organization_id
          and told.incident_id = turns.incident_id
          and told.endpoint_id = turns.endpoint_id
          and told.status = 'succeeded'
      ) as "hasHeard"
    from (
      select distinct *
      from unnest(${uuids(turns.map((turn) => turn.organizationId))}, ${uuids(turns.map((turn) => turn.endpointId))},
                  ${uuids(turns.map((turn) => turn.incidentId))}) as given (organization_id, endpoint_id, incident_id)
    ) turns
    join deliveries
      on deliveries.organization_id = turns.organization_id
      and deliveries.endpoint_id = turns.endpoint_id
      and deliveries.incident_id = turns.incident_id
      and deliveries.finished_at is null
    where deliveries.status = 'pending'
    order by deliveries.sequence, deliveries.id
    for update of deliveries`);
}
