import type { JsonObject } from "../core/json.ts";
import type { TimelineDraft, TimelineKind } from "../core/timeline.ts";
import type { Queryable, Transaction } from "../runtime/database.ts";
import { jsonbs, texts, timestamps, uuids } from "./binary-array.ts";
import { type Sql, sql } from "./sql.ts";

/** A stored line of an incident's timeline; `at` in epoch milliseconds. */
export type TimelineRow = {
  readonly id: string;
  readonly incidentId: string;
  readonly at: number;
  readonly kind: TimelineKind;
  readonly actor: string;
  readonly text: string;
  readonly details: JsonObject;
};

/** A line of a timeline with its id. */
export type TimelineLine = TimelineDraft & { readonly id: string };

/** Stores lines of timelines. */
export function insertTimeline(tx: Transaction, lines: readonly TimelineLine[]): void {
  tx.send(insertOfTimeline(lines));
}

/** The statement that stores lines of timelines; to stand in another. */
export function insertOfTimeline(lines: readonly TimelineLine[]): Sql {
  return sql`
    insert into incident_timeline (organization_id, id, incident_id, at, kind, actor, text, details)
    select * from unnest(
      ${uuids(lines.map((line) => line.organizationId))}, ${uuids(lines.map((line) => line.id))},
      ${uuids(lines.map((line) => line.incidentId))}, ${timestamps(lines.map((line) => line.at))},
      ${texts(lines.map((line) => line.kind))}, ${texts(lines.map((line) => line.actor))},
      ${texts(lines.map((line) => line.text))}, ${jsonbs(lines.map((line) => line.details))})`;
}

/** A page of an incident's timeline, newest first, behind the given id. */
export function listTimeline(
  db: Queryable,
  organizationId: string,
  incidentId: string,
  page: { readonly before: string | null; readonly limit: number },
): Promise<readonly TimelineRow[]> {
  return db.rows<TimelineRow>(sql`
    select id, incident_id as "incidentId", at, kind, actor, text, details
    from incident_timeline
    where organization_id = ${organizationId} and incident_id = ${incidentId}
      and (${page.before}::uuid is null or id < ${page.before}::uuid)
    order by id desc
    limit ${page.limit}`);
}

/** The line that tells how an incident came to be; null when there is none. */
export async function findFirstLine(
  db: Queryable,
  organizationId: string,
  incidentId: string,
): Promise<TimelineRow | null> {
  const rows = await db.rows<TimelineRow>(sql`
    select id, incident_id as "incidentId", at, kind, actor, text, details
    from incident_timeline
    where organization_id = ${organizationId} and incident_id = ${incidentId}
    order by id
    limit 1`);
  return rows[0] ?? null;
}

/** What the last line says by which an incident was merged into another; empty when there is none. */
export async function readLastMerge(
  db: Queryable,
  organizationId: string,
  incidentId: string,
  intoId: string,
): Promise<JsonObject> {
  const rows = await db.rows<{ details: JsonObject }>(sql`
    select details
    from incident_timeline
    where organization_id = ${organizationId} and incident_id = ${incidentId} and kind = 'merged'
      and details -> 'into' ->> 'id' = ${intoId}
    order by id desc
    limit 1`);
  return rows[0]?.details ?? {};
}
