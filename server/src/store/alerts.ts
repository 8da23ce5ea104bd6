import type { Alert, AlertKey } from "../core/alert.ts";
import type { Tally } from "../core/tally.ts";
import type { Queryable, Transaction } from "../runtime/database.ts";
import { bigints, booleans, jsonbs, texts, timestamps, uuids } from "./binary-array.ts";
import { nothing, sql, timestamp } from "./sql.ts";

const columns = sql`
  alerts.organization_id as "organizationId", alerts.id, alerts.integration_id as "integrationId",
  alerts.dedup_key as "dedupKey", alerts.external_id as "externalId", alerts.status, alerts.acknowledged,
  alerts.severity, alerts.title, alerts.description, alerts.labels, alerts.links, alerts.incident_id as "incidentId",
  alerts.group_key as "groupKey", alerts.fired_at as "firedAt", alerts.resolved_at as "resolvedAt",
  alerts.acknowledged_at as "acknowledgedAt", alerts.unacknowledged_at as "unacknowledgedAt",
  alerts.firing_since as "firingSince", alerts.signal_count as "signalCount", alerts.first_seen_at as "firstSeenAt",
  alerts.last_seen_at as "lastSeenAt"`;

/**
 * The alerts of these keys, locked until the transaction ends. They are looked up and locked one by one in the order of
 * their keys: a join could be planned as reading a whole organization, and two transactions could wait for each other.
 */
export function lockAlertsByKey(tx: Queryable, keys: readonly AlertKey[]): Promise<readonly Alert[]> {
  const sorted = keys.toSorted((one, other) => compareText(one.dedupKey, other.dedupKey));
  return tx.rows<Alert>(sql`
    select alerts.*
    from unnest(${uuids(sorted.map((key) => key.organizationId))}, ${uuids(sorted.map((key) => key.integrationId))},
                ${texts(sorted.map((key) => key.dedupKey))}) as wanted (organization_id, integration_id, dedup_key)
    cross join lateral (
      select ${columns}
      from alerts
      where alerts.organization_id = wanted.organization_id
        and alerts.integration_id = wanted.integration_id
        and alerts.dedup_key = wanted.dedup_key
      for update
    ) alerts`);
}

function compareText(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** All alerts of an incident, locked until the transaction ends, in the order of their ids; only firing ones when asked. */
export function lockAlertsOfIncident(
  tx: Queryable,
  organizationId: string,
  incidentId: string,
  onlyFiring: boolean,
): Promise<readonly Alert[]> {
  return tx.rows<Alert>(sql`
    select ${columns}
    from alerts
    where organization_id = ${organizationId} and incident_id = ${incidentId}
      ${onlyFiring ? sql`and status = 'firing'` : nothing}
    order by id
    for update`);
}

/** Stores new alerts; violates `alerts_dedup_key` when somebody was faster. */
export function insertAlerts(tx: Transaction, alerts: readonly Alert[]): void {
  tx.send(sql`
    insert into alerts (organization_id, id, integration_id, dedup_key, external_id, status, acknowledged, severity,
      title, description, labels, links, incident_id, group_key, fired_at, resolved_at, acknowledged_at,
      unacknowledged_at, firing_since, signal_count, first_seen_at, last_seen_at)
    select * from ${rowsOf(alerts)}`);
}

/** Writes alerts that this transaction has locked. */
export function updateAlerts(tx: Transaction, alerts: readonly Alert[]): void {
  tx.send(sql`
    update alerts
    set external_id = given.external_id, status = given.status, acknowledged = given.acknowledged,
      severity = given.severity, title = given.title, description = given.description, labels = given.labels,
      links = given.links, incident_id = given.incident_id, group_key = given.group_key, fired_at = given.fired_at,
      resolved_at = given.resolved_at, acknowledged_at = given.acknowledged_at,
      unacknowledged_at = given.unacknowledged_at, firing_since = given.firing_since,
      signal_count = given.signal_count, last_seen_at = given.last_seen_at
    from ${rowsOf(alerts)}
      as given (organization_id, id, integration_id, dedup_key, external_id, status, acknowledged, severity, title,
        description, labels, links, incident_id, group_key, fired_at, resolved_at, acknowledged_at, unacknowledged_at,
        firing_since, signal_count, first_seen_at, last_seen_at)
    where alerts.organization_id = given.organization_id and alerts.id = given.id`);
}

function rowsOf(alerts: readonly Alert[]) {
  const column = <T>(pick: (alert: Alert) => T): T[] => alerts.map(pick);
  return sql`unnest(
    ${uuids(column((a) => a.organizationId))}, ${uuids(column((a) => a.id))}, ${uuids(column((a) => a.integrationId))},
    ${texts(column((a) => a.dedupKey))}, ${texts(column((a) => a.externalId))}, ${texts(column((a) => a.status))},
    ${booleans(column((a) => a.acknowledged))}, ${texts(column((a) => a.severity))}, ${texts(column((a) => a.title))},
    ${texts(column((a) => a.description))}, ${jsonbs(column((a) => a.labels))},
    ${jsonbs(column((a) => a.links))}, ${uuids(column((a) => a.incidentId))},
    ${texts(column((a) => a.groupKey))}, ${timestamps(column((a) => a.firedAt))},
    ${timestamps(column((a) => a.resolvedAt))}, ${timestamps(column((a) => a.acknowledgedAt))},
    ${timestamps(column((a) => a.unacknowledgedAt))}, ${timestamps(column((a) => a.firingSince))},
    ${bigints(column((a) => a.signalCount))}, ${timestamps(column((a) => a.firstSeenAt))},
    ${timestamps(column((a) => a.lastSeenAt))})`;
}

/** The firing alerts of incidents counted by severity and acknowledgement. */
export async function readTallies(
  tx: Queryable,
  incidents: readonly { readonly organizationId: string; readonly id: string }[],
): Promise<ReadonlyMap<string, Tally>> {
  const rows = await tx.rows<{ incident_id: string; counts: number[]; acknowledged: number }>(sql`
    select
      alerts.incident_id,
      array[
        count(*) filter (where severity = 'critical'), count(*) filter (where severity = 'high'),
        count(*) filter (where severity = 'medium'), count(*) filter (where severity = 'low'),
        count(*) filter (where severity = 'info')
      ]::int[] as counts,
      (count(*) filter (where acknowledged))::int as acknowledged
    from unnest(${uuids(incidents.map((one) => one.organizationId))}, ${uuids(incidents.map((one) => one.id))})
      as wanted (organization_id, id)
    cross join lateral (
      select incident_id, severity, acknowledged
      from alerts
      where alerts.organization_id = wanted.organization_id and alerts.incident_id = wanted.id
        and alerts.status = 'firing'
      offset 0
    ) alerts
    group by alerts.incident_id`);
  return new Map(rows.map((row) => [row.incident_id, { bySeverity: row.counts, acknowledged: row.acknowledged }]));
}

/** The newest alerts of each incident, at most so many of each, newest first. */
export function readAlertsOfIncidents(
  db: Queryable,
  incidents: readonly { readonly organizationId: string; readonly id: string }[],
  limit: number,
): Promise<readonly Alert[]> {
  return db.rows<Alert>(sql`
    select ${columns}
    from unnest(${uuids(incidents.map((one) => one.organizationId))}, ${uuids(incidents.map((one) => one.id))})
      as wanted (organization_id, id)
    cross join lateral (
      select *
      from alerts
      where alerts.organization_id = wanted.organization_id and alerts.incident_id = wanted.id
      order by alerts.id desc
      limit ${limit}
    ) alerts
    order by alerts.id desc`);
}

/** The dedup keys of the latest firing alerts of each integration, at most so many of each. */
export function readFiringKeys(
  db: Queryable,
  integrations: readonly { readonly organizationId: string; readonly id: string }[],
  limit: number,
): Promise<readonly { readonly integrationId: string; readonly dedupKey: string }[]> {
  return db.rows(sql`
    select firing.integration_id as "integrationId", firing.dedup_key as "dedupKey"
    from unnest(${uuids(integrations.map((one) => one.organizationId))}, ${uuids(integrations.map((one) => one.id))})
      as wanted (organization_id, id)
    cross join lateral (
      select integration_id, dedup_key
      from alerts
      where alerts.organization_id = wanted.organization_id and alerts.integration_id = wanted.id
        and alerts.status = 'firing'
      order by last_seen_at desc
      limit ${limit}
    ) firing`);
}

/** Firing alerts of an integration of which nothing was heard since the moment; those that somebody works on are left out. */
export function lockStaleAlerts(
  tx: Queryable,
  organizationId: string,
  integrationId: string,
  lastSeenBefore: number,
  limit: number,
): Promise<readonly Alert[]> {
  return tx.rows<Alert>(sql`
    select ${columns}
    from alerts
    where organization_id = ${organizationId} and integration_id = ${integrationId} and status = 'firing'
      and last_seen_at < ${timestamp(lastSeenBefore)}
    order by last_seen_at
    limit ${limit}
    for update skip locked`);
}

/** An alert of the organization; null when unknown or foreign. */
export async function findAlert(db: Queryable, organizationId: string, id: string): Promise<Alert | null> {
  const rows = await db.rows<Alert>(sql`
    select ${columns} from alerts where organization_id = ${organizationId} and id = ${id}`);
  return rows[0] ?? null;
}

/** Every column of an alert under its name in `Alert`, for other statements on this table. */
export const alertColumns = columns;

/** Makes all alerts of one incident those of another. */
export async function moveAlerts(tx: Queryable, organizationId: string, fromId: string, intoId: string): Promise<void> {
  await tx.rows(sql`
    update alerts set incident_id = ${intoId} where organization_id = ${organizationId} and incident_id = ${fromId}`);
}

/** The ids of all alerts of an incident, `limit` of them at most. */
export async function readAlertIds(
  tx: Queryable,
  incident: { readonly organizationId: string; readonly id: string },
  limit: number,
): Promise<readonly string[]> {
  const rows = await tx.rows<{ id: string }>(sql`
    select id from alerts
    where organization_id = ${incident.organizationId} and incident_id = ${incident.id}
    order by id
    limit ${limit}`);
  return rows.map(({ id }) => id);
}
