import type { Queryable } from "../runtime/database.ts";
import { json, sql, timestamp } from "./sql.ts";

/** What the bearer of a key may do. */
export type Role = "admin" | "responder" | "viewer";

/** An API key without the key itself, of which only the SHA-256 is stored; times are epoch milliseconds. */
export type ApiKey = {
  readonly organizationId: string;
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** The first and last characters, by which people tell keys apart. */
  readonly keyHint: string;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
  readonly revokedAt: number | null;
  /** Whoever made it; null for those that a start made. */
  readonly createdBy: KeyMaker | null;
};

/** Who made a key, under the name of that time. */
export type KeyMaker = { readonly kind: "user" | "api_key"; readonly id: string; readonly name: string };

const columns = sql`
  organization_id as "organizationId", id, name, role, key_hint as "keyHint", created_at as "createdAt",
  expires_at as "expiresAt", last_used_at as "lastUsedAt", revoked_at as "revokedAt",
  created_by as "createdBy"`;

/** Stores a new key; `keyHash` is the SHA-256 of the key's text, 32 bytes. */
export async function insertApiKey(
  db: Queryable,
  key: Omit<ApiKey, "lastUsedAt" | "revokedAt"> & { readonly keyHash: Uint8Array },
): Promise<void> {
  await db.rows(sql`
    insert into api_keys (organization_id, id, name, role, key_hash, key_hint, created_at, expires_at,
      created_by)
    values (${key.organizationId}, ${key.id}, ${key.name}, ${key.role}, ${key.keyHash}, ${key.keyHint},
      ${timestamp(key.createdAt)}, ${timestamp(key.expiresAt)},
      ${key.createdBy === null ? null : json(key.createdBy)})`);
}

/** The key of this hash in whatever organization and state, or null. */
export async function findApiKeyByHash(db: Queryable, keyHash: Uint8Array): Promise<ApiKey | null> {
  const rows = await db.rows<ApiKey>(sql`select ${columns} from api_keys where key_hash = ${keyHash} limit 1`);
  return rows[0] ?? null;
}

/** One key of an organization, or null. */
export async function findApiKey(db: Queryable, organizationId: string, id: string): Promise<ApiKey | null> {
  const rows = await db.rows<ApiKey>(sql`
    select ${columns} from api_keys where organization_id = ${organizationId} and id = ${id}`);
  return rows[0] ?? null;
}

/** A page of keys, newest first, revoked ones included. */
export function listApiKeys(
  db: Queryable,
  organizationId: string,
  page: { readonly before: string | null; readonly limit: number },
): Promise<readonly ApiKey[]> {
  return db.rows<ApiKey>(sql`
    select ${columns}
    from api_keys
    where organization_id = ${organizationId} and (${page.before}::uuid is null or id < ${page.before}::uuid)
    order by id desc
    limit ${page.limit}`);
}

/** Revokes a key for good; false when there is no such key or it is revoked already. */
export async function revokeApiKey(db: Queryable, organizationId: string, id: string, now: number): Promise<boolean> {
  const rows = await db.rows(sql`
    update api_keys set revoked_at = ${timestamp(now)}
    where organization_id = ${organizationId} and id = ${id} and revoked_at is null
    returning id`);
  return rows.length > 0;
}

/** Admin keys of an organization that can still be used, so that the last one is not revoked by mistake. */
export async function countLiveAdminKeys(db: Queryable, organizationId: string, now: number): Promise<number> {
  const rows = await db.rows<{ count: number }>(sql`
    select count(*) as count
    from api_keys
    where organization_id = ${organizationId} and role = 'admin' and revoked_at is null
      and (expires_at is null or expires_at > ${timestamp(now)})`);
  return rows[0]?.count ?? 0;
}

/** Notes when keys were last used; one statement for all. */
export async function touchApiKeys(
  db: Queryable,
  uses: readonly { readonly organizationId: string; readonly id: string; readonly usedAt: number }[],
): Promise<void> {
  await db.rows(sql`
    update api_keys
    set last_used_at = used.at
    from unnest(${uses.map((use) => use.organizationId)}::uuid[], ${uses.map((use) => use.id)}::uuid[],
      ${uses.map((use) => timestamp(use.usedAt))}::timestamptz[]) as used (organization_id, id, at)
    where api_keys.organization_id = used.organization_id and api_keys.id = used.id`);
}
