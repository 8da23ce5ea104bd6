import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";

/** How to reach a database; can be given to `pg` and to `openDatabase` as it is. */
export type Connection = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password?: string;
};

/** A database of one's own, migrated and empty. */
export type TestDatabase = {
  readonly connection: Connection;
  /** Ends all its sessions and removes it. */
  drop(): Promise<void>;
};

/** The name of the migrated database that is cloned; nobody connects to it. */
export const TEMPLATE = "overwatch_template";

/** Clones the template: call it once per test file in `beforeAll`, and `drop` in `afterAll`. */
export function createTestDatabase(): Promise<TestDatabase> {
  return create(`template ${TEMPLATE}`);
}

/** A database with nothing in it, for tests of migrations. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return create("encoding 'UTF8' template template0");
}

async function create(from: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString("hex")}`;
  await asAdmin(`create database ${name} ${from} strategy file_copy`);
  return {
    connection: { ...inject("postgres"), database: name },
    drop: () => asAdmin(`drop database if exists ${name} with (force)`),
  };
}

async function asAdmin(statement: string): Promise<void> {
  const client = new pg.Client(inject("postgres"));
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
