import { createHash } from "node:crypto";
import type { Duplex } from "node:stream";
import pg from "pg";
import type { Metrics } from "./metrics.ts";

/** A statement as the store builds it. */
export type Statement = { readonly text: string; readonly values: readonly unknown[] };

/** What can run one statement: the database itself or an open transaction. */
export type Queryable = {
  /** Runs one prepared statement and returns its rows; timestamps arrive as epoch milliseconds, bigints as numbers. */
  rows<Row extends object>(statement: Statement): Promise<readonly Row[]>;
};

/** An open transaction. Its statements run in the order in which they are given, whether or not they are waited for. */
export type Transaction = Queryable & {
  /** Sends a statement whose rows nobody needs, without waiting; should it fail, the transaction fails. */
  send(statement: Statement): void;
};

/** A pool of connections to one PostgreSQL. */
export type Database = Queryable & {
  /**
   * Runs one statement, behind another when given, in a transaction whose loss in a crash of the server is harmless, as
   * that of a claim is, or that changes nothing: it returns without waiting for the disk. With short lists each statement
   * keeps its plan, as with `arePlansKept`, and finds its rows along indexes.
   */
  lossyRows<Row extends object>(statement: Statement, before?: Statement): Promise<readonly Row[]>;
  /**
   * Runs the work in one transaction. Deadlocks, serialization failures and unique violations that `isRetried` names
   * run it again from the start, up to five times; the work must therefore change nothing but the database.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Waiting and open connections, for metrics and readiness. */
  stats(): { readonly total: number; readonly idle: number; readonly waiting: number };
  close(): Promise<void>;
};

/** How a transaction behaves. */
export type TransactionOptions = {
  /** Names unique constraints whose violation means that somebody was faster and the work should be done again. */
  readonly retryOn?: readonly string[];
  /**
   * True for statements whose lists are short: each keeps the plan that was made without looking at its parameters.
   * PostgreSQL would go on planning them anew, because it takes a list of unknown length for ten times as dear.
   */
  readonly arePlansKept?: boolean;
};

/** What the pool needs to know. */
export type DatabaseOptions = {
  readonly connection: pg.ClientConfig;
  readonly maxConnections: number;
  /** A statement that takes longer fails and its connection is destroyed. */
  readonly statementTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly applicationName: string;
  readonly onError?: (error: Error) => void;
  readonly metrics?: Metrics;
};

const TIMESTAMPTZ = 1184;
const INT8 = 20;
const MAX_TRIES = 5;
const BEGIN_WITH_KEPT_PLANS = "begin; set local plan_cache_mode = force_generic_plan";
const BEGIN_LOSSY = "begin; set local synchronous_commit = off";
// A plan that is kept may have been made for a small table, of which all is read, or read and sorted, more cheaply than some
// rows along an index.
const BY_INDEX = "set local enable_seqscan = off; set local enable_bitmapscan = off; set local enable_sort = off";
const BEGIN_LOSSY_WITH_KEPT_PLANS = `${BEGIN_LOSSY}; set local plan_cache_mode = force_generic_plan; ${BY_INDEX}`;
const RETRIED_STATES = new Set(["40P01", "40001"]);

const epochMs = (text: string): number => new Date(text).getTime();

const types: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: "text" | "binary") {
    if (oid === TIMESTAMPTZ) return epochMs;
    if (oid === INT8) return Number;
    return pg.types.getTypeParser(oid, format as "text");
  },
} as pg.CustomTypesConfig;

const statementNames = new Map<string, string>();

const corked = new WeakSet<Duplex>();

/** Statements of one turn of the event loop leave in one write: each write costs more than most of them. */
function sendTogether(client: pg.PoolClient): void {
  const stream = "connection" in client ? (client.connection as { readonly stream?: Duplex }).stream : undefined;
  if (stream === undefined || corked.has(stream)) return;
  corked.add(stream);
  stream.cork();
  // Two turns later, since a transaction lets one pass before its commit.
  process.nextTick(() =>
    process.nextTick(() => {
      corked.delete(stream);
      stream.uncork();
    }),
  );
}

const LONG_ARRAY = 50;

/** True for an array parameter of many elements, be it a list or a Buffer in PostgreSQL's binary format. */
function isLongArray(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > LONG_ARRAY;
  return (
    Buffer.isBuffer(value) && value.length > 20 && value.readInt32BE(0) === 1 && value.readInt32BE(12) > LONG_ARRAY
  );
}

/** A short, stable name per statement text, so that each connection prepares it once. */
function statementName(text: string): string {
  let name = statementNames.get(text);
  if (name === undefined) {
    name = `s_${createHash("sha256").update(text).digest("base64url").slice(0, 24)}`;
    // Lists make statements of varying text; do not let the map grow with them.
    if (statementNames.size < 2_000) statementNames.set(text, name);
  }
  return name;
}

/** Session settings that every connection starts with: durability on, nothing may hang or hold locks for ever. */
export function sessionOptions(statementTimeoutMs: number): string {
  const settings = {
    synchronous_commit: "on",
    // Compiling a plan takes longer than any of these statements.
    jit: "off",
    statement_timeout: String(statementTimeoutMs),
    lock_timeout: String(statementTimeoutMs),
    idle_in_transaction_session_timeout: "10000",
    tcp_user_timeout: "20000",
    tcp_keepalives_idle: "10",
    tcp_keepalives_interval: "5",
    tcp_keepalives_count: "3",
    TimeZone: "UTC",
    DateStyle: "ISO",
  };
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(" ");
}

/** Opens a pool. Connections are made when first needed; a lost database is met again by the next statement. */
export function openDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    ...options.connection,
    max: options.maxConnections,
    connectionTimeoutMillis: options.connectTimeoutMs,
    idleTimeoutMillis: 60_000,
    query_timeout: options.statementTimeoutMs + 500,
    application_name: options.applicationName,
    options: sessionOptions(options.statementTimeoutMs),
    keepAlive: true,
    // Statements that do not wait for each other's rows share a round trip; the server still runs them in their order.
    pipeline: true,
    types,
  } as pg.PoolConfig);
  // Without this listener a backend that dies while idle would end the process.
  pool.on("error", (error) => options.onError?.(error));
  // Nor may one that dies in use, while the pool does not listen: its statement fails, and that is told to the caller.
  pool.on("connect", (client) => void client.on("error", () => undefined));

  const run = async <Row extends object>(client: pg.PoolClient, statement: Statement): Promise<readonly Row[]> => {
    sendTogether(client);
    const text = statement.text;
    const values = statement.values as unknown[];
    // A plan that was kept from when a table was small reads all of it for each of hundreds of rows; planning is cheap
    // beside so many, so they get a plan of their own.
    const result = await client.query<Row>(
      values.some(isLongArray) ? { text, values } : { name: statementName(text), text, values },
    );
    return result.rows;
  };

  const withClient = async <T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> => {
    options.metrics?.count("overwatch_database_statements_total");
    const client = await pool.connect();
    let failure: Error | undefined;
    try {
      sendTogether(client);
      return await work(client);
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
      throw error;
    } finally {
      // A connection on which something went wrong on the wire or in time is never used again.
      client.release(failure !== undefined && !isAnswerOfServer(failure));
    }
  };

  const once = <T>(work: (tx: Transaction) => Promise<T>, arePlansKept: boolean): Promise<T> =>
    withClient(async (client) => {
      const sent: Promise<unknown>[] = [];
      // The first to fail is the cause: what follows it is told that the transaction has failed.
      let failure: unknown = null;
      const track = <Result>(running: Promise<Result>): Promise<Result> => {
        sent.push(
          running.catch((error: unknown) => {
            failure ??= error;
          }),
        );
        return running;
      };
      let isOver = false;
      try {
        // Travels with the first statement.
        void track(client.query(arePlansKept ? BEGIN_WITH_KEPT_PLANS : "begin"));
        const result = await work({
          rows: (statement) => track(run(client, statement)),
          send: (statement) => void track(run(client, statement)),
        });
        // A statement that could not even be sent has failed by then; the server knows nothing of it and would commit.
        await new Promise<void>((resolve) => process.nextTick(resolve));
        if (failure !== null) throw failure;
        isOver = true;
        const ended = await track(client.query("commit"));
        await Promise.all(sent);
        if (failure !== null) throw failure;
        if (ended.command !== "COMMIT") throw new Error("the transaction was rolled back");
        return result;
      } catch (error) {
        if (!isOver && error instanceof Error && (isAnswerOfServer(error) || sqlState(error) === null)) {
          await client.query("rollback").catch(() => undefined);
        }
        await Promise.all(sent);
        throw failure ?? error;
      }
    });

  /** A transaction in one round trip. */
  const lossy = <Row extends object>(statement: Statement, before?: Statement): Promise<readonly Row[]> =>
    withClient(async (client) => {
      const [, , rows] = await Promise.all([
        client.query(statement.values.some(isLongArray) ? BEGIN_LOSSY : BEGIN_LOSSY_WITH_KEPT_PLANS),
        before === undefined ? undefined : run(client, before),
        run<Row>(client, statement),
        client.query("commit"),
      ]);
      return rows;
    });

  return {
    rows: (statement) => withClient((client) => run(client, statement)),
    lossyRows: lossy,
    async transaction(work, transactionOptions = {}) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await once(work, transactionOptions.arePlansKept ?? false);
        } catch (error) {
          if (attempt >= MAX_TRIES || !isRetryable(error, transactionOptions.retryOn ?? [])) throw error;
        }
      }
    },
    stats: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    close: () => pool.end(),
  };
}

/** The SQLSTATE of an error, or null when it did not come from the server. */
export function sqlState(error: unknown): string | null {
  const code = error instanceof Error && "code" in error ? error.code : null;
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) ? code : null;
}

function isAnswerOfServer(error: Error): boolean {
  const state = sqlState(error);
  // 57P0x: the server is going away; 57014: our own timeout cancelled the statement.
  return state !== null && !state.startsWith("57P") && !state.startsWith("08");
}

function isRetryable(error: unknown, retryOn: readonly string[]): boolean {
  const state = sqlState(error);
  if (state === null) return false;
  if (RETRIED_STATES.has(state)) return true;
  const constraint = error instanceof Error && "constraint" in error ? error.constraint : null;
  return state === "23505" && typeof constraint === "string" && retryOn.includes(constraint);
}

/** True when the error says that the database is away, full, read-only or too slow, rather than that a statement is wrong. */
export function isUnavailable(error: unknown): boolean {
  const state = sqlState(error);
  if (state === null) return error instanceof Error;
  return /^(08|53|57|58|25006|55P03|40)/.test(state);
}
