import type { Queryable } from "../runtime/database.ts";
import { sql, timestamp } from "./sql.ts";

/**
 * Claims receipts inside a transaction that will be rolled back, as if they had just been queued; returns the ids of
 * those that do not wait already.
 */
export async function claimForDryRun(
  tx: Queryable,
  claim: {
    readonly nodeId: string;
    readonly organizationId: string;
    readonly leaseUntil: number;
    readonly receipts: readonly { readonly id: string; readonly integrationId: string }[];
  },
): Promise<ReadonlySet<string>> {
  const rows = await tx.rows<{ receipt_id: string }>(sql`
    insert into receipt_queue (organization_id, receipt_id, integration_id, attempts, lease_node, lease_until)
    select ${claim.organizationId}::uuid, given.receipt_id, given.integration_id, 1, ${claim.nodeId}::uuid,
      ${timestamp(claim.leaseUntil)}::timestamptz
    from unnest(${claim.receipts.map((receipt) => receipt.id)}::uuid[],
      ${claim.receipts.map((receipt) => receipt.integrationId)}::uuid[]) as given (receipt_id, integration_id)
    on conflict (organization_id, receipt_id) do nothing
    returning receipt_id`);
  return new Set(rows.map((row) => row.receipt_id));
}
