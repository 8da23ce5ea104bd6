import { type Static, Type } from "typebox";
import { AnyObject, nullable, oneOf, pageParameters, strict, Timestamp, Uuid } from "./shared.ts";

/** The spans that activity is shown for. */
export const PERIODS = ["24h", "7d"] as const;

const period = { period: Type.Optional(oneOf(PERIODS, "`24h` when not given")) };

/** `GET …/{id}/activity`. */
export const ActivityQuery = strict(period);

/** `GET …/activity` of a list. */
export const ActivityListQuery = strict({ ...pageParameters, ...period });

const rate = nullable(Type.Number({ minimum: 0, maximum: 1 }));
const count = Type.Integer({ minimum: 0 });
const reasons = Type.Array(strict({ reason: Type.String(), count }));

/** What came to an integration, hour by hour. */
export const IntegrationActivityView = strict({
  integration_id: Uuid,
  since: Timestamp,
  bucket_seconds: Type.Integer(),
  buckets: Type.Array(strict({ at: Timestamp, accepted: count, refused: count, quarantined: count, signals: count })),
  accepted: count,
  refused: count,
  refused_by: reasons,
  quarantined: count,
  ignored: count,
  duplicate: count,
  signals: count,
  accept_rate: rate,
});

/** What came to an integration, hour by hour. */
export type IntegrationActivityView = Static<typeof IntegrationActivityView>;

/** What was sent to an endpoint, hour by hour. */
export const EndpointActivityView = strict({
  endpoint_id: Uuid,
  since: Timestamp,
  bucket_seconds: Type.Integer(),
  buckets: Type.Array(
    strict({
      at: Timestamp,
      attempts_ok: count,
      attempts_failed: count,
      p95_ms: nullable(Type.Integer()),
    }),
  ),
  attempts_ok: count,
  attempts_failed: count,
  failed_by: reasons,
  success_rate: rate,
  deliveries_succeeded: count,
  deliveries_exhausted: count,
  p50_ms: nullable(Type.Integer({ description: "Of attempts, from counts by duration: as exact as their buckets" })),
  p95_ms: nullable(Type.Integer()),
  last_failure: nullable(
    strict({
      at: Timestamp,
      reason: Type.String(),
      status_code: nullable(Type.Integer()),
      message: nullable(Type.String()),
      delivery_id: Uuid,
    }),
  ),
});

/** What was sent to an endpoint, hour by hour. */
export type EndpointActivityView = Static<typeof EndpointActivityView>;

/** A webhook that was refused, without its body. */
export const RefusalView = strict({
  id: Uuid,
  at: Timestamp,
  code: Type.String(),
  status: Type.Integer(),
  reason: nullable(
    Type.String({ description: "Of a webhook that was not believed: missing, malformed, mismatch, expired" }),
  ),
  source_ip: nullable(Type.String()),
  request_id: Type.String(),
  body_bytes: nullable(Type.Integer()),
  problems: Type.Array(Type.String(), { description: "What is wrong, in sentences" }),
  details: AnyObject,
});
