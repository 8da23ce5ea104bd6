import type { Queryable } from "../runtime/database.ts";
import { sql } from "./sql.ts";

/** The database as it says it is. */
export type DatabaseFacts = {
  readonly version: string;
  readonly sizeBytes: number;
  readonly connections: number;
  readonly maxConnections: number;
  readonly fsync: string;
  readonly synchronousCommit: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly schema: readonly string[];
};

/** What the database says of itself. */
export async function readDatabaseFacts(db: Queryable): Promise<DatabaseFacts> {
  const rows = await db.rows<DatabaseFacts>(sql`
    select
      current_setting('server_version') as version,
      pg_database_size(current_database()) as "sizeBytes",
      (select count(*) from pg_stat_activity where datname = current_database())::int as connections,
      current_setting('max_connections')::int as "maxConnections",
      current_setting('fsync') as fsync,
      current_setting('synchronous_commit') as "synchronousCommit",
      pg_postmaster_start_time() as "startedAt",
      array(select name from schema_migrations order by name) as schema`);
  const row = rows[0];
  if (row === undefined) throw new Error("the database said nothing of itself");
  return row;
}

/** How large a table is, all of its partitions together, and how much of it vacuum has yet to remove. */
export type TableFacts = {
  readonly name: string;
  readonly partitions: number;
  readonly bytes: number;
  readonly liveRows: number;
  readonly deadRows: number;
  /** Epoch milliseconds. */
  readonly lastVacuumAt: number | null;
};

/** The tables of this schema, the largest first; rows are the statistics' guesses. */
export function listTableFacts(db: Queryable): Promise<readonly TableFacts[]> {
  return db.rows<TableFacts>(sql`
    select
      coalesce(parent.relname, stats.relname)::text as name,
      count(parent.oid)::int as partitions,
      sum(pg_total_relation_size(stats.relid))::bigint as bytes,
      sum(stats.n_live_tup)::bigint as "liveRows",
      sum(stats.n_dead_tup)::bigint as "deadRows",
      max(greatest(stats.last_vacuum, stats.last_autovacuum)) as "lastVacuumAt"
    from pg_stat_user_tables stats
    left join pg_inherits on pg_inherits.inhrelid = stats.relid
    left join pg_class parent on parent.oid = pg_inherits.inhparent
    where stats.schemaname = current_schema()
      and not exists (select from pg_partitioned_table where partrelid = stats.relid)
    group by 1
    order by 3 desc`);
}
