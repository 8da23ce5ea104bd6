import { writeFileSync } from "node:fs";
import type { App } from "../app.ts";
import { type Config, readConfig } from "../config.ts";
import { openStorage } from "../node/storage.ts";
import { createLog, describeError } from "../runtime/log.ts";
import { createMetrics } from "../runtime/metrics.ts";

/** What `overwatch serve` can be told besides the environment. */
export type ServeOptions = { readonly readyFile?: string };

/** Runs a node until it is told to stop; ends the process. */
export async function serve(options: ServeOptions): Promise<void> {
  const read = readConfig();
  if (!read.ok) {
    process.stderr.write(`Overwatch cannot start:\n${read.problems.map((problem) => `  - ${problem}`).join("\n")}\n`);
    process.exit(2);
  }
  const { config } = read;
  const log = createLog(config.logLevel);
  process.on("uncaughtException", (error) => {
    log.error(describeError(error), "an unexpected error ends this node; another start takes over its work");
    process.exit(1);
  });
  process.on("unhandledRejection", (error) => {
    throw error;
  });
  let app: App;
  try {
    const metrics = createMetrics({ withProcessMetrics: true });
    const opening = openStorage(config, log, metrics);
    opening.catch(() => undefined);
    // Loading the rest of the program takes about as long as PostgreSQL takes to start, so they do it side by side.
    const { startApp } = await import("../app.ts");
    app = await startApp(config, log, metrics, opening);
  } catch (error) {
    process.stderr.write(`Overwatch cannot start: ${explainStart(error, config)}\n`);
    process.exit(1);
  }
  stopOnSignals(app, config, (message) => log.info({}, message));
  if (options.readyFile !== undefined) {
    writeFileSync(options.readyFile, JSON.stringify({ port: app.port, pid: process.pid, url: app.url }));
  }
  process.stderr.write(greeting(app, config));
}

function stopOnSignals(app: App, config: Config, say: (message: string) => void): void {
  let isStopping = false;
  const stop = (): void => {
    // A second signal means that somebody does not want to wait; leases and the database make that safe.
    if (isStopping) process.exit(1);
    isStopping = true;
    say("stopping");
    const graceMs = (config.shutdownDelaySeconds + config.shutdownGraceSeconds) * 1_000;
    setTimeout(() => process.exit(1), graceMs).unref();
    app.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
}

function explainStart(error: unknown, config: Config): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? String(error.code) : "";
  if (code === "EADDRINUSE") return `port ${config.port} on ${config.host} is in use; set PORT to another one.`;
  if (code === "EADDRNOTAVAIL") return `HOST ${config.host} is not an address of this machine.`;
  if (code === "EACCES" && "port" in error) return `port ${config.port} needs more rights; set PORT to 1024 or above.`;
  if (code === "ECONNREFUSED" || code === "ENOTFOUND")
    return `the database of DATABASE_URL cannot be reached (${code}).`;
  if (code === "28P01") return "the database refuses the password of DATABASE_URL.";
  if (code === "3D000") return "the database named in DATABASE_URL does not exist.";
  return error.message;
}

function greeting(app: App, config: Config): string {
  const key = app.keyFile === null ? "$OVERWATCH_API_KEY" : `$(cat ${app.keyFile})`;
  const lines = [
    "",
    `Overwatch listens on ${app.url}`,
    `  database   ${app.isEmbedded ? `embedded, for trial, in ${app.storage}` : app.storage}`,
    ...(app.keyFile === null ? [] : [`  admin key  in ${app.keyFile}`]),
    `  API        ${app.url}/api/v1/docs`,
    ...(app.setupUrl === null
      ? []
      : ["", "Make the first administrator here; the link works once, for a day:", "", `  ${app.setupUrl}`]),
    "",
    "Next: connect a platform. This makes an integration and shows its webhook URL and secret once:",
    "",
    `  curl -s ${app.url}/api/v1/integrations -H "Authorization: Bearer ${key}" \\`,
    `    -H "Content-Type: application/json" -d '{"name": "my datadog", "platform": "datadog"}'`,
    "",
    ...(config.isFsyncOffAllowed
      ? ["OVERWATCH_ALLOW_FSYNC_OFF is set: a power failure may lose accepted alerts.", ""]
      : []),
  ];
  return `${lines.join("\n")}\n`;
}
