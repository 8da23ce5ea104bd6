import type { Queryable } from "../runtime/database.ts";
import { sql, trusted } from "./sql.ts";

const SMALLEST_PAGES = 16;

/**
 * Lets PostgreSQL look again at tables that have doubled since it last did; returns their names. Its own service comes
 * once a minute, and until then prepared statements keep plans that were made for empty tables. A table that another
 * node is looking at is left to that node.
 */
export async function analyzeGrownTables(db: Queryable): Promise<readonly string[]> {
  const rows = await db.rows<{ name: string }>(sql`
    select quote_ident(pg_class.relname) as name
    from pg_class
    join pg_namespace on pg_namespace.oid = pg_class.relnamespace
    where pg_namespace.nspname = current_schema()
      and pg_class.relkind = 'r'
      and pg_relation_size(pg_class.oid) / current_setting('block_size')::int > 2 * greatest(pg_class.relpages, ${SMALLEST_PAGES}::int)`);
  for (const { name } of rows) await db.rows(trusted(`analyze (skip_locked) ${name}`));
  return rows.map((row) => row.name);
}
