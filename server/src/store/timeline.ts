import type { JsonObject } from "../core/json.ts";
import type { TimelineDraft, TimelineKind } from "../core/timeline.ts";
import type { Queryable } from "../runtime/database.ts";
import { json, sql, timestamp } from "./sql.ts";

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

/** Stores lines of timelines. */
export async function insertTimeline(
  tx: Queryable,
  lines: readonly (TimelineDraft & { readonly id: string })[],
): Promise<void> {
  await tx.rows(sql`
    insert into incident_timeline (organization_id, id, incident_id, at, kind, actor, text, details)
    select * from unnest(
      ${lines.map((line) => line.organizationId)}::uuid[], ${lines.map((line) => line.id)}::uuid[],
      ${lines.map((line) => line.incidentId)}::uuid[], ${lines.map((line) => timestamp(line.at))}::timestamptz[],
      ${lines.map((line) => line.kind)}::text[], ${lines.map((line) => line.actor)}::text[],
      ${lines.map((line) => line.text)}::text[], ${lines.map((line) => json(line.details))}::jsonb[])`);
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
