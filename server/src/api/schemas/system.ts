import { Type } from "typebox";
import { NodeView } from "./overview.ts";
import { nullable, oneOf, strict, Timestamp } from "./shared.ts";

const count = Type.Integer({ minimum: 0 });

/** How this installation stands, for whoever runs it. */
export const SystemView = strict({
  at: Timestamp,
  version: Type.String(),
  node_version: Type.String({ description: "Of Node.js, on the node that answers" }),
  nodes: Type.Array(NodeView),
  database: strict({
    version: Type.String(),
    is_embedded: Type.Boolean(),
    place: Type.String(),
    size_bytes: count,
    connections: count,
    max_connections: count,
    pool: strict({ total: count, idle: count, waiting: count }),
    latency_ms: Type.Number(),
    fsync: Type.String(),
    synchronous_commit: Type.String(),
    started_at: Timestamp,
    migrations: Type.Array(Type.String()),
  }),
  queues: strict(
    {
      receipts: count,
      oldest_receipt_seconds: Type.Number(),
      deliveries_pending: count,
      deliveries_parked: count,
      deliveries_in_flight: count,
      oldest_due_seconds: Type.Number(),
    },
    "Of all organizations; counts stop at 100,000",
  ),
  circuits: Type.Unsafe<Readonly<Record<string, number>>>({ type: "object", additionalProperties: count }),
  tables: Type.Array(
    strict({
      name: Type.String(),
      partitions: count,
      bytes: count,
      live_rows: count,
      dead_rows: count,
      last_vacuum_at: nullable(Timestamp),
    }),
    { description: "The largest first; rows as the statistics guess them" },
  ),
  configuration: Type.Array(
    strict({
      name: Type.String(),
      value: Type.String({ description: "`***` for a secret that is set" }),
      source: oneOf(["default", "environment", "file"]),
      about: Type.String(),
    }),
  ),
  checks: Type.Array(strict({ name: Type.String(), ok: Type.Boolean(), message: Type.String() })),
});
