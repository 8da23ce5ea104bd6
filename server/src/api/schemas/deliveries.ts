import { Type } from "typebox";
import { EVENT_TYPES } from "../../core/event.ts";
import type { JsonValue } from "../../core/json.ts";
import { CANCEL_REASONS, DELIVERY_STATUSES } from "../../store/deliveries-read.ts";
import { FORCED_PAST } from "../../store/delivery-actions.ts";
import { AnyObject, nullable, oneOf, strict, Timestamp, Uuid } from "./shared.ts";

const summary = {
  id: Uuid,
  event_id: Uuid,
  event_type: oneOf(EVENT_TYPES),
  event_at: Timestamp,
  endpoint_id: Uuid,
  incident_id: nullable(Uuid),
  status: oneOf(DELIVERY_STATUSES),
  cancel_reason: nullable(oneOf(CANCEL_REASONS)),
  replaced_by: nullable(Uuid),
  resend_of: nullable(Uuid),
  attempt_count: Type.Integer(),
  next_attempt_at: nullable(Timestamp),
  last_error: nullable(
    Type.Object({
      reason: Type.String(),
      status_code: nullable(Type.Integer()),
      message: nullable(Type.String()),
    }),
  ),
  created_at: Timestamp,
  finished_at: nullable(Timestamp),
  failover_of: nullable(Uuid),
};

/** A delivery in a list. */
export const DeliveryView = strict(summary);

/** A delivery with its attempts, oldest first, at most the last 200. */
export const FullDeliveryView = strict({
  ...summary,
  failed_over_to: nullable(strict({ delivery_id: Uuid, endpoint_id: Uuid })),
  forced_past: Type.Optional(
    Type.Array(oneOf(FORCED_PAST), { description: "Only in the answer to `force`: what held the endpoint back" }),
  ),
  attempts: Type.Array(
    strict({
      id: Uuid,
      number: Type.Integer(),
      started_at: Timestamp,
      node_id: Type.String({ format: "uuid", description: "The node that made it" }),
      reason: nullable(Type.String({ description: "null for a success" })),
      status_code: nullable(Type.Integer()),
      message: nullable(Type.String()),
      timing: Type.Unsafe<JsonValue>({
        description:
          "Milliseconds: dns_ms, connect_ms, tls_ms (null on a kept connection), first_byte_ms, total_ms; null when nothing was sent",
      }),
      request: Type.Unsafe<JsonValue>({
        description: "As it was sent, secrets as ***: method, url, headers, body, body_bytes",
      }),
      response: Type.Unsafe<JsonValue>({
        description: "status, headers and the first 4 KiB of the body; null without an answer",
      }),
      curl: nullable(
        Type.String({ description: "The request as a command line, secrets as ***; null when nothing was sent" }),
      ),
    }),
  ),
});

/** `POST /deliveries/{id}/retry`. */
export const RetryRequest = strict({
  force: Type.Optional(Type.Boolean({ description: "One attempt now, past whatever holds the endpoint back" })),
});

/** An event as every answer shows it. */
export const EventView = strict({
  id: Uuid,
  type: oneOf(EVENT_TYPES),
  incident_id: nullable(Uuid),
  integration_id: nullable(Uuid),
  endpoint_id: nullable(Uuid),
  sequence: Type.Integer(),
  payload: AnyObject,
  created_at: Timestamp,
});
