import type { JsonObject } from "../core/json.ts";
import type { Queryable } from "../runtime/database.ts";
import { ints, jsonbs, jsons, texts, uuids } from "./binary-array.ts";
import { placesOf, type ReceiptClaim } from "./receipt-queue.ts";
import { sql, timestamp } from "./sql.ts";

/** What became of a receipt. */
export type ReceiptOutcome = {
  readonly status: "processed" | "ignored" | "quarantined" | "duplicate";
  readonly reason: string | null;
  /** The platform's own ids of the alerts. */
  readonly alertIds: readonly string[];
  readonly incidentIds: readonly string[];
  readonly trace: JsonObject;
};

/**
 * Writes outcomes and takes their receipts from the queue; a receipt that is no longer this node's is left alone. The
 * ids that were written are returned. A replay overwrites the outcome before it.
 */
export async function finishReceipts(
  tx: Queryable,
  nodeId: string,
  finished: readonly (ReceiptClaim & { readonly integrationId: string; readonly outcome: ReceiptOutcome })[],
  now: number,
): Promise<readonly string[]> {
  const rows = await tx.rows<{ receipt_id: string }>(sql`
    with given as (
      select *
      from unnest(
        ${uuids(finished.map((one) => one.organizationId))}, ${uuids(finished.map((one) => one.receiptId))},
        ${ints(finished.map((one) => one.attempt))}, ${uuids(finished.map((one) => one.integrationId))},
        ${texts(finished.map((one) => one.outcome.status))}, ${texts(finished.map((one) => one.outcome.reason))},
        ${jsonbs(finished.map((one) => one.outcome.alertIds))},
        ${texts(finished.map((one) => one.outcome.incidentIds.join(",")))},
        ${jsons(finished.map((one) => one.outcome.trace))}
      ) as given (organization_id, receipt_id, attempt, integration_id, status, reason, alert_ids, incident_ids, trace)
    ),
    gone as (
      delete from receipt_queue
      where ctid = any(${placesOf(nodeId, finished)})
      returning organization_id, receipt_id
    )
    insert into receipt_outcomes (organization_id, receipt_id, integration_id, status, reason, alert_ids, incident_ids,
      trace, processed_at)
    select given.organization_id, given.receipt_id, given.integration_id, given.status, given.reason,
      array(select jsonb_array_elements_text(given.alert_ids)),
      string_to_array(given.incident_ids, ',')::uuid[], given.trace, ${timestamp(now)}
    from given
    join gone on gone.organization_id = given.organization_id and gone.receipt_id = given.receipt_id
    on conflict (organization_id, receipt_id) do update
    set status = excluded.status, reason = excluded.reason, alert_ids = excluded.alert_ids,
      incident_ids = excluded.incident_ids, trace = excluded.trace, processed_at = excluded.processed_at
    returning receipt_id`);
  return rows.map((row) => row.receipt_id);
}
