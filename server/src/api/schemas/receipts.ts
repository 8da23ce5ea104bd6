import { Type } from "typebox";
import { PLATFORM_NAMES } from "../../platforms/platform.ts";
import { RECEIPT_STATUSES } from "../../store/receipts-read.ts";
import { AnyObject, nullable, oneOf, strict, TextMap, Timestamp, Uuid, whole } from "./shared.ts";

const summary = {
  id: Uuid,
  integration_id: Uuid,
  platform: oneOf(PLATFORM_NAMES),
  status: oneOf(RECEIPT_STATUSES),
  reason: nullable(Type.String()),
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

/** A receipt with everything that is kept of it. */
export const FullReceiptView = strict({
  ...summary,
  headers: TextMap,
  body: nullable(Type.String({ description: "The body where it is UTF-8, else null" })),
  body_base64: Type.String({ description: "The bytes exactly as they came" }),
  trace: nullable(AnyObject),
});

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
