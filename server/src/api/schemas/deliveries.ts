import { Type } from "typebox";
import { EVENT_TYPES } from "../../core/event.ts";
import type { JsonValue } from "../../core/json.ts";
import { DELIVERY_STATUSES } from "../../store/deliveries-read.ts";
import { AnyObject, nullable, oneOf, strict, Timestamp, Uuid, whole } from "./shared.ts";

const summary = {
  id: Uuid,
  event_id: Uuid,
  event_type: oneOf(EVENT_TYPES),
  event_at: Timestamp,
  endpoint_id: Uuid,
  incident_id: nullable(Uuid),
  status: oneOf(DELIVERY_STATUSES),
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

/** `POST /deliveries/retry`. */
export const BulkRetryRequest = strict({
  since: Timestamp,
  until: Type.Optional(Timestamp),
  endpoint_id: Type.Optional(Uuid),
  event_type: Type.Optional(oneOf(EVENT_TYPES)),
  include_cancelled: Type.Optional(Type.Boolean()),
  per_second: Type.Optional(Type.Number({ minimum: 0.1, maximum: 1_000, description: "Pace of each endpoint; 10" })),
  limit: Type.Optional(whole(1, 100_000, "How many at most; 10000 when not given")),
  dry_run: Type.Optional(Type.Boolean({ description: "Count only" })),
});

/** `POST /endpoints/{id}/recover`. */
export const RecoverRequest = strict({
  since: Timestamp,
  until: Type.Optional(Timestamp),
  per_second: BulkRetryRequest.properties.per_second,
  limit: BulkRetryRequest.properties.limit,
  dry_run: BulkRetryRequest.properties.dry_run,
});

/** What a bulk retry did, or would do. */
export const BulkRetryView = strict({
  dry_run: Type.Boolean(),
  matched: Type.Integer(),
  retried: Type.Integer(),
  endpoints: Type.Array(strict({ endpoint_id: Uuid, name: Type.String(), matched: Type.Integer() })),
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
