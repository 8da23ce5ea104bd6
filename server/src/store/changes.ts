import type { Queryable } from "../runtime/database.ts";
import { type DeliveryRow, type DeliveryStatus, deliveryColumns, deliverySource } from "./deliveries-read.ts";
import { outcomeOfEach, type ReceiptRow, type ReceiptStatus } from "./receipts-read.ts";
import { sql } from "./sql.ts";

/** A receipt as a live list needs it. */
export type ReceiptChange = Pick<ReceiptRow, "id" | "integrationId" | "reason" | "alertIds" | "incidentIds"> & {
  readonly status: ReceiptStatus;
};

/**
 * The states of receipts with ids behind `since`, newest first, and of those that are asked for: what came, and what
 * became of what waited. At most `limit` of the first kind.
 */
export function listReceiptStates(
  db: Queryable,
  organizationId: string,
  ask: { readonly since: string; readonly ids: readonly string[]; readonly limit: number },
): Promise<readonly ReceiptChange[]> {
  return db.rows<ReceiptChange>(sql`
    select receipts.id, receipts.integration_id as "integrationId",
      coalesce(receipt_outcomes.status, 'queued') as status, receipt_outcomes.reason,
      coalesce(receipt_outcomes.alert_ids, '{}') as "alertIds",
      coalesce(receipt_outcomes.incident_ids, '{}') as "incidentIds"
    from (
      (
        select organization_id, id, integration_id
        from receipts
        where organization_id = ${organizationId} and id > ${ask.since}
        order by id desc
        limit ${ask.limit}
      )
      union
      (
        select organization_id, id, integration_id
        from receipts
        where organization_id = ${organizationId} and id = any(${[...ask.ids]}::uuid[])
      )
    ) receipts
    left join ${outcomeOfEach}
    order by receipts.id desc`);
}

/** A delivery as a live list needs it. */
export type DeliveryChange = Pick<
  DeliveryRow,
  "id" | "endpointId" | "incidentId" | "eventType" | "attemptCount" | "nextAttemptAt" | "lastError"
> & { readonly status: DeliveryStatus };

/**
 * The states of deliveries that were made behind `since` or of which an attempt was, newest first: at most `limit` of
 * each. Attempts are only ever added, so they tell of every delivery that was tried.
 */
export function listDeliveryStates(
  db: Queryable,
  organizationId: string,
  ask: { readonly since: string; readonly limit: number },
): Promise<readonly DeliveryChange[]> {
  return db.rows<DeliveryChange>(sql`
    select ${deliveryColumns}
    from (
      select deliveries.*
      from (
        (
          select id
          from deliveries
          where organization_id = ${organizationId} and id > ${ask.since}
          order by id desc
          limit ${ask.limit}
        )
        union
        (
          select delivery_id as id
          from attempts
          where organization_id = ${organizationId} and id > ${ask.since}
          order by attempts.id desc
          limit ${ask.limit}
        )
      ) changed
      cross join lateral (
        select *
        from deliveries
        where deliveries.organization_id = ${organizationId} and deliveries.id = changed.id
        offset 0
      ) deliveries
    ) ${deliverySource}
    order by deliveries.id desc`);
}
