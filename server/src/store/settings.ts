import type { Queryable } from "../runtime/database.ts";
import { sql } from "./sql.ts";

/** Stores a setting unless it is there already, and returns what is there now. */
export async function ensureSetting(db: Queryable, name: string, value: string): Promise<string> {
  await db.rows(sql`
    insert into settings (name, value)
    values (${name}, ${value})
    on conflict (name) do nothing`);
  const rows = await db.rows<{ value: string }>(sql`
    select value
    from settings
    where name = ${name}`);
  return rows[0]?.value ?? value;
}

/** Sets a setting, whatever it was. */
export async function replaceSetting(db: Queryable, name: string, value: string): Promise<void> {
  await db.rows(sql`
    insert into settings (name, value)
    values (${name}, ${value})
    on conflict (name) do update set value = excluded.value`);
}

/** True when no secret has been sealed yet, so that a new key does no harm. */
export async function hasSealedSecrets(db: Queryable): Promise<boolean> {
  const rows = await db.rows<{ found: boolean }>(sql`select exists (select 1 from secrets) as found`);
  return rows[0]?.found ?? false;
}

/** Session settings on which durability rests, as the server has them. */
export async function readDurability(
  db: Queryable,
): Promise<{ fsync: string; synchronousCommit: string; serverVersion: number }> {
  const rows = await db.rows<{ fsync: string; synchronous_commit: string; server_version: number }>(sql`
    select
      current_setting('fsync') as fsync,
      current_setting('synchronous_commit') as synchronous_commit,
      current_setting('server_version_num')::int as server_version`);
  const row = rows[0];
  return {
    fsync: row?.fsync ?? "unknown",
    synchronousCommit: row?.synchronous_commit ?? "unknown",
    serverVersion: row?.server_version ?? 0,
  };
}

/** Resolves when the database answers. */
export async function pingDatabase(db: Queryable): Promise<void> {
  await db.rows(sql`select 1 as ok`);
}
