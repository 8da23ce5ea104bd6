import { createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type Server, type ServerOptions } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { DEFAULT_TRIAGE_POLICY, type Integration } from "../../src/core/integration.ts";
import { readReceipt } from "../../src/reading/read-receipt.ts";
import type { Schedule } from "../../src/receive/deadlines.ts";
import { connectHttp, SERVER_OPTIONS } from "../../src/receive/http-guard.ts";
import type { ReceivingIntegration } from "../../src/receive/integration-cache.ts";
import { createReceiver, type Receiver, type ReceiverDeps } from "../../src/receive/receiver.ts";
import { createManualClock } from "../../src/runtime/clock.ts";
import { type Database, openDatabase } from "../../src/runtime/database.ts";
import { createIds } from "../../src/runtime/id.ts";
import type { Log, LogFields } from "../../src/runtime/log.ts";
import { createMetrics, type Metrics } from "../../src/runtime/metrics.ts";
import { ensurePartitions } from "../../src/store/partitions.ts";
import type { OpenedSecret } from "../../src/store/receiving-integration.ts";
import { createTestDatabase } from "./database.ts";

export const SECRET = "a-signing-secret-of-good-length";
export const STARTED_AT = Date.UTC(2026, 10, 23, 12);

/** One line of a log that is kept for a test to read. */
export type LogLine = { readonly level: string; readonly message: string; readonly fields: LogFields };

/** Timers that only run when a test says so. */
export type ManualSchedule = { readonly schedule: Schedule; runAll(): void };

/** The receive stage behind a real listener, on a real database, with a clock that is moved by hand. */
export type ReceiveKit = {
  readonly receiver: Receiver;
  readonly database: Database;
  readonly clock: ReturnType<typeof createManualClock>;
  readonly metrics: Metrics;
  readonly lines: LogLine[];
  readonly port: number;
  readonly integrations: Map<string, ReceivingIntegration>;
  readonly usedSecrets: string[];
  stored: number;
  /** Moves both clocks. */
  advance(ms: number): void;
  add(settings: Partial<Integration> & { readonly secrets?: readonly OpenedSecret[] }): ReceivingIntegration;
  send(request: SentRequest): Promise<Answer>;
  /** Writes text to a socket and returns everything until the server closes it or `until` matches. */
  raw(text: string | Buffer, until?: RegExp): Promise<string>;
  openSocket(): Promise<Socket>;
  close(): Promise<void>;
};

export type SentRequest = {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | undefined;
};

export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly json: Record<string, never> & AnyBody;
};

/** The parts of an answer that tests look at. */
export type AnyBody = {
  readonly success?: boolean;
  readonly message?: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly request_id: string;
    readonly details: Readonly<Record<string, unknown>>;
  };
};

/** A secret in the clear as the cache holds it. */
export function openedSecret(value: string, more: Partial<OpenedSecret> = {}): OpenedSecret {
  return {
    id: "01980000-0000-7000-8000-00000000000a",
    purpose: "signing_secret",
    value,
    isPrevious: false,
    expiresAt: null,
    ...more,
  };
}

/** The hex HMAC-SHA256 of a body. */
export function macOf(body: string | Buffer, secret: string = SECRET): string {
  return createHmac("sha256", secret).update(body).digest("hex");
}

/** Headers that sign a body for the Overwatch scheme or Datadog's. */
export function signed(body: string | Buffer, header = "x-overwatch-signature", secret: string = SECRET) {
  return { "content-type": "application/json", [header]: `sha256=${macOf(body, secret)}` };
}

export function createRecordingLog(lines: LogLine[]): Log {
  const at = (level: string) => (fields: LogFields, message: string) => void lines.push({ level, message, fields });
  const log: Log = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error"), child: () => log };
  return log;
}

/** Starts the kit; `settings` replaces what the receiver is given, `limits` those of the listener. */
export async function openReceiveKit(
  settings: Partial<ReceiverDeps> = {},
  limits: ServerOptions = {},
): Promise<ReceiveKit> {
  const own = settings.database === undefined ? await openOwnDatabase() : null;
  const database = settings.database ?? own?.database;
  if (database === undefined) throw new Error("no database");
  const clock = createManualClock(STARTED_AT);
  const ids = createIds(clock);
  const metrics = createMetrics({ withProcessMetrics: false });
  const lines: LogLine[] = [];
  const integrations = new Map<string, ReceivingIntegration>();
  const usedSecrets: string[] = [];
  const receiver = createReceiver({
    database,
    clock,
    ids,
    log: createRecordingLog(lines),
    metrics,
    loadIntegration: async (id) => integrations.get(id) ?? null,
    readReceipt,
    trustedProxies: [],
    isDraining: () => false,
    onStored: () => {
      kit.stored += 1;
    },
    liveNodes: () => 1,
    noteSecretUse: (id) => void usedSecrets.push(id),
    monotonicNow: () => clock.now() - STARTED_AT,
    ...settings,
  });
  const server = createServer({ ...SERVER_OPTIONS, ...limits });
  connectHttp(server, {
    receiver,
    api: (_req, res) => res.writeHead(404).end("elsewhere"),
    newRequestId: ids.next,
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;

  const kit: ReceiveKit = {
    receiver,
    database,
    clock,
    metrics,
    lines,
    port,
    integrations,
    usedSecrets,
    stored: 0,
    advance: clock.advance,
    add(more) {
      const integration = { ...baseIntegration(ids.next()), secrets: [openedSecret(SECRET)], ...more };
      integrations.set(integration.id, integration);
      receiver.invalidate(integration.id);
      return integration;
    },
    send: (request) => send(port, request),
    raw: (text, until) => exchangeRaw(port, text, until),
    openSocket: () => openSocket(port),
    async close() {
      await receiver.stop();
      await closeServer(server);
      await database.close();
      await own?.drop();
    },
  };
  return kit;
}

async function openOwnDatabase(): Promise<{ readonly database: Database; drop(): Promise<void> }> {
  const test = await createTestDatabase();
  const database = openDatabase({
    connection: test.connection,
    maxConnections: 6,
    statementTimeoutMs: 10_000,
    connectTimeoutMs: 3_000,
    applicationName: "receive-test",
  });
  await ensurePartitions(database, STARTED_AT);
  return { database, drop: test.drop };
}

const ORGANIZATION_ID = "01980000-0000-7000-8000-000000000001";

/** An integration of the custom platform with every default and no rate limit worth mentioning. */
export function baseIntegration(id: string): Integration {
  return {
    organizationId: ORGANIZATION_ID,
    id,
    name: "test",
    platform: "custom",
    enabled: true,
    verification: { type: "signature" },
    allowedIps: [],
    rateLimit: { requests: 100_000, per_seconds: 60 },
    bodyLimitBytes: 1_048_576,
    quarantineLimit: 10_000,
    mapping: null,
    grouping: { by: ["dedup_key"] },
    triage: DEFAULT_TRIAGE_POLICY,
    version: 1,
    createdAt: STARTED_AT,
    updatedAt: STARTED_AT,
    lastReceiptAt: null,
  };
}

async function send(port: number, request: SentRequest): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${port}${request.path}`, {
    method: request.method ?? "POST",
    headers: { ...request.headers },
    ...(request.body === undefined ? {} : { body: new Uint8Array(Buffer.from(request.body)) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, json: text.startsWith("{") ? JSON.parse(text) : {} };
}

function openSocket(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => resolve(socket));
    socket.once("error", reject);
  });
}

async function exchangeRaw(port: number, text: string | Buffer, until?: RegExp): Promise<string> {
  const socket = await openSocket(port);
  let received = "";
  return new Promise((resolve) => {
    const finish = (): void => {
      socket.destroy();
      resolve(received);
    };
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      if (until?.test(received)) finish();
    });
    socket.on("close", finish);
    socket.on("error", finish);
    socket.write(text);
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** The status of a raw answer. */
export function statusOfRaw(text: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
}

/** The stored rows of an integration, oldest first. */
export function storedReceipts(kit: ReceiveKit, integrationId: string) {
  return kit.database.rows<{
    readonly id: string;
    readonly body: Buffer;
    readonly headers: IncomingHttpHeaders;
    readonly source_ip: string;
    readonly request_id: string;
    readonly delivery_id: string | null;
    readonly verified_by: string;
    readonly received_at: number;
  }>({
    text: `select id, body, headers, source_ip, request_id, delivery_id, verified_by, received_at
      from receipts where integration_id = $1 order by id`,
    values: [integrationId],
  });
}

/** How many receipts of an integration wait for triage. */
export async function queuedCount(kit: ReceiveKit, integrationId: string): Promise<number> {
  const [row] = await kit.database.rows<{ readonly count: number }>({
    text: "select count(*)::int as count from receipt_queue where integration_id = $1",
    values: [integrationId],
  });
  return row?.count ?? 0;
}
