import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { createEmptyDatabase, type TestDatabase } from "./database.ts";
import { type NodeProcess, type Program, startNodeProcess } from "./node-process.ts";

/** Real Overwatch processes on one database. */
export type Cluster = {
  readonly database: Pick<TestDatabase, "connection">;
  /** Starts one more node. */
  start(environment?: Readonly<Record<string, string>>): Promise<NodeProcess>;
  /** Runs one statement on the cluster's database. */
  query<Row extends object>(text: string): Promise<readonly Row[]>;
  /** Ends what still runs and removes everything. */
  close(): Promise<void>;
};

/** What a cluster is made of. */
export type ClusterOptions = {
  /** The checkout's own when absent. */
  readonly program?: Program;
  /** An empty database that the caller removes; one of the test server when absent. */
  readonly database?: TestDatabase;
};

/** A cluster on a new, empty database: the first node migrates it. */
export async function createCluster({ program, database: given }: ClusterOptions = {}): Promise<Cluster> {
  const database = given ?? (await createEmptyDatabase());
  const folder = mkdtempSync(join(tmpdir(), "overwatch-cluster-"));
  const nodes: NodeProcess[] = [];
  // Kept open, as tests ask again and again; a test may kill the server under an idle one.
  const connections = new pg.Pool({ ...database.connection, max: 2 }).on("error", () => undefined);
  const { host, port, user, database: name } = database.connection;
  return {
    database,
    async start(environment = {}) {
      const node = await startNodeProcess(
        folder,
        {
          DATABASE_URL: `postgresql://${user}@localhost/${name}?host=${encodeURIComponent(host)}&port=${port}`,
          OVERWATCH_SECRET_KEY: "the secret key of all nodes of this cluster",
          OVERWATCH_ALLOW_FSYNC_OFF: "true",
          ...environment,
        },
        program,
      );
      nodes.push(node);
      return node;
    },
    async query<Row extends object>(text: string) {
      return (await connections.query<Row>(text)).rows;
    },
    async close() {
      await Promise.all([connections.end(), ...nodes.map((node) => node.kill("SIGKILL"))]);
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A Datadog integration of a node that is called by signed requests. */
export type Sender = {
  readonly integrationId: string;
  /** Sends one alert and returns the HTTP status, 0 when the connection broke. */
  send(alertId: string, status?: "triggered" | "recovered"): Promise<number>;
};

/** Makes an integration, optionally with an endpoint of its own that hears `incident.*`. */
export async function createSender(node: NodeProcess, receiverUrl?: string): Promise<Sender> {
  const secret = "the signing secret of the sender";
  const integration = await node.call("POST", "/integrations", {
    name: "sender",
    platform: "datadog",
    signing_secret: secret,
    ...(receiverUrl === undefined
      ? {}
      : {
          webhook_config: {
            url: receiverUrl,
            method: "POST",
            events: ["incident.*"],
            template: { alert: "{{alert.external_id}}", type: "{{event.type}}" },
          },
        }),
  });
  const path = new URL(String(integration.webhook_url)).pathname;
  return {
    integrationId: String(integration.id),
    async send(alertId, status = "triggered") {
      const body = JSON.stringify({
        id: alertId,
        alert_name: `Alert ${alertId}`,
        alert_status: status,
        severity: "high",
      });
      const signature = createHmac("sha256", secret).update(body).digest("hex");
      try {
        const answer = await fetch(`${node.url}${path}`, {
          method: "POST",
          headers: { "content-type": "application/json", "x-datadog-signature": `sha256=${signature}` },
          body,
        });
        await answer.arrayBuffer();
        return answer.status;
      } catch {
        return 0;
      }
    },
  };
}

/** Sends alerts a few at a time and returns the ids that were answered 200. */
export async function sendMany(sender: Sender, ids: readonly string[], together = 20): Promise<ReadonlySet<string>> {
  const acknowledged = new Set<string>();
  const waiting = [...ids];
  await Promise.all(
    Array.from({ length: together }, async () => {
      for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
        if ((await sender.send(id)) === 200) acknowledged.add(id);
      }
    }),
  );
  return acknowledged;
}
