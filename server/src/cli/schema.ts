import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedPostgres } from "../runtime/embedded-postgres.ts";
import { migrate } from "../runtime/migrate.ts";
import { dumpSchema } from "../runtime/schema-dump.ts";

const SCHEMA_FILE = join(import.meta.dirname, "../../schema.sql");

/** Runs every migration in a throw-away database and writes the schema they make to server/schema.sql. */
export async function writeSchema(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "overwatch-schema-"));
  const server = await startEmbeddedPostgres({ dataDir, isDurable: false, maxConnections: 20 });
  try {
    await migrate({ connection: server.connection });
    writeFileSync(SCHEMA_FILE, await dumpSchema(server.connection));
  } finally {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
  process.stdout.write(`wrote ${SCHEMA_FILE}\n`);
}
