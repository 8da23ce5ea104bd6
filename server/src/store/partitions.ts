import type { Database, Queryable } from "../runtime/database.ts";
import { firstUuidAt } from "../runtime/id.ts";
import { sql, trusted } from "./sql.ts";

const DAY_MS = 86_400_000;
const DAYS_BEHIND = 2;
const DAYS_AHEAD = 7;
const DAYS_AHEAD_BY_MONTH = 40;

/** The tables that are cut by day; every one of them is partitioned by a UUIDv7. */
const CUT_BY_DAY = ["receipts", "receipt_outcomes", "attempts"] as const;

/** Those that grow so slowly that a month is enough. */
const CUT_BY_MONTH = ["audit_entries"] as const;

/** All tables that are cut by time. */
export const PARTITIONED_TABLES = [...CUT_BY_DAY, ...CUT_BY_MONTH] as const;

/** A table that is cut by time. */
export type PartitionedTable = (typeof PARTITIONED_TABLES)[number];

/** The name of the partition of a day or a month, such as `receipts_20261123` or `audit_entries_202611`. */
export function partitionName(table: PartitionedTable, start: number): string {
  const digits = isCutByMonth(table) ? 6 : 8;
  return `${table}_${new Date(start).toISOString().slice(0, 10).replaceAll("-", "").slice(0, digits)}`;
}

function isCutByMonth(table: PartitionedTable): boolean {
  return CUT_BY_MONTH.some((one) => one === table);
}

/** The beginnings of the partitions that must be there, and of the one behind them. */
function startsAround(table: PartitionedTable, now: number): readonly number[] {
  const [first, last] = [
    now - DAYS_BEHIND * DAY_MS,
    now + (isCutByMonth(table) ? DAYS_AHEAD_BY_MONTH : DAYS_AHEAD) * DAY_MS,
  ];
  const starts: number[] = [];
  for (let start = startOf(table, first); start <= last; start = nextStart(table, start)) starts.push(start);
  return [...starts, nextStart(table, starts.at(-1) ?? now)];
}

function startOf(table: PartitionedTable, moment: number): number {
  const at = new Date(moment);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), isCutByMonth(table) ? 1 : at.getUTCDate());
}

function nextStart(table: PartitionedTable, start: number): number {
  const at = new Date(start);
  return isCutByMonth(table) ? Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1) : start + DAY_MS;
}

/**
 * Makes the partitions of the days around now (epoch milliseconds): two behind, for work that began before midnight or
 * on a node whose clock was late, and seven ahead, so that a week without this call loses nothing; of months, those of the
 * next 40 days. Safe on many nodes.
 */
export async function ensurePartitions(database: Database, now: number): Promise<number> {
  const present = new Set(await listPartitions(database));
  let made = 0;
  for (const table of PARTITIONED_TABLES) {
    const starts = startsAround(table, now);
    for (const [index, start] of starts.slice(0, -1).entries()) {
      const end = starts[index + 1] ?? start;
      const name = partitionName(table, start);
      if (present.has(name)) continue;
      await database.transaction(async (tx) => {
        // Two nodes may come here at once; `if not exists` alone does not wait for the other's catalog entry.
        await tx.rows(sql`select pg_advisory_xact_lock(7241, hashtext(${name}))`);
        await tx.rows(
          trusted(
            `create table if not exists ${name} partition of ${table} ` +
              `for values from ('${firstUuidAt(start)}') to ('${firstUuidAt(end)}')`,
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

/** Drops the partitions of a table that ended before the moment (epoch milliseconds); returns their names. */
export async function dropPartitionsBefore(
  database: Database,
  table: PartitionedTable,
  moment: number,
): Promise<readonly string[]> {
  const limit = partitionName(table, moment);
  const old = (await listPartitions(database)).filter((name) => name.startsWith(`${table}_2`) && name < limit);
  for (const name of old) await database.rows(trusted(`drop table if exists ${name}`));
  return old;
}
