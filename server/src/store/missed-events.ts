import type { Selection } from "../core/bulk-run.ts";
import type { EventType } from "../core/event.ts";
import type { JsonObject } from "../core/json.ts";
import type { Queryable } from "../runtime/database.ts";
import { firstUuidAt } from "../runtime/id.ts";
import { timestamps, uuids } from "./binary-array.ts";
import { type Sql, sql, timestamp } from "./sql.ts";

/** An event of which an endpoint has no delivery; `createdAt` in epoch milliseconds. */
export type MissedEvent = {
  readonly id: string;
  readonly type: EventType;
  readonly incidentId: string | null;
  readonly integrationId: string | null;
  readonly endpointId: string | null;
  readonly sequence: number;
  readonly payload: JsonObject;
  readonly createdAt: number;
  /** True when the ledger has a delivery to the endpoint although there is none. */
  readonly isCounted: boolean;
};

/** The events that a run looks at: of these types, without a delivery to the endpoint, and not about itself. */
export type MissedFilter = {
  readonly organizationId: string;
  readonly endpointId: string;
  readonly types: readonly EventType[];
  readonly selection: Selection;
};

function conditions({ organizationId, endpointId, types, selection }: MissedFilter): Sql {
  return sql`
    events.organization_id = ${organizationId}
    and events.id >= ${firstUuidAt(selection.since)}
    and events.id < ${firstUuidAt(selection.until)}
    and events.type = any(${types}::text[])
    and events.endpoint_id is distinct from ${endpointId}::uuid
    and (${selection.integrationId}::uuid is null or events.integration_id = ${selection.integrationId}::uuid)
    and (${selection.incidentId}::uuid is null or events.incident_id = ${selection.incidentId}::uuid)
    and not exists (
      select 1
      from deliveries
      where deliveries.organization_id = events.organization_id
        and deliveries.event_id = events.id
        and deliveries.endpoint_id = ${endpointId}
    )`;
}

const MOST_COUNTED = 100_000;

/** How many events the filter means, at most 100,000; what the endpoint's own filter says of them is not asked. */
export async function countMissedEvents(
  db: Queryable,
  filter: MissedFilter,
): Promise<{ readonly count: number; readonly isExact: boolean }> {
  const rows = await db.rows<{ count: number }>(sql`
    select count(*) as count
    from (
      select 1
      from events
      where ${conditions(filter)}
      limit ${MOST_COUNTED}
    ) missed`);
  const count = rows[0]?.count ?? 0;
  return { count, isExact: count < MOST_COUNTED };
}

/** The next events behind an id, oldest first. */
export function listMissedEvents(
  db: Queryable,
  filter: MissedFilter,
  after: string,
  limit: number,
): Promise<readonly MissedEvent[]> {
  return db.rows<MissedEvent>(sql`
    select id, type, incident_id as "incidentId", integration_id as "integrationId", endpoint_id as "endpointId",
      sequence, payload, created_at as "createdAt", ${filter.endpointId}::uuid = any(matched_endpoint_ids) as "isCounted"
    from events
    where ${conditions(filter)} and events.id > ${after}
    order by events.id
    limit ${limit}`);
}

/** A delivery to be made of an event that was missed. */
export type MissedDelivery = {
  readonly organizationId: string;
  readonly id: string;
  readonly eventId: string;
  readonly endpointId: string;
  /** Epoch milliseconds. */
  readonly dueAt: number;
};

/** Stores deliveries of events that an endpoint has missed; what exists meanwhile is left out. Returns their ids. */
export async function insertMissedDeliveries(
  tx: Queryable,
  deliveries: readonly MissedDelivery[],
  now: number,
): Promise<ReadonlySet<string>> {
  const rows = await tx.rows<{ id: string }>(sql`
    insert into deliveries (organization_id, id, event_id, event_type, event_at, endpoint_id, incident_id, sequence,
      status, retry_since, next_attempt_at, created_at)
    select events.organization_id, given.id, events.id, events.type, events.created_at, given.endpoint_id,
      events.incident_id, events.sequence, 'pending', ${timestamp(now)}, given.due_at, ${timestamp(now)}
    from unnest(${uuids(deliveries.map((one) => one.organizationId))}, ${uuids(deliveries.map((one) => one.id))},
                ${uuids(deliveries.map((one) => one.eventId))}, ${uuids(deliveries.map((one) => one.endpointId))},
                ${timestamps(deliveries.map((one) => one.dueAt))})
      as given (organization_id, id, event_id, endpoint_id, due_at)
    join events on events.organization_id = given.organization_id and events.id = given.event_id
    on conflict (organization_id, event_id, endpoint_id, resend_of) do nothing
    returning id`);
  return new Set(rows.map((row) => row.id));
}
