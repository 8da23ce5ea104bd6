import { Type } from "typebox";
import { BULK_KINDS, BULK_STATES, SELECTABLE_STATUSES } from "../../core/bulk-run.ts";
import { EVENT_TYPES } from "../../core/event.ts";
import { nullable, oneOf, strict, Timestamp, text, Uuid, whole } from "./shared.ts";

const statusesOf = (words: readonly (typeof SELECTABLE_STATUSES)[number][]) =>
  Type.Optional(Type.Array(oneOf(words), { minItems: 1, uniqueItems: true, maxItems: words.length }));

const span = {
  since: Type.Optional(Type.String({ format: "date-time", description: "Made not before this moment" })),
  until: Type.Optional(Type.String({ format: "date-time", description: "Made before this moment; now" })),
};

const narrowing = {
  incident_id: Type.Optional(Uuid),
  event_type: Type.Optional(oneOf(EVENT_TYPES)),
  reason: Type.Optional(text(32, "Of the last failed attempt, such as `timeout`")),
  ...span,
};

const pace = {
  per_second: Type.Optional(Type.Number({ minimum: 0.1, maximum: 1_000, description: "How many a second; 10" })),
  limit: Type.Optional(whole(1, 10_000_000, "How many at most")),
};

const dryRun = { dry_run: Type.Optional(Type.Boolean({ description: "Count only" })) };

/** `POST /deliveries/retry`. */
export const BulkRetryRequest = strict({
  endpoint_id: Type.Optional(Uuid),
  integration_id: Type.Optional(Uuid),
  ...narrowing,
  status: statusesOf(["exhausted", "cancelled", "parked", "pending"]),
  ...pace,
  ...dryRun,
});

/** `POST /deliveries/cancel`. */
export const BulkCancelRequest = strict({
  endpoint_id: Type.Optional(Uuid),
  integration_id: Type.Optional(Uuid),
  ...narrowing,
  status: statusesOf(["pending", "parked", "exhausted"]),
  limit: pace.limit,
  ...dryRun,
});

/** `POST /endpoints/{id}/recover`. */
export const RecoverRequest = strict({
  ids: Type.Optional(oneOf(["same", "fresh"], "`fresh` makes new deliveries with a webhook-id of their own")),
  ...narrowing,
  status: statusesOf(SELECTABLE_STATUSES),
  ...pace,
  ...dryRun,
});

/** `POST /endpoints/{id}/replay-missing`. */
export const ReplayMissingRequest = strict({
  since: Type.String({ format: "date-time", description: "Events made not before this moment" }),
  until: span.until,
  incident_id: Type.Optional(Uuid),
  event_type: Type.Optional(oneOf(EVENT_TYPES)),
  ...pace,
  ...dryRun,
});

/** What a bulk run would do. */
export const BulkPreviewView = strict({
  dry_run: Type.Boolean(),
  matched: Type.Integer(),
  is_exact: Type.Boolean({ description: "False: a bounded number was looked at, and there are at least so many" }),
  parked: Type.Integer({ description: "Whether or not `status` selects them" }),
  exhausted: Type.Integer({ description: "Whether or not `status` selects them" }),
  would_collapse: Type.Integer({ description: "Of these, folded into later ones at endpoints with `collapse`" }),
  seconds: nullable(Type.Integer({ description: "How long it takes at this pace" })),
  by_endpoint: Type.Array(strict({ endpoint_id: Uuid, name: Type.String(), matched: Type.Integer() })),
  by_reason: Type.Array(
    strict({ reason: nullable(Type.String({ description: "null: no attempt has failed" })), matched: Type.Integer() }),
  ),
});

/** What replaying missed events would do. */
export const MissedPreviewView = strict({
  dry_run: Type.Boolean(),
  looked_at: Type.Integer({ description: "Events of the subscribed types without a delivery to the endpoint" }),
  matched: Type.Integer({ description: "Of these, what the endpoint's filter wants" }),
  failed: Type.Integer({ description: "Of these, what its filter cannot be evaluated for" }),
  is_complete: Type.Boolean({ description: "False when there are more than were looked at" }),
  seconds: nullable(Type.Integer({ description: "How long it takes at this pace" })),
});

/** A bulk run as every answer shows it. */
export const BulkRunView = strict({
  id: Uuid,
  kind: oneOf(BULK_KINDS),
  state: oneOf(BULK_STATES),
  selection: strict({
    endpoint_id: nullable(Uuid),
    integration_id: nullable(Uuid),
    incident_id: nullable(Uuid),
    event_type: nullable(oneOf(EVENT_TYPES)),
    status: Type.Array(oneOf(SELECTABLE_STATUSES)),
    reason: nullable(Type.String()),
    since: Timestamp,
    until: Timestamp,
  }),
  per_second: nullable(Type.Number()),
  limit: Type.Integer(),
  matched: Type.Integer({ description: "How many there were when it began" }),
  is_matched_exact: Type.Boolean({ description: "False: there were at least so many" }),
  done: Type.Integer(),
  skipped: Type.Integer({ description: "Not needed any more when their turn came" }),
  failed: Type.Integer(),
  remaining: Type.Integer(),
  last_error: nullable(Type.String()),
  started_by: Type.String(),
  started_at: Timestamp,
  updated_at: Timestamp,
  finished_at: nullable(Timestamp),
});
