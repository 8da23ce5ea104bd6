import type { Queryable } from "../runtime/database.ts";
import { uuids } from "./binary-array.ts";
import { sql } from "./sql.ts";

/** A stored webhook as triage reads it. */
export type ReceiptPayload = {
  readonly organizationId: string;
  readonly id: string;
  readonly integrationId: string;
  readonly platform: string;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  readonly verifiedBy: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The id under which the request was answered and logged; absent where there was no request. */
  readonly requestId?: string;
  /** True when it was read before, so that this is a replay. */
  readonly isReplay: boolean;
};

/**
 * Reads receipts in the order of their ids until their bodies reach so many bytes, but at least one; what is left out
 * has to be asked for again.
 */
export function readReceiptPayloads(
  db: Queryable,
  keys: readonly { readonly organizationId: string; readonly receiptId: string }[],
  maxBytes: number,
): Promise<readonly ReceiptPayload[]> {
  return db.rows<ReceiptPayload>(sql`
    select
      sized.organization_id as "organizationId", sized.id, sized.integration_id as "integrationId", sized.platform,
      sized.received_at as "receivedAt", sized.verified_by as "verifiedBy", sized.request_id as "requestId", sized.headers, sized.body,
      exists (
        select from receipt_outcomes
        where receipt_outcomes.organization_id = sized.organization_id and receipt_outcomes.receipt_id = sized.id
      ) as "isReplay"
    from (
      select receipts.*, row_number() over by_id as place, sum(octet_length(body)) over by_id as total
      from unnest(${uuids(keys.map((key) => key.organizationId))}, ${uuids(keys.map((key) => key.receiptId))})
        as wanted (organization_id, id)
      cross join lateral (
        -- One row of one partition each; as a plain join it could be planned as reading every partition.
        select *
        from receipts
        where receipts.organization_id = wanted.organization_id and receipts.id = wanted.id
        offset 0
      ) receipts
      window by_id as (order by receipts.id)
    ) sized
    where sized.place = 1 or sized.total <= ${maxBytes}
    order by sized.id`);
}
