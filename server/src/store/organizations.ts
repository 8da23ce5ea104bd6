import type { Queryable } from "../runtime/database.ts";
import { sql, timestamp } from "./sql.ts";

/** A tenant as its own members see it. */
export type Organization = { readonly id: string; readonly name: string; readonly createdAt: number };

/**
 * Makes the organization of a fresh installation, or finds the one that an earlier start or another node made; `id` is
 * used only when there is none. Call it inside a transaction.
 */
export async function ensureDefaultOrganization(tx: Queryable, id: string, now: number): Promise<Organization> {
  await tx.rows(sql`
    insert into settings (name, value) values ('default_organization_id', ${id})
    on conflict (name) do nothing`);
  await tx.rows(sql`
    insert into organizations (id, name, created_at)
    select value::uuid, 'default', ${timestamp(now)} from settings where name = 'default_organization_id'
    on conflict (id) do nothing`);
  const [row] = await tx.rows<Organization>(sql`
    select id, name, created_at as "createdAt"
    from organizations
    where id = (select value::uuid from settings where name = 'default_organization_id')`);
  if (row === undefined) throw new Error("the default organization was removed while it was being read");
  return row;
}

/** The organization of this id, or null. */
export async function findOrganization(db: Queryable, id: string): Promise<Organization | null> {
  const rows = await db.rows<Organization>(sql`
    select id, name, created_at as "createdAt" from organizations where id = ${id}`);
  return rows[0] ?? null;
}

/** The organization of a fresh installation, or null before its first start. */
export async function findDefaultOrganization(db: Queryable): Promise<Organization | null> {
  const rows = await db.rows<Organization>(sql`
    select id, name, created_at as "createdAt"
    from organizations
    where id = (select value::uuid from settings where name = 'default_organization_id')`);
  return rows[0] ?? null;
}

/** Holds an organization until the transaction ends, so that who may what is decided one after the other. */
export async function lockOrganization(tx: Queryable, id: string): Promise<void> {
  await tx.rows(sql`select id from organizations where id = ${id} for no key update`);
}
