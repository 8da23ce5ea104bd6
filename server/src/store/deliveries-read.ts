import type { EventType } from "../core/event.ts";
import type { JsonObject, JsonValue } from "../core/json.ts";
import type { Queryable } from "../runtime/database.ts";
import { firstUuidAt } from "../runtime/id.ts";
import { joined, type Sql, sql } from "./sql.ts";

/** The states of a delivery as people see them; `parked` is `pending` while its endpoint cannot be sent to. */
export const DELIVERY_STATUSES = ["pending", "in_flight", "succeeded", "parked", "exhausted", "cancelled"] as const;

/** Why a delivery was cancelled: by a person, with its endpoint, or because another one speaks for it. */
export const CANCEL_REASONS = ["by_hand", "endpoint_deleted", "collapsed", "resent", "failed_over"] as const;

/** The state of a delivery. */
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** A delivery as people see it; times are epoch milliseconds. */
export type DeliveryRow = {
  readonly id: string;
  readonly eventId: string;
  readonly eventType: EventType;
  readonly eventAt: number;
  readonly endpointId: string;
  readonly incidentId: string | null;
  readonly status: DeliveryStatus;
  readonly cancelReason: (typeof CANCEL_REASONS)[number] | null;
  /** The delivery that speaks for this one. */
  readonly replacedBy: string | null;
  /** The delivery of the same event that was asked for once more. */
  readonly resendOf: string | null;
  readonly attemptCount: number;
  readonly nextAttemptAt: number | null;
  readonly lastError: JsonObject | null;
  readonly createdAt: number;
  readonly finishedAt: number | null;
  /** The delivery that this one stands for at a fallback, or null. */
  readonly failoverOf: string | null;
};

const isBlocked = sql`(not endpoints.enabled or circuits.state <> 'closed')`;

const columns = sql`
  deliveries.id, deliveries.event_id as "eventId", deliveries.event_type as "eventType",
  deliveries.event_at as "eventAt", deliveries.endpoint_id as "endpointId", deliveries.incident_id as "incidentId",
  case when deliveries.status = 'pending' and ${isBlocked} then 'parked' else deliveries.status end as status,
  deliveries.cancel_reason as "cancelReason", deliveries.replaced_by as "replacedBy", deliveries.resend_of as "resendOf",
  deliveries.attempt_count as "attemptCount", deliveries.next_attempt_at as "nextAttemptAt",
  deliveries.last_error as "lastError", deliveries.created_at as "createdAt", deliveries.finished_at as "finishedAt",
  deliveries.failover_of as "failoverOf"`;

const source = sql`
  deliveries
  join endpoints on endpoints.organization_id = deliveries.organization_id and endpoints.id = deliveries.endpoint_id
  join circuits on circuits.organization_id = deliveries.organization_id
    and circuits.endpoint_id = deliveries.endpoint_id`;

/** What a list of deliveries is narrowed to; null does not narrow. Times are of creation, epoch milliseconds. */
export type DeliveryFilter = {
  readonly endpointId: string | null;
  readonly incidentId: string | null;
  readonly eventId: string | null;
  readonly eventType: string | null;
  readonly status: DeliveryStatus | null;
  readonly since: number | null;
  readonly until: number | null;
};

/** A page of deliveries, newest first. */
export function listDeliveries(
  db: Queryable,
  organizationId: string,
  filter: DeliveryFilter,
  page: { readonly before: string | null; readonly limit: number },
): Promise<readonly DeliveryRow[]> {
  const conditions: Sql[] = [sql`deliveries.organization_id = ${organizationId}`];
  if (page.before !== null) conditions.push(sql`deliveries.id < ${page.before}`);
  if (filter.since !== null) conditions.push(sql`deliveries.id >= ${firstUuidAt(filter.since)}`);
  if (filter.until !== null) conditions.push(sql`deliveries.id < ${firstUuidAt(filter.until)}`);
  if (filter.endpointId !== null) conditions.push(sql`deliveries.endpoint_id = ${filter.endpointId}`);
  if (filter.incidentId !== null) conditions.push(sql`deliveries.incident_id = ${filter.incidentId}`);
  if (filter.eventId !== null) conditions.push(sql`deliveries.event_id = ${filter.eventId}`);
  if (filter.eventType !== null) conditions.push(sql`deliveries.event_type = ${filter.eventType}`);
  if (filter.status !== null) conditions.push(statusCondition(filter.status));
  return db.rows<DeliveryRow>(sql`
    select ${columns}
    from ${source}
    where ${joined(conditions, " and ")}
    order by deliveries.id desc
    limit ${page.limit}`);
}

/** Written out word by word, so that the partial indexes of the states can be used. */
function statusCondition(status: DeliveryStatus): Sql {
  switch (status) {
    case "pending":
      return sql`deliveries.status = 'pending' and not ${isBlocked}`;
    case "parked":
      return sql`deliveries.status = 'pending' and ${isBlocked}`;
    case "in_flight":
      return sql`deliveries.status = 'in_flight'`;
    case "exhausted":
      return sql`deliveries.status = 'exhausted'`;
    default:
      return sql`deliveries.status = ${status}`;
  }
}

/** A delivery of the organization; null when unknown or foreign. */
export async function findDelivery(db: Queryable, organizationId: string, id: string): Promise<DeliveryRow | null> {
  const rows = await db.rows<DeliveryRow>(sql`
    select ${columns}
    from ${source}
    where deliveries.organization_id = ${organizationId} and deliveries.id = ${id}`);
  return rows[0] ?? null;
}

/** One HTTP try of a delivery as it was recorded; `startedAt` in epoch milliseconds. */
export type AttemptRow = {
  readonly id: string;
  readonly number: number;
  readonly startedAt: number;
  /** The node that made it. */
  readonly nodeId: string;
  /** A failure reason, or null for a success. */
  readonly reason: string | null;
  readonly statusCode: number | null;
  readonly message: string | null;
  readonly timing: JsonValue;
  readonly request: JsonValue;
  readonly response: JsonValue;
};

/** The attempts of a delivery, oldest first, the last `limit` of them. */
export async function listAttempts(
  db: Queryable,
  organizationId: string,
  deliveryId: string,
  limit: number,
): Promise<readonly AttemptRow[]> {
  const rows = await db.rows<AttemptRow>(sql`
    select id, number, started_at as "startedAt", node_id as "nodeId", reason, status_code as "statusCode", message,
      timing, request, response
    from attempts
    where organization_id = ${organizationId} and delivery_id = ${deliveryId}
    order by number desc
    limit ${limit}`);
  return [...rows].reverse();
}
