import type { Integration } from "../core/integration.ts";
import type { Queryable } from "../runtime/database.ts";
import { json, sql, timestamp } from "./sql.ts";

const columns = sql`
  organization_id as "organizationId", id, name, platform, enabled, verification, allowed_ips as "allowedIps",
  rate_limit as "rateLimit", body_limit_bytes as "bodyLimitBytes", quarantine_limit as "quarantineLimit", mapping,
  grouping, triage, version, created_at as "createdAt", updated_at as "updatedAt", last_receipt_at as "lastReceiptAt"`;

const jsonOrNull = (value: unknown): string | null => (value === null ? null : json(value));

/** The integration that a webhook URL names, in whatever organization; null when unknown or deleted. */
export async function findIntegrationById(db: Queryable, id: string): Promise<Integration | null> {
  const rows = await db.rows<Integration>(sql`
    select ${columns} from integrations where id = ${id} and deleted_at is null`);
  return rows[0] ?? null;
}

/** An integration of the organization; null when unknown, foreign or deleted. */
export async function findIntegration(db: Queryable, organizationId: string, id: string): Promise<Integration | null> {
  const rows = await db.rows<Integration>(sql`
    select ${columns} from integrations
    where organization_id = ${organizationId} and id = ${id} and deleted_at is null`);
  return rows[0] ?? null;
}

/** The same as `findIntegration`, locked until the transaction ends, so that a change is based on what is there. */
export async function lockIntegration(tx: Queryable, organizationId: string, id: string): Promise<Integration | null> {
  const rows = await tx.rows<Integration>(sql`
    select ${columns} from integrations
    where organization_id = ${organizationId} and id = ${id} and deleted_at is null
    for update`);
  return rows[0] ?? null;
}

/** Several integrations of the organization by id, deleted ones left out, in no order. */
export function findIntegrationsByIds(
  db: Queryable,
  organizationId: string,
  ids: readonly string[],
): Promise<readonly Integration[]> {
  return db.rows<Integration>(sql`
    select ${columns} from integrations
    where organization_id = ${organizationId} and id = any(${ids}::uuid[]) and deleted_at is null`);
}

/** A page of integrations, newest first, of one platform when asked. */
export function listIntegrations(
  db: Queryable,
  organizationId: string,
  page: { readonly before: string | null; readonly limit: number; readonly platform: string | null },
): Promise<readonly Integration[]> {
  return db.rows<Integration>(sql`
    select ${columns}
    from integrations
    where organization_id = ${organizationId} and deleted_at is null
      and (${page.before}::uuid is null or id < ${page.before}::uuid)
      and (${page.platform}::text is null or platform = ${page.platform}::text)
    order by id desc
    limit ${page.limit}`);
}

/** Stores a new integration as it stands. */
export async function insertIntegration(db: Queryable, row: Integration): Promise<void> {
  await db.rows(sql`
    insert into integrations (organization_id, id, name, platform, enabled, verification, allowed_ips, rate_limit,
      body_limit_bytes, quarantine_limit, mapping, grouping, triage, version, created_at, updated_at)
    values (${row.organizationId}, ${row.id}, ${row.name}, ${row.platform}, ${row.enabled}, ${json(row.verification)},
      ${row.allowedIps}, ${jsonOrNull(row.rateLimit)}, ${row.bodyLimitBytes}, ${row.quarantineLimit},
      ${jsonOrNull(row.mapping)}, ${json(row.grouping)}, ${json(row.triage)}, ${row.version},
      ${timestamp(row.createdAt)}, ${timestamp(row.updatedAt)})`);
}

/** Writes every setting and raises the version, unless the version is no longer `row.version`; null when it is not. */
export async function updateIntegration(db: Queryable, row: Integration, now: number): Promise<Integration | null> {
  const rows = await db.rows<Integration>(sql`
    update integrations
    set name = ${row.name}, enabled = ${row.enabled}, verification = ${json(row.verification)},
      allowed_ips = ${row.allowedIps}, rate_limit = ${jsonOrNull(row.rateLimit)},
      body_limit_bytes = ${row.bodyLimitBytes}, quarantine_limit = ${row.quarantineLimit},
      mapping = ${jsonOrNull(row.mapping)}, grouping = ${json(row.grouping)}, triage = ${json(row.triage)},
      version = version + 1, updated_at = ${timestamp(now)}
    where organization_id = ${row.organizationId} and id = ${row.id} and version = ${row.version}
      and deleted_at is null
    returning ${columns}`);
  return rows[0] ?? null;
}

/** Deletes for all who look; receipts and incidents keep naming it. False when it was not there. */
export async function softDeleteIntegration(
  db: Queryable,
  organizationId: string,
  id: string,
  now: number,
): Promise<boolean> {
  const rows = await db.rows(sql`
    update integrations
    set deleted_at = ${timestamp(now)}, updated_at = ${timestamp(now)}, enabled = false, version = version + 1
    where organization_id = ${organizationId} and id = ${id} and deleted_at is null
    returning id`);
  return rows.length > 0;
}
