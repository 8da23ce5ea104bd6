import { readConfig } from "../config.ts";
import { openStorage } from "../node/storage.ts";
import { createLog } from "../runtime/log.ts";
import { migrate } from "../runtime/migrate.ts";

/** Brings the database of DATABASE_URL to this version's schema, or says what would be done. */
export async function runMigrate(options: { readonly dryRun?: boolean }): Promise<void> {
  const read = readConfig();
  if (!read.ok) {
    process.stderr.write(`${read.problems.join("\n")}\n`);
    process.exitCode = 2;
    return;
  }
  const { config } = read;
  if (config.databaseUrl !== null) {
    const { applied, pending } = await migrate({
      connection: { connectionString: config.databaseUrl },
      dryRun: options.dryRun === true,
    });
    report(applied, pending);
    return;
  }
  if (options.dryRun === true) {
    process.stderr.write("The embedded database is migrated by every start; there is nothing to look at beforehand.\n");
    return;
  }
  const storage = await openStorage(config, createLog("warn"));
  await storage.close();
  process.stdout.write("the embedded database is up to date\n");
}

function report(applied: readonly string[], pending: readonly string[]): void {
  for (const name of applied) process.stdout.write(`applied ${name}\n`);
  for (const name of pending) process.stdout.write(`pending ${name}\n`);
  if (applied.length + pending.length === 0) process.stdout.write("up to date\n");
}
