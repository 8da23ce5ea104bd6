import type { ClientConfig } from "pg";
import type { Config } from "../config.ts";
import { type Database, openDatabase } from "../runtime/database.ts";
import { findRunningEmbedded, startEmbeddedPostgres } from "../runtime/embedded-postgres.ts";
import type { Log } from "../runtime/log.ts";
import type { Metrics } from "../runtime/metrics.ts";
import { migrate } from "../runtime/migrate.ts";
import { loadSecretKey, secretKeyPath } from "../runtime/secret-key.ts";
import { createVault, type Vault } from "../runtime/secrets.ts";
import { ensureSetting, hasSealedSecrets, readDurability } from "../store/settings.ts";

/** A reason not to start, in a sentence for the operator. */
export class StartError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "StartError";
  }
}

/** The database that a node works on. */
export type Storage = {
  readonly database: Database;
  readonly connection: ClientConfig;
  /** Where it is, for people; without a password. */
  readonly description: string;
  readonly isEmbedded: boolean;
  /** Where a database stands that is reached by TCP; null for one that is reached by a socket. */
  readonly address: { readonly host: string; readonly port: number } | null;
  close(): Promise<void>;
};

/** The same for a command beside a node: an embedded database that runs already is used as it runs. */
export async function openStorageBeside(config: Config, log: Log): Promise<Pick<Storage, "database" | "close">> {
  const connection = config.databaseUrl === null ? findRunningEmbedded(config.dataDir) : null;
  if (connection === null) return openStorage(config, log);
  const database = openDatabase({
    connection: { ...connection },
    maxConnections: 2,
    statementTimeoutMs: 5_000,
    connectTimeoutMs: 3_000,
    applicationName: "overwatch command",
  });
  return { database, close: () => database.close() };
}

const OLDEST_SERVER = 150_000;

/** Reaches or starts the database, migrates it and refuses one on which acknowledged receipts could be lost. */
export async function openStorage(config: Config, log: Log, metrics?: Metrics): Promise<Storage> {
  const embedded =
    config.databaseUrl === null
      ? await startEmbeddedPostgres({
          dataDir: config.dataDir,
          isDurable: true,
          maxConnections: config.databaseConnections + 20,
          onRestart: (message) => log.error({}, message),
        })
      : null;
  const connection: ClientConfig =
    embedded === null ? { connectionString: config.databaseUrl ?? "" } : { ...embedded.connection };
  const database = openDatabase({
    connection,
    maxConnections: config.databaseConnections,
    statementTimeoutMs: 5_000,
    connectTimeoutMs: 3_000,
    applicationName: "overwatch",
    ...(metrics === undefined ? {} : { metrics }),
    onError: (error) => log.debug({ error: error.message }, "an idle database connection ended"),
  });
  const close = async (): Promise<void> => {
    await database.close();
    await embedded?.stop();
  };
  try {
    const { applied } = await migrate({ connection });
    if (applied.length > 0) log.info({ applied }, "the database was migrated");
    await refuseUnsafe(database, config.isFsyncOffAllowed, log);
  } catch (error) {
    await close();
    throw error;
  }
  const description = embedded === null ? describeUrl(config.databaseUrl ?? "") : config.dataDir;
  const address = embedded === null ? addressOf(config.databaseUrl ?? "") : null;
  return { database, connection, description, isEmbedded: embedded !== null, address, close };
}

async function refuseUnsafe(database: Database, isUnsafeAllowed: boolean, log: Log): Promise<void> {
  const { fsync, synchronousCommit, serverVersion } = await readDurability(database);
  if (serverVersion < OLDEST_SERVER) {
    throw new StartError(`PostgreSQL ${Math.floor(serverVersion / 10_000)} is too old; Overwatch needs 15 to 18.`);
  }
  if (synchronousCommit === "off") {
    throw new StartError(
      "The database keeps synchronous_commit off for this user; Overwatch cannot promise anything then.",
    );
  }
  if (fsync === "on") return;
  if (!isUnsafeAllowed) {
    throw new StartError(
      "The database runs with fsync = off, so a power failure would lose accepted alerts. " +
        "Turn fsync on, or set OVERWATCH_ALLOW_FSYNC_OFF=true where that does not matter.",
    );
  }
  log.warn({}, "fsync is off: a power failure may lose accepted alerts");
}

/** Makes the vault from the configured or the kept key and proves that it is the key of this database. */
export async function openVault(database: Database, config: Config): Promise<Vault> {
  const isFresh = !(await hasSealedSecrets(database));
  const key = loadSecretKey(config.secretKey, config.dataDir, isFresh);
  if (key === null) {
    throw new StartError(
      `The database holds secrets, but the key that opens them is missing: set OVERWATCH_SECRET_KEY or put back ${secretKeyPath(config.dataDir)}.`,
    );
  }
  const vault = createVault(key.value, undefined, config.otherSecretKey);
  const expected = await ensureSetting(database, "secret_key_check", vault.checkValue);
  // The other key may still be the one that the database names: a rotation ends with that.
  if (expected !== vault.checkValue && expected !== vault.otherCheckValue) {
    throw new StartError(
      `The secret key (from ${key.source}) is not the one that sealed this database's secrets. Use the former key; nothing was changed.`,
    );
  }
  return vault;
}

function addressOf(url: string): Storage["address"] {
  const parsed = new URL(url);
  const host = (parsed.hostname || (parsed.searchParams.get("host") ?? "")).replace(/^\[|\]$/g, "");
  return host === "" || host.startsWith("/") ? null : { host, port: Number(parsed.port || 5432) };
}

function describeUrl(url: string): string {
  const parsed = new URL(url);
  return `${parsed.hostname || "local socket"}${parsed.port ? `:${parsed.port}` : ""}${parsed.pathname}`;
}
