import { Type } from "typebox";
import { PLATFORM_NAMES } from "../../platforms/platform.ts";
import { DELIVERY_STATUSES } from "../../store/deliveries-read.ts";
import { RECEIPT_STATUSES } from "../../store/receipts-read.ts";
import { AnyObject, nullable, oneOf, strict, TextMap, Timestamp, Uuid, whole } from "./shared.ts";

const summary = {
  id: Uuid,
  integration_id: Uuid,
  platform: oneOf(PLATFORM_NAMES),
  status: oneOf(RECEIPT_STATUSES),
  reason: nullable(Type.String()),
  title: nullable(
    Type.String({ description: "Of the first alert that it speaks of, as that stands now; null when it met none" }),
  ),
  alert_ids: Type.Array(Type.String()),
  incident_ids: Type.Array(Uuid),
  received_at: Timestamp,
  processed_at: nullable(Timestamp),
  request_id: Type.String(),
  source_ip: Type.String(),
  delivery_id: nullable(Type.String()),
  verified_by: Type.String(),
  body_bytes: Type.Integer(),
};

/** A receipt in a list. */
export const ReceiptView = strict(summary);

/** The way of a receipt and the deliveries that were made for it, at most 100. */
export const LifecycleView = strict({
  steps: Type.Array(
    strict({
      step: oneOf(["received", "verified", "read", "decided", "delivered"]),
      state: oneOf(["done", "waiting", "failed", "skipped"]),
      at: nullable(Timestamp),
      duration_ms: nullable(Type.Integer({ description: "Since the step before that has a time" })),
      text: nullable(Type.String()),
    }),
  ),
  deliveries: Type.Array(
    strict({
      id: Uuid,
      event_id: Uuid,
      event_type: Type.String(),
      endpoint_id: Uuid,
      endpoint_name: Type.String(),
      incident_id: nullable(Uuid),
      status: oneOf(DELIVERY_STATUSES),
      attempt_count: Type.Integer(),
      finished_at: nullable(Timestamp),
    }),
  ),
});

const full = {
  ...summary,
  headers: TextMap,
  body: nullable(Type.String({ description: "The body where it is UTF-8, else null" })),
  body_base64: Type.String({ description: "The bytes exactly as they came" }),
  trace: nullable(AnyObject),
};

/** A receipt with everything that is kept of it. */
export const FullReceiptView = strict({ ...full, lifecycle: LifecycleView });

/** The receipt before one, to compare them. */
export const PreviousReceiptView = strict({
  match: nullable(oneOf(["alert", "integration"])),
  receipt: nullable(strict(full)),
});

/** `POST /receipts/{id}/resend`. */
export const ResendRequest = strict({
  body: Type.String({ maxLength: 1_000_000 }),
  headers: Type.Optional(TextMap),
});

/** The receipt that an edited copy became. */
export const ResendView = strict({ receipt_id: Uuid, edited_from: Uuid });

/** `POST /receipts/replay`. */
export const ReplayRequest = strict({
  integration_id: Type.Optional(Uuid),
  status: Type.Optional(oneOf(RECEIPT_STATUSES)),
  since: Timestamp,
  until: Type.Optional(Timestamp),
  limit: Type.Optional(whole(1, 1_000)),
  dry_run: Type.Optional(Type.Boolean()),
});

/** What processing receipts again does, or would do. */
export const ReplayView = strict({
  dry_run: Type.Boolean(),
  receipts: Type.Integer({ description: "Receipts in the range" }),
  has_more: Type.Boolean({ description: "True when the range holds more than the limit: replay the rest afterwards" }),
  queued: Type.Integer({ description: "Receipts that were queued; 0 in a dry run" }),
  changes: nullable(
    strict({
      incidents_opened: Type.Integer(),
      incidents_changed: Type.Integer(),
      incidents_resolved: Type.Integer(),
      events: Type.Integer(),
      deliveries: Type.Integer(),
      receipts: Type.Array(
        strict({
          receipt_id: Uuid,
          status: Type.String(),
          reason: nullable(Type.String()),
          was: Type.String(),
          incident_ids: Type.Array(Uuid),
        }),
      ),
    }),
  ),
});
