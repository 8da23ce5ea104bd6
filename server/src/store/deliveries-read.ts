import type { EventType } from "../core/event.ts";
import type { JsonObject, JsonValue } from "../core/json.ts";
import type { Queryable } from "../runtime/database.ts";
import { sql } from "./sql.ts";

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

/** True while nothing is sent to the endpoint of a row of `deliverySource`. */
export const isEndpointBlocked = sql`(not endpoints.enabled or circuits.state <> 'closed')`;

/** Every column of a delivery as people see it, of `deliverySource`. */
export const deliveryColumns = sql`
  deliveries.id, deliveries.event_id as "eventId", deliveries.event_type as "eventType",
  deliveries.event_at as "eventAt", deliveries.endpoint_id as "endpointId", deliveries.incident_id as "incidentId",
  case when deliveries.status = 'pending' and ${isEndpointBlocked} then 'parked' else deliveries.status end as status,
  deliveries.cancel_reason as "cancelReason", deliveries.replaced_by as "replacedBy", deliveries.resend_of as "resendOf",
  deliveries.attempt_count as "attemptCount", deliveries.next_attempt_at as "nextAttemptAt",
  deliveries.last_error as "lastError", deliveries.created_at as "createdAt", deliveries.finished_at as "finishedAt",
  deliveries.failover_of as "failoverOf"`;

/** What has to stand behind rows of deliveries, so that they can be shown. */
export const deliverySource = sql`
  deliveries
  join endpoints on endpoints.organization_id = deliveries.organization_id and endpoints.id = deliveries.endpoint_id
  join circuits on circuits.organization_id = deliveries.organization_id
    and circuits.endpoint_id = deliveries.endpoint_id`;

/** A delivery of the organization; null when unknown or foreign. */
export async function findDelivery(db: Queryable, organizationId: string, id: string): Promise<DeliveryRow | null> {
  const rows = await db.rows<DeliveryRow>(sql`
    select ${deliveryColumns}
    from ${deliverySource}
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
