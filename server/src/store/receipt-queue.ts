import type { Queryable } from "../runtime/database.ts";
import { ints, uuids } from "./binary-array.ts";
import type { ReceiptClaim } from "./receipt-claims.ts";
import { type Sql, sql, timestamp } from "./sql.ts";

/** True when any receipt waits or is being read; one cheap look, for a node that has nothing to do. */
export async function isQueueUsed(db: Queryable): Promise<boolean> {
  const rows = await db.rows(sql`select from receipt_queue order by organization_id, receipt_id limit 1`);
  return rows.length > 0;
}

/**
 * The rows that a node still holds of its claims, locked, as an array of row addresses: each is looked up by its key. A
 * join could be planned from the queue's side, and the queue may have grown a thousandfold since its plan was made.
 */
function placesOf(nodeId: string, claims: readonly ReceiptClaim[]): Sql {
  return sql`array(
    select mine.place
    from unnest(${uuids(claims.map((claim) => claim.organizationId))},
                ${uuids(claims.map((claim) => claim.receiptId))},
                ${ints(claims.map((claim) => claim.attempt))}) as held (organization_id, receipt_id, attempt)
    cross join lateral (
      select ctid as place
      from receipt_queue
      where organization_id = held.organization_id
        and receipt_id = held.receipt_id
        and lease_node = ${nodeId}
        and attempts = held.attempt
      for update
    ) mine)`;
}

/** Moves the end of leases that this node still holds; returns the receipts that it does hold. */
export async function extendReceiptLeases(
  db: Queryable,
  nodeId: string,
  claims: readonly ReceiptClaim[],
  leaseUntil: number,
): Promise<readonly string[]> {
  const rows = await db.rows<{ receipt_id: string }>(sql`
    update receipt_queue
    set lease_until = ${timestamp(leaseUntil)}
    where ctid = any(${placesOf(nodeId, claims)})
    returning receipt_id`);
  return rows.map((row) => row.receipt_id);
}

/** Gives claims back that were not worked on through no fault of theirs: the attempt is taken back, too. */
export async function releaseReceipts(db: Queryable, nodeId: string, claims: readonly ReceiptClaim[]): Promise<void> {
  await db.rows(sql`
    update receipt_queue
    set attempts = greatest(0, attempts - 1), lease_node = null, lease_until = null
    where ctid = any(${placesOf(nodeId, claims)})`);
}

/**
 * Writes down why an attempt failed and when the next may begin (epoch milliseconds); others go on meanwhile. False when
 * it was not ours.
 */
export async function postponeReceipt(
  db: Queryable,
  nodeId: string,
  claim: ReceiptClaim,
  error: string,
  notBefore: number,
): Promise<boolean> {
  const rows = await db.rows(sql`
    update receipt_queue
    set last_error = ${error}, lease_node = null, lease_until = ${timestamp(notBefore)}
    where organization_id = ${claim.organizationId}
      and receipt_id = ${claim.receiptId}
      and lease_node = ${nodeId}
      and attempts = ${claim.attempt}
    returning receipt_id`);
  return rows.length > 0;
}

/** Puts receipts into the queue again, for a replay; those that wait already stay as they are. */
export async function enqueueReceipts(
  db: Queryable,
  receipts: readonly { readonly organizationId: string; readonly receiptId: string; readonly integrationId: string }[],
): Promise<void> {
  await db.rows(sql`
    insert into receipt_queue (organization_id, receipt_id, integration_id)
    select * from unnest(${uuids(receipts.map((one) => one.organizationId))},
                         ${uuids(receipts.map((one) => one.receiptId))},
                         ${uuids(receipts.map((one) => one.integrationId))})
    on conflict (organization_id, receipt_id) do nothing`);
}

/** How many receipts wait, counted up to 100,000, and the id of the oldest, which tells its age. */
export async function readQueue(
  db: Queryable,
): Promise<{ readonly waiting: number; readonly oldestId: string | null }> {
  const rows = await db.rows<{ waiting: number; oldest: string | null }>(sql`
    select count(*)::int as waiting, min(receipt_id::text) as oldest
    from (select receipt_id from receipt_queue limit 100000) waiting`);
  return { waiting: rows[0]?.waiting ?? 0, oldestId: rows[0]?.oldest ?? null };
}

/** Takes receipts from the queue; returns the ids of those that were still this node's, for only these may be ended. */
export async function takeReceipts(
  db: Queryable,
  nodeId: string,
  claims: readonly ReceiptClaim[],
): Promise<readonly string[]> {
  const rows = await db.rows<{ receipt_id: string }>(sql`
    delete from receipt_queue
    where ctid = any(${placesOf(nodeId, claims)})
    returning receipt_id`);
  return rows.map((row) => row.receipt_id);
}
