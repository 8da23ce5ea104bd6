import type { Queryable } from "../runtime/database.ts";
import { ints, uuids } from "./binary-array.ts";
import { type Sql, sql, timestamp } from "./sql.ts";

/** A receipt that this node may read until its lease ends; `attempt` is the fencing token. */
export type ClaimedReceipt = {
  readonly organizationId: string;
  readonly receiptId: string;
  readonly integrationId: string;
  /** Counted from 1, this attempt included. */
  readonly attempt: number;
  readonly lastError: string | null;
};

/** Names a claim. */
export type ReceiptClaim = Pick<ClaimedReceipt, "organizationId" | "receiptId" | "attempt">;

const LOOKED_AT = 1_200;
const SUSPECTS_A_CLAIM = 50;

/** At most so many organizations are served by one claim; `after` goes on behind them. */
export const ORGANIZATIONS_A_CLAIM = 200;

/** The advisory lock under which receipts are claimed, so that of two nodes the later sees what the earlier has taken. */
const CLAIM_LOCK = 7242;

/**
 * Claims waiting receipts, oldest first, with an equal share for every organization that waits, and counts the attempt.
 * While another node reads receipts of an organization nothing of it is claimed: its receipts are read in their order,
 * however many nodes there are. Organizations are found by hopping along the primary key, so that one with a million
 * rows costs as much as one with one. Call it in a transaction of its own.
 *
 * Receipts that were claimed before and never finished may have ended their process: they are claimed few at a time, and
 * alone after their second attempt, so that an attempt is counted for hardly any but the guilty one.
 */
export async function claimReceipts(
  tx: Queryable,
  claim: {
    readonly nodeId: string;
    readonly now: number;
    readonly leaseUntil: number;
    /** Organizations behind this id; the zero id is before all. */
    readonly after: string;
    readonly limit: number;
  },
): Promise<readonly ClaimedReceipt[]> {
  // A statement of its own: the next one must see what was committed before the lock was given.
  await tx.rows(sql`select pg_advisory_xact_lock(${CLAIM_LOCK})`);
  return tx.rows<ClaimedReceipt>(sql`
    with recursive hops as (
      (
        select organization_id, 1 as place
        from receipt_queue
        where organization_id > ${claim.after}::uuid
        order by organization_id
        limit 1
      )
      union all
      select next.organization_id, hops.place + 1
      from hops
      cross join lateral (
        select organization_id
        from receipt_queue
        where organization_id > hops.organization_id
        order by organization_id
        limit 1
      ) next
      where hops.place < ${ORGANIZATIONS_A_CLAIM}
    ),
    waiting as (
      select organization_id, ceil(${claim.limit}::numeric / greatest(1, count(*) over ()))::int as share
      from hops
      where not exists (
        -- Claims are oldest first, so those of another node stand at the head of the queue.
        select from (
          select lease_node, lease_until
          from receipt_queue
          where organization_id = hops.organization_id
          order by receipt_id
          limit ${LOOKED_AT}
        ) head
        where lease_node <> ${claim.nodeId} and lease_until >= ${timestamp(claim.now)}
      )
    ),
    free as (
      select waiting.organization_id, mine.receipt_id, mine.attempts, mine.place
      from waiting
      cross join lateral (
        select receipt_id, attempts, ctid as place
        from receipt_queue
        where organization_id = waiting.organization_id
          and (lease_until is null or lease_until < ${timestamp(claim.now)})
        order by receipt_id
        limit waiting.share
        for update skip locked
      ) mine
    ),
    headed as (
      select *, first_value(attempts) over queue as head, row_number() over queue as rank
      from free
      window queue as (partition by organization_id order by receipt_id)
    ),
    led as (
      select *, bool_and(attempts = head) over (partition by organization_id order by receipt_id) as is_led
      from headed
    ),
    picked as (
      select place
      from led
      where is_led and rank <= case head when 0 then ${claim.limit}::int when 1 then ${SUSPECTS_A_CLAIM}::int else 1 end
      limit ${claim.limit}
    )
    update receipt_queue
    set attempts = attempts + 1, lease_node = ${claim.nodeId}, lease_until = ${timestamp(claim.leaseUntil)}
    where ctid = any(array(select place from picked))
    returning
      receipt_queue.organization_id as "organizationId",
      receipt_queue.receipt_id as "receiptId",
      receipt_queue.integration_id as "integrationId",
      receipt_queue.attempts as "attempt",
      receipt_queue.last_error as "lastError"`);
}

/** True when any receipt waits or is being read; one cheap look, for a node that has nothing to do. */
export async function isQueueUsed(db: Queryable): Promise<boolean> {
  const rows = await db.rows(sql`select from receipt_queue order by organization_id, receipt_id limit 1`);
  return rows.length > 0;
}

/**
 * The rows that a node still holds of its claims, locked, as an array of row addresses: each is looked up by its key. A
 * join could be planned from the queue's side, and the queue may have grown a thousandfold since its plan was made.
 */
export function placesOf(nodeId: string, claims: readonly ReceiptClaim[]): Sql {
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

/** Takes receipts from the queue whose bytes are gone, so that nothing can be said of them any more. */
export async function dropReceipts(db: Queryable, nodeId: string, claims: readonly ReceiptClaim[]): Promise<void> {
  await db.rows(sql`
    delete from receipt_queue
    where ctid = any(${placesOf(nodeId, claims)})`);
}
