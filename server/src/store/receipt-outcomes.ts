import type { JsonObject } from "../core/json.ts";
import type { Transaction } from "../runtime/database.ts";
import { jsonbs, jsons, texts, uuids } from "./binary-array.ts";
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

/** Names the receipt of an outcome. */
export type FinishedReceipt = {
  readonly organizationId: string;
  readonly receiptId: string;
  readonly integrationId: string;
  readonly outcome: ReceiptOutcome;
};

/** Writes what became of receipts that this transaction has taken from the queue. A replay overwrites the outcome before it. */
export function insertOutcomes(tx: Transaction, finished: readonly FinishedReceipt[], now: number): void {
  tx.send(sql`
    insert into receipt_outcomes (organization_id, receipt_id, integration_id, status, reason, alert_ids, incident_ids,
      trace, processed_at)
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
      incident_ids = excluded.incident_ids, trace = excluded.trace, processed_at = excluded.processed_at`);
}
