import type { Incident } from "../core/incident.ts";
import type { Comparable } from "../core/similar.ts";
import type { Queryable } from "../runtime/database.ts";
import { incidentColumns } from "./incidents.ts";
import { sql } from "./sql.ts";

const OF_GROUP = 50;
const OF_INTEGRATION = 500;

/** Earlier incidents that may resemble one: those of its group, and the newest 500 of its integration. */
export function listComparable(
  db: Queryable,
  incident: Pick<Incident, "organizationId" | "id" | "groupKey" | "integrationId">,
): Promise<readonly Comparable[]> {
  const { organizationId, id, groupKey, integrationId } = incident;
  return db.rows<Comparable>(sql`
    (
      select id, group_key as "groupKey", integration_id as "integrationId", title, labels
      from incidents
      where organization_id = ${organizationId} and group_key = ${groupKey} and id < ${id}
      order by id desc
      limit ${OF_GROUP}
    )
    union
    (
      select id, group_key as "groupKey", integration_id as "integrationId", title, labels
      from incidents
      where organization_id = ${organizationId} and integration_id = ${integrationId} and id < ${id}
      order by id desc
      limit ${OF_INTEGRATION}
    )`);
}

/** A note that somebody left on an incident; `at` in epoch milliseconds. */
export type NoteRow = {
  readonly incidentId: string;
  readonly at: number;
  readonly actor: string;
  readonly text: string;
};

/** The incidents of these ids that are there, in no order. */
export function findIncidentsByIds(
  db: Queryable,
  organizationId: string,
  ids: readonly string[],
): Promise<readonly Incident[]> {
  return db.rows<Incident>(sql`
    select ${incidentColumns}
    from incidents
    where organization_id = ${organizationId} and id = any(${[...ids]}::uuid[])`);
}

const NOTES_EACH = 3;
const LINES_EACH = 500;

/** The last three notes of each incident, newest first, from the last 500 lines of its timeline. */
export function listLastNotes(
  db: Queryable,
  organizationId: string,
  incidentIds: readonly string[],
): Promise<readonly NoteRow[]> {
  return db.rows<NoteRow>(sql`
    select notes.incident_id as "incidentId", notes.at, notes.actor, notes.text
    from unnest(${[...incidentIds]}::uuid[]) given (id)
    cross join lateral (
      select lines.*
      from (
        select id, incident_id, at, kind, actor, text
        from incident_timeline
        where organization_id = ${organizationId} and incident_id = given.id
        order by id desc
        limit ${LINES_EACH}
      ) lines
      where lines.kind = 'note'
      order by lines.id desc
      limit ${NOTES_EACH}
    ) notes
    order by notes.id desc`);
}
