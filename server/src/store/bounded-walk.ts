import type { Queryable } from "../runtime/database.ts";
import { joined, type Sql, sql } from "./sql.ts";

/** A walk along the ids of a table, for a page of a list. */
export type BoundedWalk = {
  /** The table, by whose name the columns call their rows. */
  readonly table: Sql;
  readonly columns: Sql;
  readonly order: "newest" | "oldest";
  /** The organization, the span of time and where the page begins: what every index can follow. */
  readonly range: readonly Sql[];
  /** What an index can follow besides, one set of conditions for each look. */
  readonly branches: readonly (readonly Sql[])[];
  /** What is looked at row by row. */
  readonly rest: readonly Sql[];
  readonly limit: number;
};

/** So many rows are looked at for a page at most; it may then hold fewer than asked for and go on behind them. */
export const MOST_LOOKED_AT = 10_000;

/**
 * Walks along indexes by id and stops at a full page, or where enough was looked at: what is rare among millions takes
 * several pages and never a long time. `next` is the id that the list goes on behind, null at its end.
 */
export async function walkById<Row extends { readonly id: string }>(
  db: Queryable,
  walk: BoundedWalk,
): Promise<{ readonly rows: readonly Row[]; readonly next: string | null }> {
  const { table, columns, branches, rest, limit } = walk;
  const direction = walk.order === "oldest" ? sql`asc` : sql`desc`;
  // Where every row counts, no look needs more than the page has.
  const share = rest.length === 0 ? limit + 1 : Math.ceil(MOST_LOOKED_AT / branches.length);
  const looks = branches.map((branch) => {
    const where = joined([...walk.range, ...branch], " and ");
    return sql`(select * from ${table} where ${where} order by id ${direction} limit ${share})`;
  });
  const rows = await db.rows<Row>(sql`
    select ${columns}
    from (${joined(looks, " union all ")}) ${table}
    ${rest.length === 0 ? sql`` : sql`where ${joined(rest, " and ")}`}
    order by ${table}.id ${direction}
    limit ${limit + 1}`);
  if (rest.length === 0 || (branches.length === 1 && rows.length > limit)) return cut(rows, limit);
  const ends = await lastLookedAt(db, walk, share, direction);
  const end = walk.order === "oldest" ? ends.sort()[0] : ends.sort().at(-1);
  if (end === undefined) return cut(rows, limit);
  // What lies behind the shortest look was looked at in part only.
  const certain = rows.filter(({ id }) => (walk.order === "oldest" ? id <= end : id >= end));
  return certain.length > limit ? cut(certain, limit) : { rows: certain, next: end };
}

function cut<Row extends { readonly id: string }>(rows: readonly Row[], limit: number) {
  const shown = rows.slice(0, limit);
  return { rows: shown, next: rows.length > limit ? (shown.at(-1)?.id ?? null) : null };
}

/** The last ids of the looks that were cut short. */
async function lastLookedAt(db: Queryable, walk: BoundedWalk, share: number, direction: Sql): Promise<string[]> {
  const ends = walk.branches.map((branch) => {
    const where = joined([...walk.range, ...branch], " and ");
    return sql`(select id from ${walk.table} where ${where} order by id ${direction} limit 1 offset ${share - 1})`;
  });
  const rows = await db.rows<{ id: string }>(joined(ends, " union all "));
  return rows.map((row) => row.id);
}
