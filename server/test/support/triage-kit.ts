import { randomUUID } from "node:crypto";
import type { Endpoint } from "../../src/core/endpoint.ts";
import type { Integration } from "../../src/core/integration.ts";
import type { Reading, Signal } from "../../src/core/signal.ts";
import { readReceipt } from "../../src/reading/read-receipt.ts";
import { createManualClock } from "../../src/runtime/clock.ts";
import { type Database, openDatabase } from "../../src/runtime/database.ts";
import { createIds, type Ids } from "../../src/runtime/id.ts";
import { createLog } from "../../src/runtime/log.ts";
import { createMetrics, type Metrics } from "../../src/runtime/metrics.ts";
import { insertEndpoint } from "../../src/store/endpoints.ts";
import { insertIntegration } from "../../src/store/integrations.ts";
import { ensurePartitions } from "../../src/store/partitions.ts";
import { enqueueReceipts } from "../../src/store/receipt-queue.ts";
import { json, sql, timestamp } from "../../src/store/sql.ts";
import { createTriage, type Triage, type TriageDeps } from "../../src/triage/triage.ts";
import { createTestDatabase } from "./database.ts";

/** The first moment of every test of triage, epoch milliseconds. */
export const STARTED_AT = Date.UTC(2026, 10, 23, 12, 0, 0);

/** What a test says of a signal; everything else takes its default. */
export type SignalSettings = Partial<Omit<Signal, "labels">> & { readonly labels?: Record<string, string> };

/** A database with triage stages on it, under a clock that is moved by hand. */
export type TriageKit = {
  readonly database: Database;
  readonly clock: ReturnType<typeof createManualClock>;
  readonly ids: Ids;
  readonly metrics: Metrics;
  readonly publicUrl: () => string;
  makeOrganization(): Promise<string>;
  makeIntegration(organizationId: string, settings?: Partial<Integration>): Promise<Integration>;
  makeEndpoint(organizationId: string, settings?: Partial<Endpoint>): Promise<Endpoint>;
  /** A triage stage of a node and a pool of its own. */
  makeTriage(settings?: Partial<TriageDeps>): Triage;
  /** Stores and queues a body as the receive stage does; returns the receipt's id. */
  store(integration: Integration, body: unknown, headers?: Record<string, string>): Promise<string>;
  /** Stores one receipt that carries these signals; `readSignals` reads it. */
  storeSignals(integration: Integration, signals: readonly SignalSettings[]): Promise<string>;
  rows<Row extends object>(statement: ReturnType<typeof sql>): Promise<readonly Row[]>;
  close(): Promise<void>;
};

/** Makes a kit on a clone of the template database. */
export async function createTriageKit(): Promise<TriageKit> {
  const testDatabase = await createTestDatabase();
  const clock = createManualClock(STARTED_AT);
  const ids = createIds(clock);
  const metrics = createMetrics({ withProcessMetrics: false });
  const pools: Database[] = [];
  const open = (): Database => {
    const pool = openDatabase({
      connection: testDatabase.connection,
      maxConnections: 4,
      statementTimeoutMs: 10_000,
      connectTimeoutMs: 3_000,
      applicationName: "test",
    });
    pools.push(pool);
    return pool;
  };
  const database = open();
  await ensurePartitions(database, STARTED_AT);

  const kit: TriageKit = {
    database,
    clock,
    ids,
    metrics,
    publicUrl: () => "https://overwatch.example",
    async makeOrganization() {
      const id = ids.next();
      await database.rows(sql`
        insert into organizations (id, name, created_at) values (${id}, 'test', ${timestamp(clock.now())})`);
      return id;
    },
    async makeIntegration(organizationId, settings = {}) {
      const integration: Integration = {
        organizationId,
        id: ids.next(),
        name: "Metrics",
        platform: "datadog",
        enabled: true,
        verification: { type: "none" },
        allowedIps: [],
        rateLimit: null,
        bodyLimitBytes: 1_048_576,
        quarantineLimit: 10_000,
        mapping: null,
        grouping: { by: ["dedup_key"] },
        triage: {},
        version: 1,
        createdAt: clock.now(),
        updatedAt: clock.now(),
        lastReceiptAt: null,
        ...settings,
      };
      await insertIntegration(database, integration);
      return integration;
    },
    async makeEndpoint(organizationId, settings = {}) {
      const endpoint: Endpoint = {
        organizationId,
        id: ids.next(),
        integrationId: null,
        name: "Chat",
        url: "https://chat.example.com/hear",
        method: "POST",
        events: ["*"],
        filter: null,
        template: null,
        enabled: true,
        timeoutSeconds: 30,
        retry: {},
        circuit: {},
        rateLimit: null,
        maxInFlight: 10,
        order: "incident",
        collapse: false,
        capture: null,
        overrides: {},
        fallback: null,
        proxy: null,
        version: 1,
        createdAt: clock.now(),
        updatedAt: clock.now(),
        ...settings,
      };
      await database.transaction((tx) => insertEndpoint(tx, endpoint));
      return endpoint;
    },
    makeTriage: (settings = {}) =>
      createTriage({
        database: open(),
        clock,
        ids: createIds(clock),
        log: createLog("silent"),
        metrics,
        nodeId: randomUUID(),
        publicUrl: kit.publicUrl,
        onDeliveries: () => undefined,
        ...settings,
      }),
    async store(integration, body, headers = { "content-type": "application/json" }) {
      const id = ids.next();
      const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
      await database.transaction(async (tx) => {
        await tx.rows(sql`
          insert into receipts (organization_id, id, integration_id, platform, received_at, source_ip, request_id,
            verified_by, headers, body)
          values (${integration.organizationId}, ${id}, ${integration.id}, ${integration.platform},
            ${timestamp(clock.now())}, '192.0.2.1', 'request', 'signature', ${json(headers)}, ${bytes})`);
        await enqueueReceipts(tx, [
          { organizationId: integration.organizationId, receiptId: id, integrationId: integration.id },
        ]);
      });
      return id;
    },
    storeSignals: (integration, signals) =>
      kit.store(integration, { signals: signals.map((signal) => makeSignal(signal, clock.now())) }),
    rows: (statement) => database.rows(statement),
    async close() {
      await Promise.all(pools.map((pool) => pool.close()));
      await testDatabase.drop();
    },
  };
  return kit;
}

/** A signal with defaults: a firing of `disk-full` now. */
export function makeSignal(settings: SignalSettings, now: number = STARTED_AT): Signal {
  return {
    externalId: settings.dedupKey ?? "disk-full",
    dedupKey: "disk-full",
    dedupKeyFrom: ["$.id"],
    status: "firing",
    severity: "high",
    title: "Disk is full",
    description: "92 % used",
    labels: {},
    links: [],
    sourceTime: now,
    note: null,
    ...settings,
  };
}

/** Reads bodies of `storeSignals`; all others as the product does. */
export const readSignals: typeof readReceipt = (integration, body, context): Reading => {
  const text = body.toString();
  if (!text.startsWith('{"signals":')) return readReceipt(integration, body, context);
  const { signals } = JSON.parse(text) as { signals: Signal[] };
  return { kind: "signals", variant: "test", signals, heartbeat: false, warnings: [] };
};
