import type { EventType } from "../core/event.ts";
import type { JsonObject } from "../core/json.ts";
import type { Queryable, Transaction } from "../runtime/database.ts";
import { ints, jsons, texts, timestamps, uuids } from "./binary-array.ts";
import { insertOfDeliveries, type NewDelivery } from "./deliveries.ts";
import { entriesOf, insertOfEntries } from "./ledger.ts";
import { sql } from "./sql.ts";
import { insertOfTimeline, type TimelineLine } from "./timeline.ts";

/** A stored outgoing fact; `createdAt` in epoch milliseconds. */
export type EventRow = {
  readonly organizationId: string;
  readonly id: string;
  readonly type: EventType;
  readonly incidentId: string | null;
  readonly integrationId: string | null;
  readonly endpointId: string | null;
  /** Counts the events of an incident from 1; 0 for others. */
  readonly sequence: number;
  readonly payload: JsonObject;
  readonly createdAt: number;
};

/** An event about to be stored. */
export type NewEvent = EventRow & {
  /** Every endpoint that is to hear it: the ledger is kept by these, whatever deliveries are stored along. */
  readonly matchedEndpointIds: readonly string[];
};

const columns = sql`
  organization_id as "organizationId", id, type, incident_id as "incidentId", integration_id as "integrationId",
  endpoint_id as "endpointId", sequence, payload, created_at as "createdAt"`;

/** Stores events, the deliveries that they make, which are due at once, and lines of timelines, in one statement. */
export function insertEvents(
  tx: Transaction,
  events: readonly NewEvent[],
  deliveries: readonly NewDelivery[],
  timeline: readonly TimelineLine[] = [],
): void {
  tx.send(sql`
    with told as (${insertOfDeliveries(deliveries)}),
    lines as (${insertOfTimeline(timeline)}),
    counted as (${insertOfEntries(entriesOf(events))})
    insert into events (organization_id, id, type, incident_id, integration_id, endpoint_id, sequence, payload, created_at,
      matched_endpoint_ids)
    select given.organization_id, given.id, given.type, given.incident_id, given.integration_id, given.endpoint_id,
      given.sequence, given.payload, given.created_at, given.matched_endpoint_ids::uuid[]
    from unnest(
      ${uuids(events.map((event) => event.organizationId))}, ${uuids(events.map((event) => event.id))},
      ${texts(events.map((event) => event.type))}, ${uuids(events.map((event) => event.incidentId))},
      ${uuids(events.map((event) => event.integrationId))}, ${uuids(events.map((event) => event.endpointId))},
      ${ints(events.map((event) => event.sequence))}, ${jsons(events.map((event) => event.payload))},
      ${timestamps(events.map((event) => event.createdAt))},
      ${texts(events.map((event) => `{${event.matchedEndpointIds.join(",")}}`))}
    ) as given (organization_id, id, type, incident_id, integration_id, endpoint_id, sequence, payload, created_at,
      matched_endpoint_ids)`);
}

/** An event of the organization; null when unknown or foreign. */
export async function findEvent(db: Queryable, organizationId: string, id: string): Promise<EventRow | null> {
  const rows = await db.rows<EventRow>(sql`
    select ${columns} from events where organization_id = ${organizationId} and id = ${id}`);
  return rows[0] ?? null;
}

/** Which of these events exist. */
export async function findEventIds(
  db: Queryable,
  keys: readonly { readonly organizationId: string; readonly id: string }[],
): Promise<ReadonlySet<string>> {
  const rows = await db.rows<{ id: string }>(sql`
    select events.id
    from unnest(${uuids(keys.map((key) => key.organizationId))}, ${uuids(keys.map((key) => key.id))})
      as wanted (organization_id, id)
    join events on events.organization_id = wanted.organization_id and events.id = wanted.id`);
  return new Set(rows.map((row) => row.id));
}

/** A page of events, newest first, of one incident or of one type when asked. */
export function listEvents(
  db: Queryable,
  organizationId: string,
  page: {
    readonly before: string | null;
    readonly limit: number;
    readonly incidentId: string | null;
    readonly type: EventType | null;
  },
): Promise<readonly EventRow[]> {
  return db.rows<EventRow>(sql`
    select ${columns}
    from events
    where organization_id = ${organizationId}
      and (${page.before}::uuid is null or id < ${page.before}::uuid)
      and (${page.incidentId}::uuid is null or incident_id = ${page.incidentId}::uuid)
      and (${page.type}::text is null or type = ${page.type}::text)
    order by id desc
    limit ${page.limit}`);
}

/** The type of the latest event of each incident among those that tell its state, by incident. */
export async function readLatestStateEvents(
  db: Queryable,
  incidents: readonly { readonly organizationId: string; readonly id: string }[],
): Promise<ReadonlyMap<string, EventType>> {
  const rows = await db.rows<{ incident_id: string; type: EventType }>(sql`
    select wanted.id as incident_id, latest.type
    from unnest(${uuids(incidents.map((one) => one.organizationId))}, ${uuids(incidents.map((one) => one.id))})
      as wanted (organization_id, id)
    cross join lateral (
      select type
      from events
      where events.organization_id = wanted.organization_id and events.incident_id = wanted.id
        and type in ('incident.created', 'incident.reopened', 'incident.resolved')
      order by id desc
      limit 1
    ) latest`);
  return new Map(rows.map((row) => [row.incident_id, row.type]));
}

/** Events of an organization behind an id, oldest first: what a stream has to tell. */
export function listEventsAfter(
  db: Queryable,
  organizationId: string,
  after: string,
  limit: number,
): Promise<readonly EventRow[]> {
  return db.rows<EventRow>(sql`
    select ${columns}
    from events
    where organization_id = ${organizationId} and id > ${after}
    order by id
    limit ${limit}`);
}

/** The id of an organization's newest event, or null. */
export async function findNewestEventId(db: Queryable, organizationId: string): Promise<string | null> {
  const rows = await db.rows<{ id: string }>(sql`
    select id from events where organization_id = ${organizationId} order by id desc limit 1`);
  return rows[0]?.id ?? null;
}
