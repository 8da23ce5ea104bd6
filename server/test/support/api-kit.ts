import { randomBytes } from "node:crypto";
import { hashApiKey, makeApiKey } from "../../src/api/api-key.ts";
import type { AddressVerdict, ApiDeps, ConfigKind } from "../../src/api/deps.ts";
import { requestInProcess } from "../../src/api/in-process-request.ts";
import type { Route } from "../../src/api/route.ts";
import { apiRoutes } from "../../src/api/routes.ts";
import { csrfTokenOf } from "../../src/api/secret-token.ts";
import { type Api, createApi } from "../../src/api/server.ts";
import { sessionCookie } from "../../src/api/session-cookie.ts";
import { startSession } from "../../src/api/sign-in.ts";
import { settingsInEffect } from "../../src/config.ts";
import { createFigures, type Figures } from "../../src/node/figures.ts";
import { readReceipt } from "../../src/reading/read-receipt.ts";
import { createReceiver } from "../../src/receive/receiver.ts";
import { createManualClock } from "../../src/runtime/clock.ts";
import { type Database, openDatabase } from "../../src/runtime/database.ts";
import { createIds } from "../../src/runtime/id.ts";
import type { LogFields } from "../../src/runtime/log.ts";
import { createMetrics } from "../../src/runtime/metrics.ts";
import { createPasswords } from "../../src/runtime/password.ts";
import { createVault } from "../../src/runtime/secrets.ts";
import { insertApiKey, type Role } from "../../src/store/api-keys.ts";
import { ensurePartitions } from "../../src/store/partitions.ts";
import { loadReceivingIntegration } from "../../src/store/receiving-integration.ts";
import { sql, timestamp } from "../../src/store/sql.ts";
import { insertUser } from "../../src/store/users.ts";
import { dryRun } from "../../src/triage/dry-run.ts";
import { createTriage, type Triage } from "../../src/triage/triage.ts";
import { answerProblem } from "./answer-schema.ts";
import { createTestDatabase } from "./database.ts";

/** The moment at which the clock of a kit stands, epoch milliseconds. */
export const STARTED_AT = Date.UTC(2026, 10, 23, 12, 0, 0);

/** An organization with a key and a signed-in person of each role. */
export type Tenant = {
  readonly id: string;
  readonly keys: Readonly<Record<Role, string>>;
  /** The headers that a page of Overwatch sends for that person. */
  readonly sessions: Readonly<Record<Role, PageHeaders>>;
};

/** What a browser sends for a page of Overwatch. */
export type PageHeaders = { readonly cookie: string; readonly "x-overwatch-csrf": string; readonly origin: string };

/** What a request of a test is. */
export type Ask = {
  readonly method?: "GET" | "POST" | "PATCH" | "DELETE" | "PUT" | "HEAD" | "OPTIONS";
  readonly path: string;
  readonly key?: string | null;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

/** An answer with its body parsed. */
export type Reply = {
  readonly status: number;
  readonly body: unknown;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The value at a path such as `data.0.id`, undefined when there is none. */
  at(path: string): unknown;
  /** The text at a path; fails the test when there is none. */
  str(path: string): string;
};

/** The API on a database of its own, with receiving and triage beside it and a clock moved by hand. */
export type ApiKit = {
  readonly api: Api;
  readonly routes: readonly Route[];
  readonly database: Database;
  readonly clock: ReturnType<typeof createManualClock>;
  readonly ids: ReturnType<typeof createIds>;
  readonly triage: Triage;
  readonly figures: Figures;
  readonly home: Tenant;
  readonly foreign: Tenant;
  readonly logged: { readonly level: string; readonly fields: LogFields; readonly message: string }[];
  readonly changed: { readonly kind: ConfigKind; readonly id: string }[];
  /** Every text that was answered, for the search for secrets. */
  readonly answers: string[];
  /** Asks as an admin of the home organization unless told otherwise; below /api/v1. */
  ask(ask: Ask): Promise<Reply>;
  /** Gives a webhook to the receiving path. */
  deliverWebhook(path: string, body: string | Buffer, headers: Readonly<Record<string, string>>): Promise<Reply>;
  close(): Promise<void>;
};

/** Builds a kit; `settings` replaces what the API is given. */
export async function createApiKit(settings: Partial<ApiDeps> = {}): Promise<ApiKit> {
  const test = await createTestDatabase();
  const database = openDatabase({
    connection: test.connection,
    maxConnections: 6,
    statementTimeoutMs: 10_000,
    connectTimeoutMs: 3_000,
    applicationName: "api-test",
  });
  const clock = createManualClock(STARTED_AT);
  const ids = createIds(clock);
  const metrics = createMetrics({ withProcessMetrics: false });
  const vault = createVault("a secret key of the tests, long enough");
  const logged: ApiKit["logged"] = [];
  const changed: ApiKit["changed"] = [];
  const answers: string[] = [];
  const log = createRecordingLog(logged);
  await ensurePartitions(database, clock.now());
  const home = await createTenant(database, ids, clock.now());
  const foreign = await createTenant(database, ids, clock.now());
  const publicUrl = () => "https://overwatch.example";
  const shared = { database, clock, ids, log, metrics, nodeId: ids.next(), publicUrl };
  const figures = createFigures(shared);
  const receiver = createReceiver({
    ...shared,
    ...figures,
    loadIntegration: (id) => loadReceivingIntegration(database, vault, clock, id),
    readReceipt,
    trustedProxies: [],
    isDraining: () => false,
    onStored: () => undefined,
    liveNodes: () => 1,
    noteSecretUse: () => undefined,
    monotonicNow: () => performance.now(),
  });
  const triage = createTriage({ ...shared, counts: figures.counts, onDeliveries: () => undefined });
  const deps: ApiDeps = {
    ...shared,
    vault,
    randomBytes,
    oidc: null,
    passwords: createPasswords({ memoryKib: 64, passes: 1, lanes: 1 }),
    judgeUrl: async (url): Promise<AddressVerdict> =>
      url.includes("internal")
        ? { ok: false, reason: "blocked_address", message: "is an internal address" }
        : { ok: true },
    proxyNames: ["eu", "us"],
    sourceAddress: (request) => request.socket.remoteAddress ?? "unknown",
    areMetricsOpen: false,
    receive: receiver.handle,
    dryRun: (receipts, changes) => dryRun(shared, receipts, changes),
    installation: {
      version: "0.0.0",
      isEmbedded: true,
      storage: "/data/of/the/tests",
      configuration: settingsInEffect({
        OVERWATCH_SECRET_KEY: "a secret key of the tests, long enough",
        OVERWATCH_PUBLIC_URL: "https://inside.example",
      }),
    },
    isDraining: () => false,
    readyChecks: async () => [{ name: "database", ok: true, message: "reachable" }],
    activity: receiver.activity,
    onConfigChanged: (kind, id) => {
      changed.push({ kind, id });
      receiver.invalidate(id);
      api.forgetKeys();
    },
    wakeTriage: () => undefined,
    wakeDeliver: () => undefined,
    ...settings,
  };
  const api = await createApi(deps);
  const routes = apiRoutes(deps);
  return {
    api,
    routes,
    database,
    clock,
    ids,
    triage,
    figures,
    home,
    foreign,
    logged,
    changed,
    answers,
    async ask({ method = "GET", path, key = home.keys.admin, body, headers = {} }) {
      const response = await api.app.inject({
        method,
        url: path.startsWith("/api/") || !path.startsWith("/") ? path : `/api/v1${path}`,
        headers: {
          ...(key === null ? {} : { authorization: `Bearer ${key}` }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { payload: typeof body === "string" ? body : JSON.stringify(body) }),
      });
      answers.push(response.body, JSON.stringify(response.headers));
      const problem = answerProblem(routes, method, response.raw.req.url ?? "", response.statusCode, response.body);
      if (problem !== null) throw new Error(problem);
      return replyOf(response.statusCode, response.body, response.headers as Reply["headers"]);
    },
    async deliverWebhook(path, body, headers) {
      const answer = await requestInProcess(receiver.handle, {
        method: "POST",
        url: path,
        headers: { "content-type": "application/json", ...headers },
        body: Buffer.from(body),
      });
      return replyOf(answer.status, answer.body, {});
    },
    async close() {
      await receiver.stop();
      await api.close();
      await database.close();
      await test.drop();
    },
  };
}

function replyOf(status: number, text: string, headers: Reply["headers"]): Reply {
  const body = parse(text);
  const at = (path: string): unknown => path.split(".").reduce(stepInto, body);
  return {
    status,
    text,
    body,
    headers,
    at,
    str(path) {
      const value = at(path);
      if (typeof value !== "string") throw new Error(`no text at ${path} in ${status} ${text}`);
      return value;
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function stepInto(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

function createRecordingLog(logged: ApiKit["logged"]): ApiDeps["log"] {
  const at = (level: string) => (fields: LogFields, message: string) => void logged.push({ level, fields, message });
  const log: ApiDeps["log"] = {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: () => log,
  };
  return log;
}

/** The headers of a page of Overwatch that bears a cookie. */
export function pageHeaders(cookie: string, csrfToken: string, origin = "https://overwatch.example"): PageHeaders {
  return { cookie, "x-overwatch-csrf": csrfToken, origin };
}

async function createTenant(database: Database, ids: ApiKit["ids"], now: number): Promise<Tenant> {
  const organizationId = ids.next();
  await database.rows(sql`
    insert into organizations (id, name, created_at) values (${organizationId}, 'tenant', ${timestamp(now)})`);
  const add = async (role: Role): Promise<string> => {
    const key = makeApiKey(randomBytes);
    await insertApiKey(database, {
      organizationId,
      id: ids.next(),
      name: `${role} key`,
      role,
      keyHash: hashApiKey(key),
      keyHint: "test",
      createdAt: now,
      expiresAt: null,
      createdBy: null,
    });
    return key;
  };
  const signIn = async (role: Role): Promise<PageHeaders> => {
    const user = { organizationId, id: ids.next() };
    const email = `${role}-${organizationId}@example.com`;
    const unset = { passwordHash: null, oidcIssuer: "https://id.example", disabledAt: null, lastSignedInAt: null };
    const times = { createdAt: now, updatedAt: now };
    const subject = { oidcSubject: user.id, version: 1 };
    await insertUser(database, { ...user, name: `${role} person`, email, role, ...unset, ...times, ...subject });
    const source = { address: "192.0.2.1", userAgent: "test", isSecure: true, sessionToken: null, oidcCookie: null };
    const token = await startSession(
      { clock: { now: () => now }, ids, randomBytes },
      database,
      user,
      "password",
      source,
    );
    return pageHeaders(sessionCookie(token, true, 60).split(";", 1)[0] ?? "", csrfTokenOf(token));
  };
  return {
    id: organizationId,
    sessions: { admin: await signIn("admin"), responder: await signIn("responder"), viewer: await signIn("viewer") },
    keys: { admin: await add("admin"), responder: await add("responder"), viewer: await add("viewer") },
  };
}
