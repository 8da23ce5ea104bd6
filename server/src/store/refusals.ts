import type { JsonObject } from "../core/json.ts";
import type { Queryable } from "../runtime/database.ts";
import { joined, json, sql, timestamp } from "./sql.ts";

/** A webhook that was refused, without its body; `at` in epoch milliseconds. */
export type RefusalRow = {
  readonly organizationId: string;
  readonly integrationId: string;
  readonly id: string;
  readonly at: number;
  readonly code: string;
  readonly status: number;
  /** Why a webhook was not believed, else null. */
  readonly reason: string | null;
  readonly sourceIp: string | null;
  readonly requestId: string;
  /** As far as it was read or declared; null when neither. */
  readonly bodyBytes: number | null;
  readonly details: JsonObject;
};

/** How many refusals are kept of an integration. */
export const REFUSALS_KEPT = 50;

/** Stores refusals and forgets all but the newest of their integrations. */
export async function keepRefusals(db: Queryable, rows: readonly RefusalRow[]): Promise<void> {
  const values = rows.map(
    (row) => sql`(${row.organizationId}::uuid, ${row.integrationId}::uuid, ${row.id}::uuid,
      ${timestamp(row.at)}::timestamptz, ${row.code}::text, ${row.status}::int, ${row.reason}::text,
      ${row.sourceIp}::text, ${row.requestId}::text, ${row.bodyBytes}::bigint, ${json(row.details)}::jsonb)`,
  );
  await db.rows(sql`
    insert into refusals (organization_id, integration_id, id, at, code, status, reason, source_ip, request_id,
      body_bytes, details)
    values ${joined(values, ", ")}
    on conflict do nothing`);
  const owners = new Map(rows.map((row) => [row.integrationId, row.organizationId]));
  await db.rows(sql`
    delete from refusals
    using (
      select owners.organization_id, owners.integration_id, oldest.id
      from unnest(${[...owners.values()]}::uuid[], ${[...owners.keys()]}::uuid[])
        owners (organization_id, integration_id)
      cross join lateral (
        select id
        from refusals
        where refusals.organization_id = owners.organization_id
          and refusals.integration_id = owners.integration_id
        order by id desc
        limit 1 offset ${REFUSALS_KEPT - 1}
      ) oldest
    ) bounds
    where refusals.organization_id = bounds.organization_id
      and refusals.integration_id = bounds.integration_id
      and refusals.id < bounds.id`);
}

/** The kept refusals of an integration, newest first, behind the given id. */
export function listRefusals(
  db: Queryable,
  organizationId: string,
  integrationId: string,
  page: { readonly before: string | null; readonly limit: number },
): Promise<readonly RefusalRow[]> {
  return db.rows<RefusalRow>(sql`
    select organization_id as "organizationId", integration_id as "integrationId", id, at, code, status, reason,
      source_ip as "sourceIp", request_id as "requestId", body_bytes as "bodyBytes", details
    from refusals
    where organization_id = ${organizationId} and integration_id = ${integrationId}
      and (${page.before}::uuid is null or id < ${page.before}::uuid)
    order by id desc
    limit ${page.limit}`);
}
