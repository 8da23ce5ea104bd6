import { readFileSync, statSync } from "node:fs";

/** The Unix account that a PostgreSQL process runs as; null means the account of this process. */
export type Account = { readonly name: string; readonly uid: number; readonly gid: number };

/** A reason why the embedded PostgreSQL cannot run here, as one sentence that says what to do. */
export class EmbeddedPostgresError extends Error {
  override readonly name = "EmbeddedPostgresError";
}

/**
 * Who owns the PostgreSQL processes: this account, or, as PostgreSQL refuses to run as root, the owner of an existing
 * cluster, `postgres` or `nobody`. Null means "whoever we are".
 */
export function databaseAccount(clusterDir: string, ownUid: number, passwd = readPasswd()): Account | null {
  if (ownUid !== 0) return null;
  const accounts = passwd
    .split("\n")
    .map((line) => line.split(":"))
    .filter((fields) => fields.length >= 4)
    .map((fields): Account => ({ name: fields[0] ?? "", uid: Number(fields[2]), gid: Number(fields[3]) }));
  const owner = ownerOf(clusterDir);
  if (owner !== null && owner.uid !== 0) {
    return { name: accounts.find((account) => account.uid === owner.uid)?.name ?? String(owner.uid), ...owner };
  }
  const account = ["postgres", "nobody"]
    .map((name) => accounts.find((candidate) => candidate.name === name))
    .find((candidate) => candidate !== undefined);
  if (account !== undefined) return account;
  throw new EmbeddedPostgresError(
    "PostgreSQL does not run as root and this system has neither a user postgres nor a user nobody; make one with `useradd --system postgres`, start Overwatch as an ordinary user, or set DATABASE_URL.",
  );
}

function readPasswd(): string {
  try {
    return readFileSync("/etc/passwd", "utf8");
  } catch {
    return "";
  }
}

function ownerOf(path: string): { readonly uid: number; readonly gid: number } | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? null : { uid: stats.uid, gid: stats.gid };
}

/** Spawn options that start a program as the account. */
export function asAccount(account: Account | null): { uid?: number; gid?: number } {
  return account === null ? {} : { uid: account.uid, gid: account.gid };
}

/** The whole environment of every PostgreSQL program: nothing of ours, so that no PG* variable changes what it does. */
export const POSTGRES_ENVIRONMENT = { PATH: "/usr/local/bin:/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" } as const;
