import type { JsonObject } from "../core/json.ts";
import type { Queryable } from "../runtime/database.ts";
import { jsonbs, jsons, texts, uuids } from "./binary-array.ts";
import type { ReceiptClaim } from "./receipt-claims.ts";
import { placesOf } from "./receipt-queue.ts";
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
 * Writes outcomes and takes their receipts from the queue; returns the ids of those that were still this node's. When
 * one is missing the caller must roll back: the outcomes are written all the same. A replay overwrites the outcome
 * before it.
 */
export async function finishReceipts(
  tx: Queryable,
  nodeId: string,
  finished: readonly (ReceiptClaim & { readonly integrationId: string; readonly outcome: ReceiptOutcome })[],
  now: number,
): Promise<readonly string[]> {
  const rows = await tx.rows<{ receipt_id: string }>(sql`
    with gone as (
      delete from receipt_queue
      where ctid = any(${placesOf(nodeId, finished)})
      returning receipt_id
    ),
    written as (
      insert into receipt_outcomes (organization_id, receipt_id, integration_id, status, reason, alert_ids,
        incident_ids, trace, processed_at)
      select organization_id, receipt_id, integration_id, status, reason,
        array(select jsonb_array_elements_text(alert_ids)), string_to_array(incident_ids, ',')::uuid[], trace,
        ${timestamp(now)}
      from unnest(
        ${uuids(finished.map((one) => one.organizationId))}, ${uuids(finished.map((one) => one.receiptId))},
        ${uuids(finished.map((one) => one.integrationId))}, ${texts(finished.map((one) => one.outcome.status))},
        ${texts(finished.map((one) => one.outcome.reason))}, ${jsonbs(finished.map((one) => one.outcome.alertIds))},
        ${texts(finished.map((one) => one.outcome.incidentIds.join(",")))},
        ${jsons(finished.map((one) => one.outcome.trace))}
      ) as given (organization_id, receipt_id, integration_id, status, reason, alert_ids, incident_ids, trace)
      on conflict (organization_id, receipt_id) do update
      set status = excluded.status, reason = excluded.reason, alert_ids = excluded.alert_ids,
        incident_ids = excluded.incident_ids, trace = excluded.trace, processed_at = excluded.processed_at
    )
    select receipt_id
    from gone`);
  return rows.map((row) => row.receipt_id);
}
