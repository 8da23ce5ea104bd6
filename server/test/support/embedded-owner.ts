// Owns an embedded PostgreSQL until it is stopped or killed; a test runs it as a process of its own.
import { startEmbeddedPostgres } from "../../src/runtime/embedded-postgres.ts";

const [dataDir = ""] = process.argv.slice(2);
const server = await startEmbeddedPostgres({ dataDir, isDurable: false, maxConnections: 20 });
process.stdout.write(JSON.stringify(server.connection));
process.on("SIGTERM", async () => {
  await server.stop();
  process.exit(0);
});
setInterval(() => undefined, 60_000);
