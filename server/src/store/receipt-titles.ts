import type { Queryable } from "../runtime/database.ts";
import { sql } from "./sql.ts";

/**
 * The titles of the first alerts that receipts speak of, by the receipts' ids: as the alerts stand now. Left out are those
 * that were not read, that met no alert, and those whose alert is past its retention.
 */
export async function readReceiptTitles(
  db: Queryable,
  organizationId: string,
  receiptIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (receiptIds.length === 0) return new Map();
  // A title by its alert's key, one after another: a join could be planned as a look at every alert.
  const rows = await db.rows<{ receiptId: string; title: string | null }>(sql`
    select receipt_id as "receiptId", (
      select title
      from alerts
      where organization_id = ${organizationId}
        and id = (receipt_outcomes.trace #>> '{signals,0,alert_id}')::uuid
    ) as title
    from receipt_outcomes
    where organization_id = ${organizationId} and receipt_id = any(${[...receiptIds]}::uuid[])`);
  return new Map(rows.flatMap(({ receiptId, title }) => (title === null ? [] : [[receiptId, title] as const])));
}
