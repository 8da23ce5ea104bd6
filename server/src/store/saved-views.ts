import type { Queryable } from "../runtime/database.ts";
import { sql, timestamp } from "./sql.ts";

/** A search that somebody keeps under a name; times in epoch milliseconds. */
export type SavedView = {
  readonly organizationId: string;
  readonly id: string;
  /** `user:<id>` or `key:<id>`. */
  readonly owner: string;
  readonly ownerName: string;
  readonly name: string;
  readonly page: string;
  readonly query: string;
  readonly isShared: boolean;
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
};

const columns = sql`
  organization_id as "organizationId", id, owner, owner_name as "ownerName", name, page, query,
  is_shared as "isShared", version, created_at as "createdAt", updated_at as "updatedAt"`;

/** How many views one owner can keep. */
export const MOST_VIEWS = 200;

/** The views of an owner and those that others share, newest first, of one page when asked. */
export function listViews(
  db: Queryable,
  organizationId: string,
  owner: string,
  ask: { readonly page: string | null; readonly before: string | null; readonly limit: number },
): Promise<readonly SavedView[]> {
  return db.rows<SavedView>(sql`
    select ${columns}
    from saved_views
    where organization_id = ${organizationId} and (owner = ${owner} or is_shared)
      and (${ask.before}::uuid is null or id < ${ask.before}::uuid)
      and (${ask.page}::text is null or page = ${ask.page}::text)
    order by id desc
    limit ${ask.limit}`);
}

/** A view that the owner may see; null when there is none. */
export async function findView(
  db: Queryable,
  organizationId: string,
  owner: string,
  id: string,
): Promise<SavedView | null> {
  const rows = await db.rows<SavedView>(sql`
    select ${columns}
    from saved_views
    where organization_id = ${organizationId} and id = ${id} and (owner = ${owner} or is_shared)`);
  return rows[0] ?? null;
}

/** Stores a view unless its owner has MOST_VIEWS already; false when so. */
export async function insertView(db: Queryable, view: SavedView): Promise<boolean> {
  const rows = await db.rows(sql`
    insert into saved_views (organization_id, id, owner, owner_name, name, page, query, is_shared, version, created_at,
      updated_at)
    select ${view.organizationId}, ${view.id}, ${view.owner}, ${view.ownerName}, ${view.name}, ${view.page},
      ${view.query}, ${view.isShared}, ${view.version}, ${timestamp(view.createdAt)}, ${timestamp(view.updatedAt)}
    where (
      select count(*) from saved_views
      where organization_id = ${view.organizationId} and owner = ${view.owner}
    ) < ${MOST_VIEWS}
    returning id`);
  return rows.length > 0;
}

/** Writes a view unless its version has moved on; null when it has or the view is gone. */
export async function updateView(db: Queryable, view: SavedView, now: number): Promise<SavedView | null> {
  const rows = await db.rows<SavedView>(sql`
    update saved_views
    set name = ${view.name}, page = ${view.page}, query = ${view.query}, is_shared = ${view.isShared},
      version = version + 1, updated_at = ${timestamp(now)}
    where organization_id = ${view.organizationId} and id = ${view.id} and version = ${view.version}
    returning ${columns}`);
  return rows[0] ?? null;
}

/** Deletes a view. */
export async function deleteView(db: Queryable, organizationId: string, id: string): Promise<void> {
  await db.rows(sql`delete from saved_views where organization_id = ${organizationId} and id = ${id}`);
}
