import { wireTime } from "../core/incident-view.ts";
import { readGauges } from "../store/gauges.ts";
import { listNodes } from "../store/overview.ts";
import { pingDatabase } from "../store/settings.ts";
import { listTableFacts, readDatabaseFacts } from "../store/system.ts";
import type { ApiDeps } from "./deps.ts";
import { viewNode } from "./routes/overview.ts";

/** Everything that an operator wants to know of an installation; no secret, no content of anybody's alerts. */
export async function viewSystem(deps: ApiDeps) {
  const { database, installation } = deps;
  const now = deps.clock.now();
  const startedAt = performance.now();
  await pingDatabase(database);
  const latencyMs = performance.now() - startedAt;
  const [facts, tables, nodes, gauges, checks] = await Promise.all([
    readDatabaseFacts(database),
    listTableFacts(database),
    listNodes(database),
    readGauges(database, now),
    deps.readyChecks(),
  ]);
  return {
    at: wireTime(now),
    version: installation.version,
    node_version: process.versions.node,
    nodes: nodes.map((node) => viewNode(node, now)),
    database: {
      version: facts.version,
      is_embedded: installation.isEmbedded,
      place: installation.storage,
      size_bytes: facts.sizeBytes,
      connections: facts.connections,
      max_connections: facts.maxConnections,
      pool: database.stats(),
      latency_ms: Math.round(latencyMs * 10) / 10,
      fsync: facts.fsync,
      synchronous_commit: facts.synchronousCommit,
      started_at: wireTime(facts.startedAt),
      migrations: [...facts.schema],
    },
    queues: {
      receipts: gauges.queuedReceipts,
      oldest_receipt_seconds: gauges.triageLagSeconds,
      deliveries_pending: gauges.pending,
      deliveries_parked: gauges.parked,
      deliveries_in_flight: gauges.inFlight,
      oldest_due_seconds: gauges.deliveryLagSeconds,
    },
    circuits: gauges.circuits,
    tables: tables.map((table) => ({
      name: table.name,
      partitions: table.partitions,
      bytes: table.bytes,
      live_rows: table.liveRows,
      dead_rows: table.deadRows,
      last_vacuum_at: wireTime(table.lastVacuumAt),
    })),
    configuration: [...installation.configuration],
    checks: checks.map(({ name, ok, message }) => ({ name, ok, message })),
  };
}
