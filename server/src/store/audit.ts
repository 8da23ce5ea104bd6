import type { FieldChanges } from "../core/audit.ts";
import type { JsonValue } from "../core/json.ts";
import type { Queryable } from "../runtime/database.ts";
import { firstUuidAt } from "../runtime/id.ts";
import { json, nothing, type Sql, sql, timestamp } from "./sql.ts";

/** Who did something: a person, a key, somebody without either, or whoever runs commands beside a node. */
export type AuditActor = {
  readonly kind: "user" | "api_key" | "anonymous" | "operator";
  readonly id: string | null;
  readonly name: string;
};

/** One thing that was done; `at` in epoch milliseconds. */
export type AuditEntry = {
  readonly organizationId: string;
  readonly id: string;
  readonly at: number;
  readonly actor: AuditActor;
  readonly address: string;
  readonly requestId: string;
  /** Kind and verb, such as `endpoint.update`. */
  readonly action: string;
  readonly object: { readonly kind: string; readonly id: string | null; readonly name: string | null };
  readonly changes: FieldChanges;
  /** What was asked for, where the change of fields does not tell; secrets hidden. */
  readonly request: JsonValue;
};

/** What an audit list is narrowed by; null does not narrow. Times in epoch milliseconds. */
export type AuditFilter = {
  readonly actor: string | null;
  readonly action: string | null;
  readonly objectKind: string | null;
  readonly objectId: string | null;
  readonly since: number | null;
  readonly until: number | null;
  /** Text in the names of actor and object, or in the action. */
  readonly q: string | null;
};

/** Writes an entry; there is no statement that changes one. */
export async function insertAuditEntry(db: Queryable, entry: AuditEntry): Promise<void> {
  const { actor, object } = entry;
  await db.rows(sql`
    insert into audit_entries (organization_id, id, at, actor_kind, actor_id, actor_name, address, request_id, action,
      object_kind, object_id, object_name, changes)
    values (${entry.organizationId}, ${entry.id}, ${timestamp(entry.at)}, ${actor.kind}, ${actor.id}, ${actor.name},
      ${entry.address}, ${entry.requestId}, ${entry.action}, ${object.kind}, ${object.id}, ${object.name},
      ${json({ fields: entry.changes, request: entry.request })})`);
}

type Row = Omit<AuditEntry, "actor" | "object" | "changes" | "request"> & {
  readonly actorKind: AuditActor["kind"];
  readonly actorId: string | null;
  readonly actorName: string;
  readonly objectKind: string;
  readonly objectId: string | null;
  readonly objectName: string | null;
  readonly written: { readonly fields: FieldChanges; readonly request: JsonValue };
};

/** A page of entries, newest first. */
export async function listAuditEntries(
  db: Queryable,
  organizationId: string,
  filter: AuditFilter,
  page: { readonly before: string | null; readonly limit: number },
): Promise<readonly AuditEntry[]> {
  const when = (value: unknown, condition: Sql): Sql => (value === null ? nothing : sql`and ${condition}`);
  const text = filter.q === null ? null : `%${filter.q.replaceAll(/[\\%_]/g, "\\$&")}%`;
  const rows = await db.rows<Row>(sql`
    select organization_id as "organizationId", id, at, actor_kind as "actorKind", actor_id as "actorId",
      actor_name as "actorName", address, request_id as "requestId", action, object_kind as "objectKind",
      object_id as "objectId", object_name as "objectName", changes as written
    from audit_entries
    where organization_id = ${organizationId}
      ${when(page.before, sql`id < ${page.before}`)}
      ${when(filter.since, sql`id >= ${firstUuidAt(filter.since ?? 0)}`)}
      ${when(filter.until, sql`id < ${firstUuidAt(filter.until ?? 0)}`)}
      ${when(filter.actor, sql`actor_id = ${filter.actor}`)}
      ${when(filter.action, sql`action = ${filter.action}`)}
      ${when(filter.objectKind, sql`object_kind = ${filter.objectKind}`)}
      ${when(filter.objectId, sql`object_id = ${filter.objectId}`)}
      ${when(text, sql`(actor_name ilike ${text} or object_name ilike ${text} or action ilike ${text})`)}
    order by id desc
    limit ${page.limit}`);
  return rows.map((row) => ({
    organizationId: row.organizationId,
    id: row.id,
    at: row.at,
    actor: { kind: row.actorKind, id: row.actorId, name: row.actorName },
    address: row.address,
    requestId: row.requestId,
    action: row.action,
    object: { kind: row.objectKind, id: row.objectId, name: row.objectName },
    changes: row.written.fields,
    request: row.written.request,
  }));
}
