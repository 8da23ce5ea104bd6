import type { Queryable } from "../runtime/database.ts";
import { json, sql, timestamp } from "./sql.ts";

/** The answer that was given under a key; `sealed` is ciphertext in base64, since answers may show secrets. */
export type StoredAnswer = { readonly fingerprint: Buffer; readonly status: number; readonly sealed: string };

/**
 * Takes a key for the open transaction and answers null, or answers what an earlier request stored under it. Waits for
 * a concurrent holder: whoever comes second sees what the first one committed.
 */
export async function claimIdempotencyKey(
  tx: Queryable,
  organizationId: string,
  key: string,
  fingerprint: Uint8Array,
  now: number,
): Promise<StoredAnswer | null> {
  const claimed = await tx.rows(sql`
    insert into idempotency_keys (organization_id, key, fingerprint, created_at)
    values (${organizationId}, ${key}, ${fingerprint}, ${timestamp(now)})
    on conflict (organization_id, key) do nothing
    returning key`);
  if (claimed.length > 0) return null;
  const rows = await tx.rows<StoredAnswer>(sql`
    select fingerprint, status, response ->> 'sealed' as sealed
    from idempotency_keys
    where organization_id = ${organizationId} and key = ${key}`);
  return rows[0] ?? null;
}

/** Stores the answer under a key that this transaction claimed. */
export async function saveIdempotentAnswer(
  tx: Queryable,
  organizationId: string,
  key: string,
  answer: { readonly status: number; readonly sealed: string },
): Promise<void> {
  await tx.rows(sql`
    update idempotency_keys
    set status = ${answer.status}, response = ${json({ sealed: answer.sealed })}
    where organization_id = ${organizationId} and key = ${key}`);
}

/** Forgets an organization's keys from before a moment. */
export async function deleteOldIdempotencyKeys(tx: Queryable, organizationId: string, before: number): Promise<void> {
  await tx.rows(sql`
    delete from idempotency_keys
    where organization_id = ${organizationId} and created_at < ${timestamp(before)}`);
}
