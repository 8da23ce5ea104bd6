import { Type } from "typebox";
import { SEVERITIES } from "../../core/severity.ts";
import { PLATFORM_NAMES } from "../../platforms/platform.ts";
import { nullable, oneOf, strict, Timestamp, Uuid } from "./shared.ts";

const count = Type.Integer({ minimum: 0 });
const bySeverity = strict(
  Object.fromEntries(SEVERITIES.map((severity) => [severity, count])) as Record<
    (typeof SEVERITIES)[number],
    typeof count
  >,
);

/** A node as it shows itself. */
export const NodeView = strict({
  id: Uuid,
  role: oneOf(["all", "receive", "work"]),
  version: Type.String(),
  started_at: Timestamp,
  seen_at: Timestamp,
  is_seen: Type.Boolean({ description: "False when it has not shown itself for 20 seconds" }),
});

/** How things stand, in one look. */
export const OverviewView = strict({
  at: Timestamp,
  incidents: strict({
    open: bySeverity,
    acknowledged: bySeverity,
    is_exact: Type.Boolean({ description: "False when there are more than 10,000 unresolved incidents" }),
  }),
  last_hour: strict(
    {
      accepted: count,
      refused: count,
      quarantined: count,
      signals: count,
      attempts_ok: count,
      attempts_failed: count,
      deliveries_succeeded: count,
      deliveries_exhausted: count,
    },
    "Of the last 55 to 60 minutes, at most a few seconds old",
  ),
  waiting: strict({
    oldest_receipt_at: nullable(Timestamp),
    oldest_receipt_seconds: nullable(Type.Integer({ description: "How long the oldest unread receipt has waited" })),
    oldest_due_at: nullable(Timestamp),
    oldest_due_seconds: nullable(Type.Integer({ description: "How long a delivery that could be sent has been due" })),
    oldest_parked_at: nullable(Timestamp),
  }),
  broken_endpoints: Type.Array(
    strict({
      id: Uuid,
      name: Type.String(),
      state: oneOf(["open", "half_open", "disabled"]),
      opened_at: nullable(Timestamp),
      next_probe_at: nullable(Timestamp),
      consecutive_failures: count,
      diagnosis: nullable(Type.String()),
      disabled_reason: nullable(Type.String()),
    }),
    { description: "The last 20 whose circuit is not closed" },
  ),
  silent_integrations: Type.Array(
    strict({
      id: Uuid,
      name: Type.String(),
      platform: oneOf(PLATFORM_NAMES),
      last_receipt_at: nullable(Timestamp),
      silent_after_seconds: Type.Integer(),
    }),
  ),
  awaiting_integrations: Type.Array(
    strict({ id: Uuid, name: Type.String(), platform: oneOf(PLATFORM_NAMES), created_at: Timestamp }),
    { description: "The newest 20 that wait for their first webhook" },
  ),
  ledger: strict(
    {
      balanced: Type.Boolean(),
      missing: Type.Integer({ minimum: 0, description: "Deliveries that were matched and are not there" }),
      surplus: Type.Integer({ minimum: 0, description: "Deliveries that are there and were not matched" }),
      checked_at: nullable(Timestamp),
      endpoints: Type.Array(
        strict({ id: Uuid, name: Type.String(), is_deleted: Type.Boolean(), missing: count, surplus: count }),
        { description: "The 20 that are farthest off" },
      ),
    },
    "As the periodic check found it; `GET /ledger` has all figures",
  ),
  configured: strict({
    integrations: count,
    heard: Type.Integer({ minimum: 0, description: "How many integrations have received anything" }),
    endpoints: count,
  }),
  nodes: Type.Array(NodeView),
  database: strict({ latency_ms: Type.Number() }),
  ready: Type.Array(strict({ name: Type.String(), ok: Type.Boolean(), message: Type.String() })),
});
