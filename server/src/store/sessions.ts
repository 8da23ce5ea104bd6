import type { Queryable } from "../runtime/database.ts";
import type { Role } from "./api-keys.ts";
import { sql, timestamp } from "./sql.ts";

/** How somebody signed in. */
export type SignInMethod = "password" | "link" | "oidc";

/** A session without its token, of which only the SHA-256 is stored; times are epoch milliseconds. */
export type Session = {
  readonly organizationId: string;
  readonly id: string;
  readonly userId: string;
  readonly method: SignInMethod;
  /** Where it was made from. */
  readonly address: string;
  readonly userAgent: string;
  readonly createdAt: number;
  readonly seenAt: number;
  readonly expiresAt: number;
};

/** A session with who its user is at present. */
export type KnownSession = Session & {
  readonly userName: string;
  readonly email: string;
  readonly role: Role;
  readonly disabledAt: number | null;
};

const columns = sql`
  sessions.organization_id as "organizationId", sessions.id, user_id as "userId", method, address,
  user_agent as "userAgent", sessions.created_at as "createdAt", seen_at as "seenAt", expires_at as "expiresAt"`;

/** Stores a new session. */
export async function insertSession(db: Queryable, session: Session, tokenHash: Uint8Array): Promise<void> {
  await db.rows(sql`
    insert into sessions (organization_id, id, user_id, token_hash, method, address, user_agent, created_at, seen_at,
      expires_at)
    values (${session.organizationId}, ${session.id}, ${session.userId}, ${tokenHash}, ${session.method},
      ${session.address}, ${session.userAgent}, ${timestamp(session.createdAt)}, ${timestamp(session.seenAt)},
      ${timestamp(session.expiresAt)})`);
}

/** The session of this token in whatever organization and state, or null. */
export async function findSessionByHash(db: Queryable, tokenHash: Uint8Array): Promise<KnownSession | null> {
  const rows = await db.rows<KnownSession>(sql`
    select ${columns}, users.name as "userName", users.email, users.role, users.disabled_at as "disabledAt"
    from sessions
    join users on users.organization_id = sessions.organization_id and users.id = sessions.user_id
    where token_hash = ${tokenHash}
    limit 1`);
  return rows[0] ?? null;
}

/** The sessions of a user that were seen since a moment and have not expired, newest first. */
export function listSessions(
  db: Queryable,
  user: { readonly organizationId: string; readonly id: string },
  seenSince: number,
  now: number,
): Promise<readonly Session[]> {
  return db.rows<Session>(sql`
    select ${columns}
    from sessions
    where organization_id = ${user.organizationId} and user_id = ${user.id}
      and seen_at > ${timestamp(seenSince)} and expires_at > ${timestamp(now)}
    order by id desc
    limit 200`);
}

/** Ends one session of a user; false when there is none. */
export async function deleteSession(
  db: Queryable,
  user: { readonly organizationId: string; readonly id: string },
  id: string,
): Promise<boolean> {
  const rows = await db.rows(sql`
    delete from sessions
    where organization_id = ${user.organizationId} and user_id = ${user.id} and id = ${id}
    returning id`);
  return rows.length > 0;
}

/** Ends the session of a token, if there is one. */
export async function deleteSessionByHash(db: Queryable, tokenHash: Uint8Array): Promise<void> {
  await db.rows(sql`delete from sessions where token_hash = ${tokenHash}`);
}

/** Ends all sessions of a user. */
export async function deleteSessionsOfUser(
  db: Queryable,
  user: { readonly organizationId: string; readonly id: string },
): Promise<void> {
  await db.rows(sql`
    delete from sessions where organization_id = ${user.organizationId} and user_id = ${user.id}`);
}

/** Notes when sessions were last used; one statement for all. */
export async function touchSessions(
  db: Queryable,
  uses: readonly { readonly organizationId: string; readonly id: string; readonly usedAt: number }[],
): Promise<void> {
  await db.rows(sql`
    update sessions
    set seen_at = used.at
    from unnest(${uses.map((use) => use.organizationId)}::uuid[], ${uses.map((use) => use.id)}::uuid[],
      ${uses.map((use) => timestamp(use.usedAt))}::timestamptz[]) as used (organization_id, id, at)
    where sessions.organization_id = used.organization_id and sessions.id = used.id`);
}

/** Removes sessions that expired before a moment; returns how many. */
export async function deleteSessionsExpiredBefore(db: Queryable, moment: number): Promise<number> {
  const rows = await db.rows(sql`
    delete from sessions where expires_at < ${timestamp(moment)} returning id`);
  return rows.length;
}
