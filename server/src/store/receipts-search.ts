import type { Queryable } from "../runtime/database.ts";
import { firstUuidAt, isUuid } from "../runtime/id.ts";
import type { WalkedPage } from "./deliveries-list.ts";
import { listReceipts, outcomeOfEach, type ReceiptRow, type ReceiptStatus, receiptColumns } from "./receipts-read.ts";
import { joined, type Sql, sql } from "./sql.ts";

/** What a list of receipts is narrowed to; null does not narrow. Times are of receipt, epoch milliseconds. */
export type ReceiptSearch = {
  readonly integrationId: string | null;
  readonly statuses: readonly ReceiptStatus[] | null;
  readonly since: number | null;
  readonly until: number | null;
  /** A request id, an alert's id at its source, a delivery id of the sender, a source address, or a receipt's id. */
  readonly q: string | null;
};

// Looking up the outcome of each costs more than the receipt itself.
const MOST_LOOKED_AT = 2_000;

/** A page of receipts, newest first. A text is looked for among 2,000 receipts a page at most. */
export async function searchReceipts(
  db: Queryable,
  organizationId: string,
  search: ReceiptSearch,
  page: { readonly before: string | null; readonly limit: number },
): Promise<WalkedPage<ReceiptRow>> {
  if (search.q !== null) return walk(db, organizationId, { ...search, q: search.q }, page);
  const { integrationId, since, until } = search;
  // Each state is found where its own index leads, and the pages are merged.
  const pages = await Promise.all(
    (search.statuses ?? [null]).map((status) =>
      listReceipts(
        db,
        organizationId,
        { integrationId, since, until, status },
        { before: page.before, limit: page.limit + 1 },
      ),
    ),
  );
  const rows = pages.flat().sort((one, other) => (one.id < other.id ? 1 : -1));
  const shown = rows.slice(0, page.limit);
  return { rows: shown, next: rows.length > page.limit ? (shown.at(-1)?.id ?? null) : null };
}

async function walk(
  db: Queryable,
  organizationId: string,
  search: ReceiptSearch & { readonly q: string },
  page: { readonly before: string | null; readonly limit: number },
): Promise<WalkedPage<ReceiptRow>> {
  const range: Sql[] = [sql`organization_id = ${organizationId}`];
  if (page.before !== null) range.push(sql`id < ${page.before}`);
  if (search.since !== null) range.push(sql`id >= ${firstUuidAt(search.since)}`);
  if (search.until !== null) range.push(sql`id < ${firstUuidAt(search.until)}`);
  if (search.integrationId !== null) range.push(sql`integration_id = ${search.integrationId}`);
  const where = joined(range, " and ");
  const { q, statuses } = search;
  const ids = isUuid(q) ? sql`receipts.id = ${q} or` : sql``;
  const rest: Sql[] = [
    sql`(${ids} receipts.request_id = ${q} or receipts.source_ip = ${q} or receipts.delivery_id = ${q}
      or ${q} = any(receipt_outcomes.alert_ids))`,
  ];
  if (statuses !== null) rest.push(sql`coalesce(receipt_outcomes.status, 'queued') = any(${[...statuses]}::text[])`);
  const rows = await db.rows<ReceiptRow>(sql`
    select ${receiptColumns}
    from (select * from receipts where ${where} order by id desc limit ${MOST_LOOKED_AT}) receipts
    left join ${outcomeOfEach}
    where ${joined(rest, " and ")}
    order by receipts.id desc
    limit ${page.limit + 1}`);
  const shown = rows.slice(0, page.limit);
  if (rows.length > page.limit) return { rows: shown, next: shown.at(-1)?.id ?? null };
  const ends = await db.rows<{ id: string }>(sql`
    select id from receipts where ${where} order by id desc limit 1 offset ${MOST_LOOKED_AT - 1}`);
  return { rows: shown, next: ends[0]?.id ?? null };
}

const PREVIOUS_LOOKED_AT = 200;

/** The receipt of the same integration before one that speaks of the same alert, else the one just before; or null. */
export async function findPrevious(
  db: Queryable,
  organizationId: string,
  receipt: Pick<ReceiptRow, "id" | "integrationId" | "alertIds">,
): Promise<{ readonly id: string; readonly isSameAlert: boolean } | null> {
  const rows = await db.rows<{ id: string; isSameAlert: boolean }>(sql`
    select receipts.id, coalesce(receipt_outcomes.alert_ids && ${[...receipt.alertIds]}::text[], false) as "isSameAlert"
    from (
      select organization_id, id
      from receipts
      where organization_id = ${organizationId} and integration_id = ${receipt.integrationId} and id < ${receipt.id}
      order by id desc
      limit ${PREVIOUS_LOOKED_AT}
    ) receipts
    left join ${outcomeOfEach}
    order by "isSameAlert" desc, receipts.id desc
    limit 1`);
  return rows[0] ?? null;
}
