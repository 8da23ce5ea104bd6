import type { AlertKey } from "../core/alert.ts";
import type { Incident } from "../core/incident.ts";
import type { Queryable, Transaction } from "../runtime/database.ts";
import { bigints, booleans, ints, jsonbs, texts, timestamps, uuids } from "./binary-array.ts";
import { type Sql, sql, timestamp } from "./sql.ts";

/** Every column of an incident under its name in `Incident`. */
export const incidentColumns = sql`
  incidents.organization_id as "organizationId", incidents.id, incidents.number,
  incidents.integration_id as "integrationId", incidents.group_key as "groupKey", incidents.status, incidents.severity,
  incidents.title, incidents.description, incidents.labels, incidents.links, incidents.flapping,
  incidents.alert_count as "alertCount", incidents.firing_count as "firingCount",
  incidents.signal_count as "signalCount", incidents.assignee, incidents.edited_fields as "editedFields",
  incidents.previous_incident_id as "previousIncidentId", incidents.merged_into_id as "mergedIntoId",
  incidents.snoozed_until as "snoozedUntil",
  array(select (extract(epoch from at) * 1000)::float8 from unnest(incidents.state_changes) at) as "stateChanges",
  incidents.event_sequence as "eventSequence", incidents.update_due_at as "updateDueAt",
  incidents.last_update_event_at as "lastUpdateEventAt", incidents.created_at as "createdAt",
  incidents.updated_at as "updatedAt", incidents.acknowledged_at as "acknowledgedAt",
  incidents.acknowledged_by as "acknowledgedBy", incidents.resolved_at as "resolvedAt",
  incidents.resolved_by as "resolvedBy", incidents.version`;

/** Names an incident in full. */
export type IncidentKey = { readonly organizationId: string; readonly id: string };

/** Names a group in full. */
export type GroupKey = { readonly organizationId: string; readonly groupKey: string };

/** An incident of the organization; null when unknown or foreign. */
export async function findIncident(db: Queryable, organizationId: string, id: string): Promise<Incident | null> {
  const rows = await db.rows<Incident>(sql`
    select ${incidentColumns} from incidents where organization_id = ${organizationId} and id = ${id}`);
  return rows[0] ?? null;
}

/**
 * Incidents by id, and of each group the unresolved and the newest one, locked until the transaction ends, in the order
 * of their ids.
 */
export function lockIncidents(
  tx: Queryable,
  keys: readonly IncidentKey[],
  groups: readonly GroupKey[],
): Promise<readonly Incident[]> {
  return lockNamed(
    tx,
    sql`
      select organization_id, id
      from unnest(${uuids(keys.map((key) => key.organizationId))}, ${uuids(keys.map((key) => key.id))})
        as named (organization_id, id)`,
    groups,
  );
}

/** The incidents of alerts by their keys, and those of groups, locked as `lockIncidents` does. */
export function lockIncidentsOfAlerts(
  tx: Queryable,
  alerts: readonly AlertKey[],
  groups: readonly GroupKey[],
): Promise<readonly Incident[]> {
  return lockNamed(
    tx,
    sql`
      select alerts.organization_id, alerts.incident_id as id
      from unnest(${uuids(alerts.map((key) => key.organizationId))}, ${uuids(alerts.map((key) => key.integrationId))},
                  ${texts(alerts.map((key) => key.dedupKey))}) as wanted (organization_id, integration_id, dedup_key)
      cross join lateral (
        select organization_id, incident_id
        from alerts
        where alerts.organization_id = wanted.organization_id
          and alerts.integration_id = wanted.integration_id
          and alerts.dedup_key = wanted.dedup_key
        offset 0
      ) alerts
      where alerts.incident_id is not null`,
    groups,
  );
}

function lockNamed(tx: Queryable, named: Sql, groups: readonly GroupKey[]): Promise<readonly Incident[]> {
  return tx.rows<Incident>(sql`
    with named as (${named}),
    groups as (
      select organization_id, group_key
      from unnest(${uuids(groups.map((group) => group.organizationId))},
                  ${texts(groups.map((group) => group.groupKey))}) as groups (organization_id, group_key)
    ),
    of_groups as (
      select found.organization_id, found.id
      from groups
      cross join lateral (
        (
          select organization_id, id
          from incidents
          where organization_id = groups.organization_id and group_key = groups.group_key and status <> 'resolved'
        )
        union all
        (
          select organization_id, id
          from incidents
          where organization_id = groups.organization_id and group_key = groups.group_key
          order by id desc
          limit 1
        )
      ) found
    ),
    wanted as (
      select organization_id, id from named
      union
      select organization_id, id from of_groups
    )
    select incidents.*
    from (select organization_id, id from wanted order by organization_id, id) wanted
    cross join lateral (
      select ${incidentColumns}
      from incidents
      where incidents.organization_id = wanted.organization_id and incidents.id = wanted.id
      for update
    ) incidents`);
}

/**
 * Numbers new incidents, each organization's in the order given, and stores them; returns the numbers by id. Violates
 * `incidents_open_group` when somebody was faster.
 */
export async function insertIncidents(
  tx: Queryable,
  incidents: readonly Incident[],
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  const placed = incidents.map((incident) => {
    const place = counts.get(incident.organizationId) ?? 0;
    counts.set(incident.organizationId, place + 1);
    return { ...incident, number: place };
  });
  const organizationIds = [...counts.keys()].sort();
  const rows = await tx.rows<{ id: string; number: number }>(sql`
    with taken as (
      update organizations
      set next_incident_number = next_incident_number + wanted.count
      from unnest(${uuids(organizationIds)}, ${bigints(organizationIds.map((id) => counts.get(id) ?? 0))})
        as wanted (organization_id, count)
      where organizations.id = wanted.organization_id
      returning organizations.id as organization_id, next_incident_number - wanted.count as first
    )
    insert into incidents (organization_id, id, number, integration_id, created_at, previous_incident_id, group_key,
      status, severity, title, description, labels, links, flapping, alert_count, firing_count, signal_count, assignee,
      edited_fields, merged_into_id, snoozed_until, state_changes, event_sequence, update_due_at, last_update_event_at,
      updated_at, acknowledged_at, acknowledged_by, resolved_at, resolved_by)
    select given.organization_id, id, taken.first + number, integration_id, created_at, previous_incident_id, group_key,
      status, severity, title, description, labels, links, flapping, alert_count, firing_count, signal_count, assignee,
      edited_fields, merged_into_id, snoozed_until, state_changes, event_sequence, update_due_at, last_update_event_at,
      updated_at, acknowledged_at, acknowledged_by, resolved_at, resolved_by
    from (${givenRows(placed)}) given
    join taken on taken.organization_id = given.organization_id
    returning id, number`);
  if (rows.length !== incidents.length) throw new Error("the organization of an incident does not exist");
  return new Map(rows.map((row) => [row.id, row.number]));
}

/** Writes incidents that this transaction has locked and raises their versions. */
export function updateIncidents(tx: Transaction, incidents: readonly Incident[]): void {
  tx.send(sql`
    update incidents
    set group_key = given.group_key, status = given.status, severity = given.severity, title = given.title,
      description = given.description, labels = given.labels, links = given.links, flapping = given.flapping,
      alert_count = given.alert_count, firing_count = given.firing_count, signal_count = given.signal_count,
      assignee = given.assignee, edited_fields = given.edited_fields, merged_into_id = given.merged_into_id,
      snoozed_until = given.snoozed_until, state_changes = given.state_changes,
      event_sequence = given.event_sequence, update_due_at = given.update_due_at,
      last_update_event_at = given.last_update_event_at, updated_at = given.updated_at,
      acknowledged_at = given.acknowledged_at, acknowledged_by = given.acknowledged_by,
      resolved_at = given.resolved_at, resolved_by = given.resolved_by, version = incidents.version + 1
    from (${givenRows(incidents)}) given
    where incidents.organization_id = given.organization_id and incidents.id = given.id`);
}

/** The given incidents as rows; lists inside a row travel as text, since unnest would flatten them. */
function givenRows(incidents: readonly Incident[]) {
  const column = <T>(pick: (incident: Incident) => T): T[] => incidents.map(pick);
  const times = (pick: (incident: Incident) => number | null) => column(pick);
  return sql`
    select organization_id, id, number, integration_id, group_key, status, severity, title, description, labels, links,
      flapping, alert_count, firing_count, signal_count, assignee,
      string_to_array(edited_fields, ',') as edited_fields, previous_incident_id, merged_into_id, snoozed_until,
      array(
        select to_timestamp(ms::float8 / 1000) from unnest(string_to_array(state_changes, ',')) as ms
      ) as state_changes,
      event_sequence, update_due_at, last_update_event_at, created_at, updated_at, acknowledged_at, acknowledged_by,
      resolved_at, resolved_by
    from unnest(
      ${uuids(column((i) => i.organizationId))}, ${uuids(column((i) => i.id))}, ${bigints(column((i) => i.number))},
      ${uuids(column((i) => i.integrationId))}, ${texts(column((i) => i.groupKey))}, ${texts(column((i) => i.status))},
      ${texts(column((i) => i.severity))}, ${texts(column((i) => i.title))}, ${texts(column((i) => i.description))},
      ${jsonbs(column((i) => i.labels))}, ${jsonbs(column((i) => i.links))},
      ${booleans(column((i) => i.flapping))}, ${ints(column((i) => i.alertCount))},
      ${ints(column((i) => i.firingCount))}, ${bigints(column((i) => i.signalCount))},
      ${texts(column((i) => i.assignee))}, ${texts(column((i) => i.editedFields.join(",")))},
      ${uuids(column((i) => i.previousIncidentId))}, ${uuids(column((i) => i.mergedIntoId))},
      ${timestamps(times((i) => i.snoozedUntil))}, ${texts(column((i) => i.stateChanges.join(",")))},
      ${ints(column((i) => i.eventSequence))}, ${timestamps(times((i) => i.updateDueAt))},
      ${timestamps(times((i) => i.lastUpdateEventAt))}, ${timestamps(times((i) => i.createdAt))},
      ${timestamps(times((i) => i.updatedAt))}, ${timestamps(times((i) => i.acknowledgedAt))},
      ${texts(column((i) => i.acknowledgedBy))}, ${timestamps(times((i) => i.resolvedAt))},
      ${texts(column((i) => i.resolvedBy))}
    ) as given (organization_id, id, number, integration_id, group_key, status, severity, title, description, labels,
      links, flapping, alert_count, firing_count, signal_count, assignee, edited_fields, previous_incident_id,
      merged_into_id, snoozed_until, state_changes, event_sequence, update_due_at, last_update_event_at, created_at,
      updated_at, acknowledged_at, acknowledged_by, resolved_at, resolved_by)`;
}

/** True when the next look at an incident is due; one cheap look, for a node that has nothing to do. */
export async function isAnyIncidentDue(db: Queryable, now: number): Promise<boolean> {
  const rows = await db.rows(sql`select from incidents where update_due_at <= ${timestamp(now)} limit 1`);
  return rows.length > 0;
}

/** Incidents of all organizations whose next look is due, oldest first, locked; those that somebody works on are left out. */
export function lockDueIncidents(tx: Queryable, now: number, limit: number): Promise<readonly Incident[]> {
  return tx.rows<Incident>(sql`
    select ${incidentColumns}
    from incidents
    where update_due_at <= ${timestamp(now)}
    order by update_due_at
    limit ${limit}
    for update skip locked`);
}
