import type { Database, Queryable } from "../runtime/database.ts";
import { firstUuidAt } from "../runtime/id.ts";
import { sql, trusted } from "./sql.ts";

const DAY_MS = 86_400_000;
const DAYS_BEHIND = 2;
const DAYS_AHEAD = 7;

/** The tables that are cut by day; every one of them is partitioned by a UUIDv7. */
export const PARTITIONED_TABLES = ["receipts", "receipt_outcomes", "attempts"] as const;

/** A table that is cut by day. */
export type PartitionedTable = (typeof PARTITIONED_TABLES)[number];

/** The name of a day's partition, such as `receipts_20261123`. */
export function partitionName(table: PartitionedTable, dayStart: number): string {
  return `${table}_${new Date(dayStart).toISOString().slice(0, 10).replaceAll("-", "")}`;
}

/**
 * Makes the partitions of the days around now (epoch milliseconds): two behind, for work that began before midnight or
 * on a node whose clock was late, and seven ahead, so that a week without this call loses nothing. Safe on many nodes.
 */
export async function ensurePartitions(database: Database, now: number): Promise<number> {
  const present = new Set(await listPartitions(database));
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  let made = 0;
  for (const table of PARTITIONED_TABLES) {
    for (let offset = -DAYS_BEHIND; offset <= DAYS_AHEAD; offset++) {
      const start = today + offset * DAY_MS;
      const name = partitionName(table, start);
      if (present.has(name)) continue;
      await database.transaction(async (tx) => {
        // Two nodes may come here at once; `if not exists` alone does not wait for the other's catalog entry.
        await tx.rows(sql`select pg_advisory_xact_lock(7241, hashtext(${name}))`);
        await tx.rows(
          trusted(
            `create table if not exists ${name} partition of ${table} ` +
              `for values from ('${firstUuidAt(start)}') to ('${firstUuidAt(start + DAY_MS)}')`,
          ),
        );
      });
      made += 1;
    }
  }
  return made;
}

/** Names of all partitions that exist. */
export async function listPartitions(db: Queryable): Promise<readonly string[]> {
  const rows = await db.rows<{ name: string }>(sql`
    select child.relname::text as name
    from pg_inherits
    join pg_class child on child.oid = inhrelid
    join pg_class parent on parent.oid = inhparent
    join pg_namespace on pg_namespace.oid = child.relnamespace
    where parent.relname = any(${[...PARTITIONED_TABLES]}::text[])
      and nspname = current_schema()
      and child.relkind = 'r'`);
  return rows.map((row) => row.name);
}

/** Drops the partitions of a table whose last day ended before the moment (epoch milliseconds); returns their names. */
export async function dropPartitionsBefore(
  database: Database,
  table: PartitionedTable,
  moment: number,
): Promise<readonly string[]> {
  const limit = partitionName(table, Math.floor(moment / DAY_MS) * DAY_MS);
  const old = (await listPartitions(database)).filter((name) => name.startsWith(`${table}_2`) && name < limit);
  for (const name of old) await database.rows(trusted(`drop table if exists ${name}`));
  return old;
}
