import type { Queryable } from "../runtime/database.ts";
import type { SecretPlace } from "../runtime/secrets.ts";
import { sql, timestamp } from "./sql.ts";

/** What a secret belongs to. */
export type SecretOwner = {
  readonly organizationId: string;
  readonly ownerKind: "integration" | "endpoint";
  readonly ownerId: string;
};

/** What a secret is for. */
export type SecretPurpose =
  | "signing_secret"
  | "token"
  | "password"
  | "variables"
  | "headers"
  | "auth"
  | "client_certificate";

/** A secret as it is stored; times are epoch milliseconds, `expiresAt` is set once its successor is in use. */
export type SealedSecret = SecretOwner & {
  readonly id: string;
  readonly purpose: SecretPurpose;
  readonly ciphertext: Buffer;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
};

const columns = sql`
  organization_id as "organizationId", id, owner_kind as "ownerKind", owner_id as "ownerId", purpose, ciphertext,
  created_at as "createdAt", expires_at as "expiresAt", last_used_at as "lastUsedAt"`;

/** The place that a stored secret's ciphertext is bound to. */
export function placeOfSecret(secret: {
  readonly organizationId: string;
  readonly id: string;
  readonly purpose: SecretPurpose;
}): SecretPlace {
  return { organizationId: secret.organizationId, table: "secrets", rowId: secret.id, field: secret.purpose };
}

/** Stores a sealed secret. */
export async function insertSecret(
  db: Queryable,
  secret: Omit<SealedSecret, "expiresAt" | "lastUsedAt">,
): Promise<void> {
  await db.rows(sql`
    insert into secrets (organization_id, id, owner_kind, owner_id, purpose, ciphertext, created_at)
    values (${secret.organizationId}, ${secret.id}, ${secret.ownerKind}, ${secret.ownerId}, ${secret.purpose},
      ${secret.ciphertext}, ${timestamp(secret.createdAt)})`);
}

/** The secrets of an owner that are not expired, newest first. */
export function listLiveSecrets(
  db: Queryable,
  organizationId: string,
  ownerKind: SecretOwner["ownerKind"],
  ownerId: string,
  now: number,
): Promise<readonly SealedSecret[]> {
  return db.rows<SealedSecret>(sql`
    select ${columns}
    from secrets
    where organization_id = ${organizationId} and owner_kind = ${ownerKind} and owner_id = ${ownerId}
      and (expires_at is null or expires_at > ${timestamp(now)})
    order by id desc`);
}

/** The live secrets of many owners of one organization and kind, newest first. */
export function listLiveSecretsOfOwners(
  db: Queryable,
  organizationId: string,
  ownerKind: SecretOwner["ownerKind"],
  ownerIds: readonly string[],
  now: number,
): Promise<readonly SealedSecret[]> {
  return db.rows<SealedSecret>(sql`
    select ${columns}
    from secrets
    where organization_id = ${organizationId} and owner_kind = ${ownerKind} and owner_id = any(${ownerIds}::uuid[])
      and (expires_at is null or expires_at > ${timestamp(now)})
    order by id desc`);
}

/** Lets the present secrets of a purpose live on until `at`; those that were expiring already are removed. */
export async function expireSecret(
  tx: Queryable,
  owner: SecretOwner,
  purpose: SecretPurpose,
  at: number,
): Promise<void> {
  await tx.rows(sql`
    delete from secrets
    where organization_id = ${owner.organizationId} and owner_kind = ${owner.ownerKind}
      and owner_id = ${owner.ownerId} and purpose = ${purpose} and expires_at is not null`);
  await tx.rows(sql`
    update secrets set expires_at = ${timestamp(at)}
    where organization_id = ${owner.organizationId} and owner_kind = ${owner.ownerKind}
      and owner_id = ${owner.ownerId} and purpose = ${purpose}`);
}

/** Removes the secrets of an owner that serve one of the purposes. */
export async function deleteSecrets(
  db: Queryable,
  owner: SecretOwner,
  purposes: readonly SecretPurpose[],
): Promise<void> {
  await db.rows(sql`
    delete from secrets
    where organization_id = ${owner.organizationId} and owner_kind = ${owner.ownerKind}
      and owner_id = ${owner.ownerId} and purpose = any(${purposes}::text[])`);
}

/** Notes that secrets were used; ids are unique over all organizations, so one statement serves them all. */
export async function touchSecrets(db: Queryable, ids: readonly string[], now: number): Promise<void> {
  await db.rows(sql`
    update secrets set last_used_at = ${timestamp(now)} where id = any(${ids}::uuid[])`);
}
