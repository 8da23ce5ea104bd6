import type { JsonObject } from "../core/json.ts";
import type { Queryable } from "../runtime/database.ts";
import { firstUuidAt } from "../runtime/id.ts";
import { joined, type Sql, sql } from "./sql.ts";

/** What a receipt's way has led to; `queued` while triage has not read it. */
export const RECEIPT_STATUSES = ["queued", "processed", "ignored", "quarantined", "duplicate"] as const;

/** The state of a receipt. */
export type ReceiptStatus = (typeof RECEIPT_STATUSES)[number];

/** A receipt without its body; times are epoch milliseconds. */
export type ReceiptRow = {
  readonly id: string;
  readonly integrationId: string;
  readonly platform: string;
  readonly receivedAt: number;
  readonly sourceIp: string;
  readonly requestId: string;
  readonly deliveryId: string | null;
  readonly verifiedBy: string;
  readonly bodyBytes: number;
  readonly status: ReceiptStatus;
  readonly reason: string | null;
  readonly alertIds: readonly string[];
  readonly incidentIds: readonly string[];
  readonly processedAt: number | null;
};

/** A receipt with everything that is kept of it. */
export type FullReceipt = ReceiptRow & {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly trace: JsonObject | null;
};

/** Every column of a receipt without its body; its outcome has to be joined. */
export const receiptColumns = sql`
  receipts.id, receipts.integration_id as "integrationId", receipts.platform, receipts.received_at as "receivedAt",
  receipts.source_ip as "sourceIp", receipts.request_id as "requestId", receipts.delivery_id as "deliveryId",
  receipts.verified_by as "verifiedBy", octet_length(receipts.body) as "bodyBytes",
  coalesce(receipt_outcomes.status, 'queued') as status, receipt_outcomes.reason,
  coalesce(receipt_outcomes.alert_ids, '{}') as "alertIds",
  coalesce(receipt_outcomes.incident_ids, '{}') as "incidentIds", receipt_outcomes.processed_at as "processedAt"`;

const withOutcome = sql`
  receipt_outcomes on receipt_outcomes.organization_id = receipts.organization_id
    and receipt_outcomes.receipt_id = receipts.id`;

/**
 * The outcome of each receipt by its key, to join behind `receipts`: for thousands of receipts the planner would rather
 * read every outcome that there is.
 */
export const outcomeOfEach = sql`
  lateral (
    select status, reason, alert_ids, incident_ids, processed_at
    from receipt_outcomes
    where receipt_outcomes.organization_id = receipts.organization_id and receipt_outcomes.receipt_id = receipts.id
    offset 0
  ) receipt_outcomes on true`;

/** What a list of receipts is narrowed to; null does not narrow. Times are of receipt, epoch milliseconds. */
export type ReceiptFilter = {
  readonly integrationId: string | null;
  readonly status: ReceiptStatus | null;
  readonly since: number | null;
  readonly until: number | null;
};

/** A page of receipts, newest first. */
export function listReceipts(
  db: Queryable,
  organizationId: string,
  filter: ReceiptFilter,
  page: { readonly before: string | null; readonly limit: number },
): Promise<readonly ReceiptRow[]> {
  const { from, id, where } = rangeOf(organizationId, filter);
  if (page.before !== null) where.push(sql`${id} < ${page.before}`);
  return db.rows<ReceiptRow>(sql`
    select ${receiptColumns}
    from ${from}
    where ${joined(where, " and ")}
    order by ${id} desc
    limit ${page.limit}`);
}

/** Where receipts of a state are found: rare states from their own small tables and indexes, not among all receipts. */
function rangeOf(organizationId: string, filter: ReceiptFilter): { from: Sql; id: Sql; where: Sql[] } {
  const { from, table, id, state } = sourceOf(filter.status);
  const where: Sql[] = [sql`${table}.organization_id = ${organizationId}`, ...state];
  if (filter.since !== null) where.push(sql`${id} >= ${firstUuidAt(filter.since)}`);
  if (filter.until !== null) where.push(sql`${id} < ${firstUuidAt(filter.until)}`);
  if (filter.integrationId !== null) where.push(sql`${table}.integration_id = ${filter.integrationId}`);
  return { from, id, where };
}

type Source = { readonly from: Sql; readonly table: Sql; readonly id: Sql; readonly state: readonly Sql[] };

const ALL: Source = {
  from: sql`receipts left join ${withOutcome}`,
  table: sql`receipts`,
  id: sql`receipts.id`,
  state: [],
};

const QUEUED: Source = {
  from: sql`receipt_queue
    join receipts on receipts.organization_id = receipt_queue.organization_id and receipts.id = receipt_queue.receipt_id
    left join ${withOutcome}`,
  table: sql`receipt_queue`,
  id: sql`receipt_queue.receipt_id`,
  // A receipt that is processed again waits although it has an outcome.
  state: [sql`receipt_outcomes.receipt_id is null`],
};

function sourceOf(status: ReceiptStatus | null): Source {
  if (status === null) return ALL;
  if (status === "queued") return QUEUED;
  if (status === "processed") return { ...ALL, state: [sql`receipt_outcomes.status = 'processed'`] };
  return {
    from: sql`receipt_outcomes
    join receipts on receipts.organization_id = receipt_outcomes.organization_id
      and receipts.id = receipt_outcomes.receipt_id`,
    table: sql`receipt_outcomes`,
    id: sql`receipt_outcomes.receipt_id`,
    state: [sql`receipt_outcomes.status <> 'processed' and receipt_outcomes.status = ${status}`],
  };
}

/** A receipt of the organization with its body; null when unknown, foreign or past its retention. */
export async function findReceipt(db: Queryable, organizationId: string, id: string): Promise<FullReceipt | null> {
  const rows = await db.rows<FullReceipt>(sql`
    select ${receiptColumns}, receipts.headers, receipts.body, receipt_outcomes.trace
    from receipts
    left join ${withOutcome}
    where receipts.organization_id = ${organizationId} and receipts.id = ${id}`);
  return rows[0] ?? null;
}

/** Receipts of a range, oldest first, for processing them again. */
export function listReceiptsForReplay(
  db: Queryable,
  organizationId: string,
  filter: ReceiptFilter,
  limit: number,
): Promise<readonly { readonly id: string; readonly integrationId: string; readonly status: ReceiptStatus }[]> {
  const { from, id, where } = rangeOf(organizationId, filter);
  return db.rows(sql`
    select receipts.id, receipts.integration_id as "integrationId",
      coalesce(receipt_outcomes.status, 'queued') as status
    from ${from}
    where ${joined(where, " and ")}
    order by ${id}
    limit ${limit}`);
}
