import type { Queryable } from "../runtime/database.ts";
import type { Role } from "./api-keys.ts";
import { sql, timestamp } from "./sql.ts";

/** A person of an organization; times are epoch milliseconds. */
export type User = {
  readonly organizationId: string;
  readonly id: string;
  readonly name: string;
  /** In lower case. */
  readonly email: string;
  readonly role: Role;
  /** As `runtime/password.ts` writes it; null while the person has none. */
  readonly passwordHash: string | null;
  readonly oidcIssuer: string | null;
  readonly oidcSubject: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly disabledAt: number | null;
  readonly lastSignedInAt: number | null;
  readonly version: number;
};

const columns = sql`
  organization_id as "organizationId", id, name, email, role, password_hash as "passwordHash",
  oidc_issuer as "oidcIssuer", oidc_subject as "oidcSubject", created_at as "createdAt", updated_at as "updatedAt",
  disabled_at as "disabledAt", last_signed_in_at as "lastSignedInAt", version`;

/** Stores a new person; false when the organization has one with this e-mail already. */
export async function insertUser(db: Queryable, user: User): Promise<boolean> {
  const rows = await db.rows(sql`
    insert into users (organization_id, id, name, email, role, password_hash, oidc_issuer, oidc_subject, created_at,
      updated_at, last_signed_in_at)
    values (${user.organizationId}, ${user.id}, ${user.name}, ${user.email}, ${user.role}, ${user.passwordHash},
      ${user.oidcIssuer}, ${user.oidcSubject}, ${timestamp(user.createdAt)}, ${timestamp(user.updatedAt)},
      ${timestamp(user.lastSignedInAt)})
    on conflict (organization_id, email) do nothing
    returning id`);
  return rows.length > 0;
}

/** One person, or null. */
export async function findUser(db: Queryable, organizationId: string, id: string): Promise<User | null> {
  const rows = await db.rows<User>(sql`
    select ${columns} from users where organization_id = ${organizationId} and id = ${id}`);
  return rows[0] ?? null;
}

/** The person of an organization who has this e-mail (in lower case), or null. */
export async function findUserByEmail(db: Queryable, organizationId: string, email: string): Promise<User | null> {
  const rows = await db.rows<User>(sql`
    select ${columns} from users where organization_id = ${organizationId} and email = ${email}`);
  return rows[0] ?? null;
}

/** People with this e-mail, of whatever organization, the oldest first; at most three. */
export function listUsersByEmail(db: Queryable, email: string): Promise<readonly User[]> {
  return db.rows<User>(sql`
    select ${columns} from users where email = ${email} order by created_at, organization_id limit 3`);
}

/** The person whom an issuer knows by this subject, or null. */
export async function findUserByOidc(
  db: Queryable,
  organizationId: string,
  issuer: string,
  subject: string,
): Promise<User | null> {
  const rows = await db.rows<User>(sql`
    select ${columns}
    from users
    where organization_id = ${organizationId} and oidc_issuer = ${issuer} and oidc_subject = ${subject}`);
  return rows[0] ?? null;
}

/** A page of people, newest first. */
export function listUsers(
  db: Queryable,
  organizationId: string,
  page: { readonly before: string | null; readonly limit: number },
): Promise<readonly User[]> {
  return db.rows<User>(sql`
    select ${columns}
    from users
    where organization_id = ${organizationId} and (${page.before}::uuid is null or id < ${page.before}::uuid)
    order by id desc
    limit ${page.limit}`);
}

/** True when the organization has any person. */
export async function hasUsers(db: Queryable, organizationId: string): Promise<boolean> {
  const rows = await db.rows<{ found: boolean }>(sql`
    select exists (select 1 from users where organization_id = ${organizationId}) as found`);
  return rows[0]?.found ?? false;
}

/** How many administrators could sign in now. */
export async function countWorkingAdmins(db: Queryable, organizationId: string): Promise<number> {
  const rows = await db.rows<{ count: number }>(sql`
    select count(*) as count
    from users
    where organization_id = ${organizationId} and role = 'admin' and disabled_at is null
      and (password_hash is not null or oidc_subject is not null)`);
  return rows[0]?.count ?? 0;
}

/** Saves what an administrator may change, as the next version; the person's row must be locked or newly read. */
export async function updateUser(
  tx: Queryable,
  user: Pick<User, "organizationId" | "id" | "name" | "role" | "disabledAt">,
  now: number,
): Promise<void> {
  await tx.rows(sql`
    update users
    set name = ${user.name}, role = ${user.role}, disabled_at = ${timestamp(user.disabledAt)},
      updated_at = ${timestamp(now)}, version = version + 1
    where organization_id = ${user.organizationId} and id = ${user.id}`);
}

/** Sets a person's password. */
export async function updatePassword(
  tx: Queryable,
  user: Pick<User, "organizationId" | "id">,
  passwordHash: string,
  now: number,
): Promise<void> {
  await tx.rows(sql`
    update users
    set password_hash = ${passwordHash}, updated_at = ${timestamp(now)}, version = version + 1
    where organization_id = ${user.organizationId} and id = ${user.id}`);
}

/** Notes by which name an issuer knows a person. */
export async function linkUserToOidc(
  tx: Queryable,
  user: Pick<User, "organizationId" | "id">,
  issuer: string,
  subject: string,
  now: number,
): Promise<void> {
  await tx.rows(sql`
    update users
    set oidc_issuer = ${issuer}, oidc_subject = ${subject}, updated_at = ${timestamp(now)}, version = version + 1
    where organization_id = ${user.organizationId} and id = ${user.id}`);
}

/** Notes that a person signed in. */
export async function touchUser(db: Queryable, user: Pick<User, "organizationId" | "id">, now: number): Promise<void> {
  await db.rows(sql`
    update users set last_signed_in_at = ${timestamp(now)}
    where organization_id = ${user.organizationId} and id = ${user.id}`);
}

/** Removes a person with sessions and links; false when there is none. */
export async function deleteUser(db: Queryable, organizationId: string, id: string): Promise<boolean> {
  const rows = await db.rows(sql`
    delete from users where organization_id = ${organizationId} and id = ${id} returning id`);
  return rows.length > 0;
}
