import type { Queryable } from "../runtime/database.ts";
import type { SecretPlace } from "../runtime/secrets.ts";
import { placeOfSecret, type SecretPurpose } from "./secrets.ts";
import { json, sql } from "./sql.ts";

/** Seals anew what another key sealed. */
export type Reseal = (sealed: Buffer, place: SecretPlace) => Buffer;

const BATCH = 100;

/**
 * Seals a batch of secrets anew whose ciphertext does not begin with the header of the present key; returns how many, 0
 * when none is left. Call it in a transaction of its own: whatever was committed stays, wherever it is interrupted.
 */
export async function resealSecrets(tx: Queryable, header: Buffer, reseal: Reseal): Promise<number> {
  const rows = await tx.rows<{ organizationId: string; id: string; purpose: SecretPurpose; ciphertext: Buffer }>(sql`
    select organization_id as "organizationId", id, purpose, ciphertext
    from secrets
    where substring(ciphertext from 1 for ${header.length}::int) <> ${header}
    order by organization_id, id
    limit ${BATCH}
    for update`);
  for (const row of rows) {
    await tx.rows(sql`
      update secrets set ciphertext = ${reseal(row.ciphertext, placeOfSecret(row))}
      where organization_id = ${row.organizationId} and id = ${row.id}`);
  }
  return rows.length;
}

/** The same for the answers that are kept under idempotency keys. */
export async function resealAnswers(
  tx: Queryable,
  header: Buffer,
  reseal: Reseal,
  placeOf: (organizationId: string, key: string) => SecretPlace,
): Promise<number> {
  const rows = await tx.rows<{ organizationId: string; key: string; sealed: string }>(sql`
    select organization_id as "organizationId", key, response ->> 'sealed' as sealed
    from idempotency_keys
    where response is not null
      and substring(decode(response ->> 'sealed', 'base64') from 1 for ${header.length}::int) <> ${header}
    order by organization_id, key
    limit ${BATCH}
    for update`);
  for (const { organizationId, key, sealed } of rows) {
    const fresh = reseal(Buffer.from(sealed, "base64"), placeOf(organizationId, key)).toString("base64");
    await tx.rows(sql`
      update idempotency_keys set response = ${json({ sealed: fresh })}
      where organization_id = ${organizationId} and key = ${key}`);
  }
  return rows.length;
}
