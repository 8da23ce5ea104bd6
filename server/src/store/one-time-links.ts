import type { Queryable } from "../runtime/database.ts";
import { sql, timestamp } from "./sql.ts";

/** What a link is for: the first administrator, a person's first password, a person's next one. */
export type LinkPurpose = "setup" | "invite" | "reset";

/** A link without its token, of which only the SHA-256 is stored; times are epoch milliseconds. */
export type OneTimeLink = {
  readonly organizationId: string;
  readonly id: string;
  readonly purpose: LinkPurpose;
  /** Null for set-up alone. */
  readonly userId: string | null;
  readonly createdAt: number;
  readonly expiresAt: number;
};

const columns = sql`
  organization_id as "organizationId", id, purpose, user_id as "userId", created_at as "createdAt",
  expires_at as "expiresAt"`;

/** Stores a new link. */
export async function insertOneTimeLink(db: Queryable, link: OneTimeLink, tokenHash: Uint8Array): Promise<void> {
  await db.rows(sql`
    insert into one_time_links (organization_id, id, purpose, user_id, token_hash, created_at, expires_at)
    values (${link.organizationId}, ${link.id}, ${link.purpose}, ${link.userId}, ${tokenHash},
      ${timestamp(link.createdAt)}, ${timestamp(link.expiresAt)})`);
}

/** The link of this token that has not expired, or null. */
export async function findOneTimeLink(db: Queryable, tokenHash: Uint8Array, now: number): Promise<OneTimeLink | null> {
  const rows = await db.rows<OneTimeLink>(sql`
    select ${columns} from one_time_links where token_hash = ${tokenHash} and expires_at > ${timestamp(now)} limit 1`);
  return rows[0] ?? null;
}

/** Uses a link up: of two who come at once, one gets it. */
export async function takeOneTimeLink(tx: Queryable, link: OneTimeLink): Promise<boolean> {
  const rows = await tx.rows(sql`
    delete from one_time_links
    where organization_id = ${link.organizationId} and id = ${link.id}
    returning id`);
  return rows.length > 0;
}

/** Ends the links of a user. */
export async function deleteLinksOfUser(
  db: Queryable,
  user: { readonly organizationId: string; readonly id: string },
): Promise<void> {
  await db.rows(sql`
    delete from one_time_links where organization_id = ${user.organizationId} and user_id = ${user.id}`);
}

/** Ends an organization's set-up links. */
export async function deleteSetupLinks(db: Queryable, organizationId: string): Promise<void> {
  await db.rows(sql`
    delete from one_time_links where organization_id = ${organizationId} and purpose = 'setup'`);
}

/** Until when users could use the link they have, by their id; epoch milliseconds. */
export async function listLinkExpiries(
  db: Queryable,
  organizationId: string,
  userIds: readonly string[],
  now: number,
): Promise<ReadonlyMap<string, number>> {
  const rows = await db.rows<{ userId: string; expiresAt: number }>(sql`
    select user_id as "userId", max(expires_at) as "expiresAt"
    from one_time_links
    where organization_id = ${organizationId} and user_id = any(${[...userIds]}::uuid[]) and expires_at > ${timestamp(now)}
    group by user_id`);
  return new Map(rows.map((row) => [row.userId, row.expiresAt]));
}

/** Removes links that expired before a moment. */
export async function deleteLinksExpiredBefore(db: Queryable, moment: number): Promise<void> {
  await db.rows(sql`delete from one_time_links where expires_at < ${timestamp(moment)}`);
}
