import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { databaseAccount, EmbeddedPostgresError } from "./embedded/account.ts";
import { findBinaries } from "./embedded/binaries.ts";
import {
  clusterMajor,
  DATABASE_NAME,
  isAlive,
  makeCluster,
  makeSocketDir,
  placesIn,
  prepareDataDir,
} from "./embedded/cluster.ts";
import { startGuard } from "./embedded/guard.ts";
import { clearLeftovers, type ServerOptions, type ServerProcess, startServer } from "./embedded/server-process.ts";

export { EmbeddedPostgresError };

/** How the embedded PostgreSQL is started. */
export type EmbeddedPostgresOptions = {
  /** Holds the cluster, its log and its socket; an absolute path, made when it does not exist. */
  readonly dataDir: string;
  /** False turns fsync off: for tests only, where a crash of the machine may lose everything. */
  readonly isDurable: boolean;
  readonly maxConnections: number;
  /** Told in a sentence when the server ended by itself and is started again. */
  readonly onRestart?: (message: string) => void;
};

/** How to connect to the embedded PostgreSQL: a socket folder, so there is neither a port nor a password. */
export type EmbeddedConnection = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
};

/** A PostgreSQL that lives and ends with this process. */
export type EmbeddedPostgres = {
  readonly connection: EmbeddedConnection;
  /** The full version, such as "18.4". */
  readonly version: string;
  /** "package" for the programs that came with Overwatch, "system" for those found on the machine. */
  readonly source: "package" | "system";
  /** Ends all sessions and stops the server; close the pools first. */
  stop(): Promise<void>;
};

/** How to connect to the embedded PostgreSQL of a data directory that another process runs, or null when none does. */
export function findRunningEmbedded(dataDir: string): EmbeddedConnection | null {
  const path = join(placesIn(dataDir).clusterDir, "postmaster.pid");
  if (!existsSync(path)) return null;
  // Lines: process id, cluster, start, port, socket folder.
  const [pid = "", , , port = "", socketDir = ""] = readFileSync(path, "utf8").split("\n");
  if (!isAlive(Number(pid)) || socketDir === "") return null;
  return { host: socketDir, port: Number(port), user: DATABASE_NAME, database: DATABASE_NAME };
}

const RESTART_DELAYS_MS = [0, 100, 500, 1_000, 2_000, 5_000];

/**
 * Starts PostgreSQL in the data directory, making the cluster at the first time. The server is stopped by `stop`, and
 * also when this process ends in any other way; when the server itself ends unasked it is started again.
 * @throws EmbeddedPostgresError with a sentence that says what to do.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  if (process.platform === "win32") {
    throw new EmbeddedPostgresError(
      "There is no embedded PostgreSQL on Windows; run Overwatch in WSL 2, or set DATABASE_URL to an existing PostgreSQL.",
    );
  }
  const places = placesIn(options.dataDir);
  const account = databaseAccount(places.clusterDir, process.getuid?.() ?? -1);
  prepareDataDir(places.dataDir, account);
  const binaries = findBinaries(account, places.dataDir, clusterMajor(places));
  if (clusterMajor(places) === null) await makeCluster(places, binaries, account, options.isDurable);
  await clearLeftovers(places);
  const socket = makeSocketDir(places, account);
  const connection = { host: socket.path, port: 5432, user: DATABASE_NAME, database: DATABASE_NAME };
  const serverOptions = { places, binaries, account, socketDir: socket.path, settings: settingsFor(options) };
  const guard = startGuard(places.clusterDir, account);
  try {
    const server = await superviseServer(serverOptions, options.onRestart ?? (() => undefined));
    await makeDatabase(connection);
    return {
      connection,
      version: binaries.version,
      source: binaries.source,
      async stop() {
        await server.stop();
        guard.release();
        if (socket.isTemporary) rmSync(socket.path, { recursive: true, force: true });
      },
    };
  } catch (error) {
    guard.release();
    throw error;
  }
}

function settingsFor(options: EmbeddedPostgresOptions): Record<string, string> {
  const durable = String(options.isDurable);
  return {
    unix_socket_permissions: "0700",
    max_connections: String(options.maxConnections),
    fsync: durable,
    synchronous_commit: durable,
    full_page_writes: durable,
    // Queues turn over faster than the minute that is the default.
    autovacuum_naptime: "15s",
    // Queries here are short; compiling them costs more than it saves.
    jit: "off",
    timezone: "UTC",
    log_timezone: "UTC",
    ...(options.isDurable ? {} : { wal_level: "minimal", max_wal_senders: "0" }),
  };
}

/** Keeps a server running until it is stopped: one that ends unasked is started again, slower each time it fails. */
async function superviseServer(
  options: ServerOptions,
  onRestart: (message: string) => void,
): Promise<{ stop(): Promise<void> }> {
  let server: ServerProcess | null = await startServer(options);
  let isStopping = false;
  const restart = async (): Promise<void> => {
    for (let failures = 0; !isStopping; failures++) {
      await delay(RESTART_DELAYS_MS[Math.min(failures, RESTART_DELAYS_MS.length - 1)]);
      if (isStopping) return;
      try {
        await clearLeftovers(options.places);
        server = await startServer(options);
        onRestart("The embedded PostgreSQL ended by itself and was started again.");
        return;
      } catch (error) {
        onRestart((error as Error).message);
      }
    }
  };
  const watch = async (): Promise<void> => {
    while (server !== null) {
      await server.ended;
      server = null;
      await restart();
    }
  };
  const watching = watch();
  return {
    async stop() {
      isStopping = true;
      await server?.stop();
      await watching;
    },
  };
}

/** The cluster comes with the database `postgres` only. */
async function makeDatabase(connection: EmbeddedConnection): Promise<void> {
  const client = new pg.Client({ ...connection, database: "postgres" });
  await client.connect();
  try {
    const found = await client.query("select 1 from pg_database where datname = $1", [connection.database]);
    if (found.rowCount === 0) await client.query(`create database "${connection.database}"`);
  } finally {
    await client.end();
  }
}
