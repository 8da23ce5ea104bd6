import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import pg from "pg";
import { startEmbeddedPostgres } from "../server/src/runtime/embedded-postgres.ts";
import { createIds } from "../server/src/runtime/id.ts";
import { createVault } from "../server/src/runtime/secrets.ts";
import { generateSecret } from "../server/src/runtime/webhook-signature.ts";
import { placeOfSecret } from "../server/src/store/secrets.ts";
import { type NodeProcess, startNodeProcess } from "../server/test/support/node-process.ts";
import type { Bench } from "./bench.ts";

/** An organization, and an endpoint of it. */
export type Target = { readonly organizationId: string; readonly endpointId: string };

/** A node on a PostgreSQL of its own with many endpoints, and a receiver that notes when each delivery arrived. */
export type Scene = {
  readonly node: NodeProcess;
  readonly database: pg.Pool;
  /** Arrival by delivery, in the milliseconds of `performance.now()`. */
  readonly arrivals: Map<string, number>;
  /** Makes endpoints of one organization; `answerMs` is how long the receiver takes for them. */
  makeEndpoints(organizationId: string, count: number, answerMs: number): Promise<readonly Target[]>;
  makeOrganization(): Promise<string>;
  /** Stores one delivery for each target, due now, wakes the node, and returns the ids. */
  deliver(targets: readonly Target[]): Promise<readonly string[]>;
  /** Stores so many deliveries for one endpoint, due now. */
  pileUp(target: Target, count: number): Promise<void>;
  stop(): Promise<void>;
};

// Ids are of the kind that the program makes: new ones lie beside each other in the indexes.
const newIds = createIds({ now: Date.now });
const SECRET_KEY = "the secret key of this benchmark's node";

/** Starts PostgreSQL, the receiver and one node. */
export async function startScene(bench: Bench): Promise<Scene> {
  const arrivals = new Map<string, number>();
  const receiver = createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      arrivals.set(String(request.headers["webhook-id"]), performance.now());
      const answerMs = Number(request.url?.slice(1));
      if (answerMs === 0) response.writeHead(200, { "content-length": "0" }).end();
      else setTimeout(() => response.writeHead(200, { "content-length": "0" }).end(), answerMs);
    });
  });
  receiver.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const { port } = receiver.address() as AddressInfo;
  const postgres = await startEmbeddedPostgres({ dataDir: bench.makeDataDir(), isDurable: true, maxConnections: 60 });
  const { host, port: postgresPort, user, database: name } = postgres.connection;
  const node = await startNodeProcess(bench.makeDataDir(), {
    DATABASE_URL: `postgresql://${user}@localhost/${name}?host=${encodeURIComponent(host)}&port=${postgresPort}`,
    OVERWATCH_SECRET_KEY: SECRET_KEY,
  });
  const database = new pg.Pool({ ...postgres.connection, max: 4 });
  const vault = createVault(SECRET_KEY);
  const eventOf = new Map<string, string>();

  /** Deliveries need an event to be rendered from; one for each organization is enough. */
  const eventFor = async (organizationId: string): Promise<string> => {
    const known = eventOf.get(organizationId);
    if (known !== undefined) return known;
    const id = newIds.next();
    await database.query(
      "insert into events (organization_id, id, type, payload, created_at) values ($1, $2, 'test.ping', $3, now())",
      [organizationId, id, JSON.stringify({ incident: { title: "Disk is full", severity: "high" } })],
    );
    eventOf.set(organizationId, id);
    return id;
  };

  return {
    node,
    database,
    arrivals,
    async makeOrganization() {
      const id = newIds.next();
      await database.query("insert into organizations (id, name, created_at) values ($1, $2, now())", [id, id]);
      return id;
    },
    async makeEndpoints(organizationId, count, answerMs) {
      const made = Array.from({ length: count }, () => ({ organizationId, endpointId: newIds.next() }));
      const secrets = made.map(({ endpointId }) => {
        const place = { organizationId, id: newIds.next(), purpose: "signing_secret" as const };
        return { ...place, endpointId, ciphertext: vault.seal(generateSecret(randomBytes), placeOfSecret(place)) };
      });
      const ids = made.map(({ endpointId }) => endpointId);
      await database.query(
        `insert into endpoints (organization_id, id, name, url, events, created_at, updated_at)
         select $1, id, 'bench', $2, '{test.ping}', now(), now() from unnest($3::uuid[]) as ids (id)`,
        [organizationId, `http://127.0.0.1:${port}/${answerMs}`, ids],
      );
      await database.query(
        `insert into circuits (organization_id, endpoint_id, updated_at)
         select $1, id, now() from unnest($2::uuid[]) as ids (id)`,
        [organizationId, ids],
      );
      await database.query(
        `insert into secrets (organization_id, id, owner_kind, owner_id, purpose, ciphertext, created_at)
         select $1, id, 'endpoint', owner_id, 'signing_secret', ciphertext, now()
         from unnest($2::uuid[], $3::uuid[], $4::bytea[]) as given (id, owner_id, ciphertext)`,
        [organizationId, secrets.map(({ id }) => id), ids, secrets.map(({ ciphertext }) => ciphertext)],
      );
      return made;
    },
    async deliver(targets) {
      const ids = targets.map(() => newIds.next());
      const events = await Promise.all(targets.map(({ organizationId }) => eventFor(organizationId)));
      // A resend of nothing: one event may then go to one endpoint many times.
      await database.query({
        name: "deliver",
        text: `insert into deliveries (organization_id, id, event_id, event_type, event_at, endpoint_id, status,
                 next_attempt_at, created_at, resend_of)
               select organization_id, id, event_id, 'test.ping', now(), endpoint_id, 'pending', now(), now(), id
               from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[])
                 as given (organization_id, id, event_id, endpoint_id)`,
        values: [targets.map((one) => one.organizationId), ids, events, targets.map((one) => one.endpointId)],
      });
      await database.query("select pg_notify('overwatch_work', 'deliver')");
      return ids;
    },
    async pileUp(target, count) {
      const eventId = await eventFor(target.organizationId);
      for (let done = 0; done < count; done += 100_000) {
        await database.query(
          `insert into deliveries (organization_id, id, event_id, event_type, event_at, endpoint_id, status,
             next_attempt_at, created_at, resend_of)
           select $1, id, $2, 'test.ping', now(), $3, 'pending', now(), now(), id
           from (select uuidv7() as id from generate_series(1, $4)) ids`,
          [target.organizationId, eventId, target.endpointId, Math.min(100_000, count - done)],
        );
      }
    },
    async stop() {
      await node.stop();
      await database.end();
      await postgres.stop();
      receiver.closeAllConnections();
      await new Promise((resolve) => receiver.close(resolve));
    },
  };
}
