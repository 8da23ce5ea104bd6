import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { isAlive } from "../../src/runtime/embedded/cluster.ts";
import { startEmbeddedPostgres } from "../../src/runtime/embedded-postgres.ts";
import { migrate } from "../../src/runtime/migrate.ts";
import { type Connection, TEMPLATE } from "./database.ts";
import { CACHE, PROGRAM } from "./node-process.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Connects to the PostgreSQL of this run as one who may create databases. */
    readonly postgres: Connection;
  }
}

const PREFIX = "overwatch-test-";

/**
 * Starts one PostgreSQL for the run, or takes that of TEST_DATABASE_URL, and migrates the template database that each
 * test file clones.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const external = process.env.TEST_DATABASE_URL;
  const isCacheFilled = fillCache();
  const server = external ? { connection: parse(external), stop: async () => undefined } : await startServer();
  await makeTemplate(server.connection);
  await isCacheFilled;
  project.provide("postgres", server.connection);
  return server.stop;
}

/**
 * A program that ends by itself leaves its compiled sources to those that start after it. Those of most tests are killed,
 * and would all compile them anew.
 */
async function fillCache(): Promise<void> {
  await promisify(execFile)(process.execPath, [...PROGRAM, "--help"], {
    env: { PATH: process.env.PATH ?? "", ...CACHE },
  });
}

function parse(url: string): Connection {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  return {
    host: searchParams.get("host") ?? hostname,
    port: Number(port || 5432),
    user: decodeURIComponent(username),
    database: decodeURIComponent(pathname.slice(1)),
    ...(password === "" ? {} : { password: decodeURIComponent(password) }),
  };
}

async function startServer(): Promise<{ connection: Connection; stop: () => Promise<void> }> {
  removeAbandoned();
  const dataDir = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  const server = await startEmbeddedPostgres({ dataDir, isDurable: false, maxConnections: 400 });
  return {
    connection: server.connection,
    async stop() {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Runs that were killed leave their folder behind. */
function removeAbandoned(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    try {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    } catch {
      // Another user's.
    }
  }
}

async function makeTemplate(connection: Connection): Promise<void> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    await client.query(`drop database if exists ${TEMPLATE} with (force)`);
    await client.query(`create database ${TEMPLATE} encoding 'UTF8' template template0`);
    await migrate({ connection: { ...connection, database: TEMPLATE } });
  } finally {
    await client.end();
  }
}
