import type { EventType } from "../core/event.ts";
import type { Queryable } from "../runtime/database.ts";
import { booleans, ints, texts, timestamps, uuids } from "./binary-array.ts";
import { type Sql, sql } from "./sql.ts";

/** An event that an endpoint is to hear; times in epoch milliseconds. */
export type NewDelivery = {
  readonly organizationId: string;
  readonly id: string;
  readonly eventId: string;
  readonly eventType: EventType;
  readonly eventAt: number;
  readonly endpointId: string;
  readonly incidentId: string | null;
  readonly sequence: number;
  readonly createdAt: number;
  /** True when its endpoint has a fallback. */
  readonly canFailOver: boolean;
  /** True when an earlier delivery of the same incident to the same endpoint must end first. */
  readonly isWaiting: boolean;
};

/** The statement that stores deliveries as pending, due at once unless they wait for their turn; to stand in the statement that stores their events. */
export function insertOfDeliveries(deliveries: readonly NewDelivery[]): Sql {
  return sql`
    insert into deliveries (organization_id, id, event_id, event_type, event_at, endpoint_id, incident_id, sequence,
      status, next_attempt_at, created_at, can_fail_over)
    select given.organization_id, given.id, given.event_id, given.event_type, given.event_at, given.endpoint_id,
      given.incident_id, given.sequence, 'pending', case when given.is_waiting then null else given.event_at end,
      given.created_at, given.can_fail_over
    from unnest(
      ${uuids(deliveries.map((one) => one.organizationId))}, ${uuids(deliveries.map((one) => one.id))},
      ${uuids(deliveries.map((one) => one.eventId))}, ${texts(deliveries.map((one) => one.eventType))},
      ${timestamps(deliveries.map((one) => one.eventAt))},
      ${uuids(deliveries.map((one) => one.endpointId))}, ${uuids(deliveries.map((one) => one.incidentId))},
      ${ints(deliveries.map((one) => one.sequence))}, ${booleans(deliveries.map((one) => one.isWaiting))},
      ${timestamps(deliveries.map((one) => one.createdAt))}, ${booleans(deliveries.map((one) => one.canFailOver))}
    ) as given (organization_id, id, event_id, event_type, event_at, endpoint_id, incident_id, sequence, is_waiting,
      created_at, can_fail_over)`;
}

/** A delivery of an incident's event, as a list shows it. */
export type IncidentDelivery = {
  readonly id: string;
  readonly eventId: string;
  readonly eventType: EventType;
  readonly endpointId: string;
  readonly status: "pending" | "in_flight" | "succeeded" | "exhausted" | "cancelled";
  readonly sequence: number;
};

/** The deliveries of an incident, newest first, at most so many. */
export function listDeliveriesOfIncident(
  db: Queryable,
  organizationId: string,
  incidentId: string,
  limit: number,
): Promise<readonly IncidentDelivery[]> {
  return db.rows<IncidentDelivery>(sql`
    select id, event_id as "eventId", event_type as "eventType", endpoint_id as "endpointId", status, sequence
    from deliveries
    where organization_id = ${organizationId} and incident_id = ${incidentId}
    order by id desc
    limit ${limit}`);
}
