import type { Database } from "../runtime/database.ts";
import type { ReceiptPayload } from "./receipt-payloads.ts";
import { sql, timestamp } from "./sql.ts";
import type { TriageIntegration } from "./triage-integrations.ts";

/** A receipt that this node may read until its lease ends; `attempt` is the fencing token. */
export type ClaimedReceipt = {
  readonly organizationId: string;
  readonly receiptId: string;
  readonly integrationId: string;
  /** Counted from 1, this attempt included. */
  readonly attempt: number;
  readonly lastError: string | null;
  /** What there is to read, where it came with the claim. */
  readonly content?: { readonly payload: ReceiptPayload; readonly integration: TriageIntegration };
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
 * rows costs as much as one with one.
 *
 * Receipts that were claimed before and never finished may have ended their process: they are claimed few at a time, and
 * alone after their second attempt, so that an attempt is counted for hardly any but the guilty one.
 *
 * As many bodies as fit into `contentBytes` come with the claims, so that a small batch is read at once.
 */
export async function claimReceipts(
  database: Pick<Database, "lossyRows">,
  claim: {
    readonly nodeId: string;
    readonly now: number;
    readonly leaseUntil: number;
    /** Organizations behind this id; the zero id is before all. */
    readonly after: string;
    readonly limit: number;
    readonly contentBytes: number;
  },
): Promise<readonly ClaimedReceipt[]> {
  const statement = sql`
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
    ),
    claimed as (
      update receipt_queue
      set attempts = attempts + 1, lease_node = ${claim.nodeId}, lease_until = ${timestamp(claim.leaseUntil)}
      where ctid = any(array(select place from picked))
      returning organization_id, receipt_id, integration_id, attempts, last_error
    ),
    sized as (
      select claimed.*, receipts.*,
        sum(octet_length(receipts.raw_body)) over (order by claimed.receipt_id) <= ${claim.contentBytes} as "hasContent"
      from claimed
      left join lateral (
        select platform as "sourcePlatform", received_at as "receivedAt", verified_by as "verifiedBy",
          request_id as "requestId", headers, body as raw_body
        from receipts
        where receipts.organization_id = claimed.organization_id and receipts.id = claimed.receipt_id
        offset 0
      ) receipts on true
    )
    select
      sized.organization_id as "organizationId", sized.receipt_id as "receiptId",
      sized.integration_id as "integrationId", sized.attempts as "attempt", sized.last_error as "lastError",
      sized."sourcePlatform", sized."receivedAt", sized."verifiedBy", sized."requestId", sized.headers,
      case when sized."hasContent" then sized.raw_body end as body,
      exists (
        select from receipt_outcomes
        where receipt_outcomes.organization_id = sized.organization_id
          and receipt_outcomes.receipt_id = sized.receipt_id
      ) as "isReplay",
      integrations.*
    from sized
    left join lateral (
      select name, platform, mapping, grouping, triage, version
      from integrations
      where integrations.organization_id = sized.organization_id and integrations.id = sized.integration_id
      offset 0
    ) integrations on true
    order by sized.receipt_id`;
  // A statement of its own before it: the claim must see what was committed before the lock was given.
  const lock = sql`select pg_advisory_xact_lock(${CLAIM_LOCK})`;
  const rows = await database.lossyRows<ClaimRow>(statement, lock);
  return rows.map(claimOf);
}

type ClaimRow = Omit<ClaimedReceipt, "content"> &
  Omit<TriageIntegration, "id" | "organizationId"> & {
    readonly sourcePlatform: string;
    readonly receivedAt: number;
    readonly verifiedBy: string;
    readonly requestId: string;
    readonly headers: Readonly<Record<string, string>>;
    /** Null when it did not fit, or is gone. */
    readonly body: Buffer | null;
    readonly isReplay: boolean;
    readonly version: number | null;
  };

function claimOf(row: ClaimRow): ClaimedReceipt {
  const { organizationId, receiptId, integrationId, attempt, lastError, body, version } = row;
  const claim = { organizationId, receiptId, integrationId, attempt, lastError };
  if (body === null || version === null) return claim;
  const { sourcePlatform, receivedAt, verifiedBy, requestId, headers, isReplay } = row;
  const { name, platform, mapping, grouping, triage } = row;
  return {
    ...claim,
    content: {
      payload: {
        organizationId,
        id: receiptId,
        integrationId,
        platform: sourcePlatform,
        receivedAt,
        verifiedBy,
        requestId,
        headers,
        body,
        isReplay,
      },
      integration: { organizationId, id: integrationId, name, platform, mapping, grouping, triage, version },
    },
  };
}
