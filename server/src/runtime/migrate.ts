import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";

/** What a migration run needs to know. */
export type MigrateOptions = {
  readonly connection: pg.ClientConfig;
  /** True lists what would run and changes nothing. */
  readonly dryRun?: boolean;
  /** Told one sentence per step. */
  readonly onProgress?: (message: string) => void;
  /** How long a statement may wait for a lock before the migration steps back; two seconds when absent. */
  readonly lockTimeoutMs?: number;
  /** The folder of `NNNN_name.sql` files; that of this release when absent. */
  readonly directory?: string;
};

/** Names of migrations, oldest first, without `.sql`. */
export type MigrateResult = { readonly applied: readonly string[]; readonly pending: readonly string[] };

/** A reason why the schema could not be brought up to date, as one sentence that says what to do. */
export class MigrationError extends Error {
  override readonly name = "MigrationError";
}

const DIRECTORY = join(import.meta.dirname, "../../migrations");
const TABLE = "schema_migrations";
const FILE_NAME = /^\d{4}_[a-z0-9_]+\.sql$/;
const NO_TRANSACTION = /^-- no transaction\b/m;
const LOCK_TIMEOUT_MS = 2_000;
const LOCK_RETRIES = 15;
const LOCK_NOT_AVAILABLE = "55P03";
// "overwtch" in ASCII: any number will do that no other program on the same database is likely to take.
const ADVISORY_LOCK = "8031739069453788008";

/**
 * Brings the schema forward, one transaction per file. Several nodes may call it at once: one works, the others wait
 * and find nothing left to do. A file with the comment `-- no transaction` holds one statement, such as `create index
 * concurrently`, and runs outside one. No statement waits longer than two seconds for a lock, so that a migration never
 * stalls the traffic queued behind it; it is tried again instead.
 * @throws MigrationError when the schema is newer than this release, or a migration fails.
 */
export async function migrate(options: MigrateOptions): Promise<MigrateResult> {
  const directory = options.directory ?? DIRECTORY;
  const client = new pg.Client({
    ...options.connection,
    application_name: "overwatch migrate",
    statement_timeout: 0,
    query_timeout: 0,
  });
  client.on("error", () => undefined);
  await client.connect();
  try {
    if ((await listPending(client, directory)).length === 0) return { applied: [], pending: [] };
    if (options.dryRun) return { applied: [], pending: await listPending(client, directory) };
    await client.query(`select pg_advisory_lock(${ADVISORY_LOCK})`);
    const applied: string[] = [];
    for (const name of await listPending(client, directory)) {
      options.onProgress?.(`Migrating the database: ${name}`);
      await applyWithRetries(client, { directory, name, ...options });
      applied.push(name);
    }
    return { applied, pending: [] };
  } finally {
    // Ends the session, and with it the lock and whatever a failed migration left open.
    await client.end();
  }
}

/** The newest migration of this release. */
export function newestMigration(directory: string = DIRECTORY): string {
  return knownMigrations(directory).at(-1) ?? "";
}

/** The newest migration that the database has, or null for an empty database. */
export async function schemaVersion(connection: pg.ClientConfig): Promise<string | null> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    return (await listApplied(client)).at(-1) ?? null;
  } finally {
    await client.end();
  }
}

function knownMigrations(directory: string): readonly string[] {
  return readdirSync(directory)
    .filter((name) => FILE_NAME.test(name))
    .map((name) => basename(name, ".sql"))
    .sort();
}

async function listApplied(client: pg.ClientBase): Promise<readonly string[]> {
  const table = await client.query<{ found: boolean }>("select to_regclass($1) is not null as found", [TABLE]);
  if (table.rows[0]?.found !== true) return [];
  return (await client.query<{ name: string }>(`select name from ${TABLE} order by name`)).rows.map((row) => row.name);
}

async function listPending(client: pg.ClientBase, directory: string): Promise<readonly string[]> {
  const known = knownMigrations(directory);
  const applied = await listApplied(client);
  const unknown = applied.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new MigrationError(
      `The database was migrated by a newer Overwatch (it has ${unknown.join(", ")}, this release ends with ${known.at(-1)}); start that release or a newer one.`,
    );
  }
  return known.filter((name) => !applied.includes(name));
}

type Step = MigrateOptions & { readonly directory: string; readonly name: string };

async function applyWithRetries(client: pg.ClientBase, step: Step): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await apply(client, step);
    } catch (error) {
      await client.query("rollback");
      const { code, message } = error as { code?: string; message: string };
      if (code !== LOCK_NOT_AVAILABLE) throw new MigrationError(`The migration ${step.name} failed: ${message}`);
      if (tries === LOCK_RETRIES) {
        throw new MigrationError(
          `The migration ${step.name} gave up after ${tries} tries because other sessions hold a table it changes (${message}); end long transactions and start again.`,
        );
      }
      step.onProgress?.(`The migration ${step.name} waits for a table that other sessions hold`);
      await delay(250 * tries);
    }
  }
}

async function apply(client: pg.ClientBase, step: Step): Promise<void> {
  // Loaded only when there is something to do: it takes longer to load than the database takes to start.
  const { runner } = await import("node-pg-migrate");
  const lockTimeoutMs = step.lockTimeoutMs ?? LOCK_TIMEOUT_MS;
  await runner({
    dbClient: client,
    dir: step.directory,
    ignorePattern: "(?!\\d{4}_[a-z0-9_]+\\.sql$).*",
    file: step.name,
    direction: "up",
    migrationsTable: TABLE,
    singleTransaction: false,
    noLock: true,
    migrationLoaderStrategies: [{ extensions: [".sql"], loader: (paths) => loadFiles(paths, lockTimeoutMs) }],
    log: () => undefined,
  });
}

type LoadedMigration = {
  readonly id: string;
  readonly filePaths: string[];
  readonly actions: {
    readonly up: (builder: { noTransaction(): unknown; sql(text: string): unknown }) => void;
    readonly down: false;
  };
};

// The library's own loader takes comments such as "-- down migration" for instructions, and knows no lock timeout.
function loadFiles(paths: readonly string[], lockTimeoutMs: number): Promise<LoadedMigration[]> {
  return Promise.all(
    paths.map(async (path) => {
      const text = await readFile(path, "utf8");
      const up: LoadedMigration["actions"]["up"] = (builder) => {
        const isOutside = NO_TRANSACTION.test(text);
        if (isOutside) builder.noTransaction();
        builder.sql(`set ${isOutside ? "" : "local "}lock_timeout = ${lockTimeoutMs}`);
        builder.sql(text);
      };
      return { id: path, filePaths: [path], actions: { up, down: false } };
    }),
  );
}
