import { spawn } from "node:child_process";
import { createHmac, timingSafeEqual } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endChild, startNodeProcess } from "../../server/test/support/node-process.ts";

/** What the demonstration saw, for whoever wants to check it. */
export type DemoResult = {
  readonly incidentNumber: number;
  readonly statusWhileFiring: string;
  readonly statusAtTheEnd: string;
  readonly alertsInIncident: number;
  /** Event types in the order in which their webhooks arrived, each with a signature that was checked. */
  readonly webhooks: readonly { readonly type: string; readonly title: string; readonly isSigned: boolean }[];
};

/** Where Alertmanager is when it is installed. */
export const ALERTMANAGER_PATHS = [
  "/usr/bin/prometheus-alertmanager",
  "/usr/bin/alertmanager",
  "/usr/local/bin/alertmanager",
];

/**
 * Starts a real Alertmanager and an Overwatch on an embedded database, fires two alerts of one group through
 * Alertmanager's API, resolves them, and reports the incident and the webhooks that came out. Everything is removed at
 * the end. `say` hears each step in a sentence.
 */
export async function runDemo(alertmanager: string, say: (line: string) => void): Promise<DemoResult> {
  const folder = mkdtempSync(join(tmpdir(), "overwatch-demo-"));
  // A folder of its own: as root the embedded PostgreSQL runs as another user, who cannot enter a private one.
  const dataDir = mkdtempSync(join(tmpdir(), "overwatch-demo-data-"));
  const receiver = await startReceiver();
  const node = await startNodeProcess(dataDir);
  say(`Overwatch listens on ${node.url}`);
  const stops: (() => Promise<unknown>)[] = [node.stop, receiver.close];
  try {
    const token = "demo-token-of-alertmanager-1234";
    const integration = await node.call("POST", "/integrations", {
      name: "demo alertmanager",
      platform: "prometheus",
      verification: { type: "token", header: "Authorization", prefix: "Bearer ", token },
      grouping: { by: ["alertname"] },
    });
    const endpoint = await node.call("POST", "/endpoints", {
      name: "demo receiver",
      url: `http://127.0.0.1:${receiver.port}/incidents`,
      events: ["incident.created", "incident.resolved"],
      template: { type: "{{event.type}}", title: "{{incident.title}}", severity: "{{incident.severity}}" },
    });
    receiver.secret = String(endpoint.secret);

    const port = await freePort();
    mkdirSync(join(folder, "alertmanager"));
    const configFile = join(folder, "alertmanager.yml");
    writeFileSync(configFile, configuration(String(integration.webhook_url), token));
    const child = spawn(
      alertmanager,
      [
        `--config.file=${configFile}`,
        `--storage.path=${join(folder, "alertmanager")}`,
        `--web.listen-address=127.0.0.1:${port}`,
        "--cluster.listen-address=",
      ],
      { stdio: "ignore" },
    );
    stops.unshift(() => endChild(child, "SIGTERM"));
    const api = `http://127.0.0.1:${port}/api/v2/alerts`;
    await until(async () => (await fetch(api).catch(() => null))?.ok === true);
    say(`Alertmanager listens on 127.0.0.1:${port} and sends to ${new URL(String(integration.webhook_url)).pathname}`);

    const startsAt = new Date().toISOString();
    await post(api, alerts(startsAt, null));
    const firing = await waitForIncident(node, (incident) => incident.alert_count === 2);
    say(
      `Incident #${firing.number} is ${firing.status}: ${firing.title} (${firing.alert_count} alerts, ${firing.severity})`,
    );
    await until(async () => receiver.webhooks.length >= 1);
    say(`The receiver got ${receiver.webhooks[0]?.type}`);

    await post(api, alerts(startsAt, new Date().toISOString()));
    const resolved = await waitForIncident(node, (incident) => incident.status === "resolved");
    await until(async () => receiver.webhooks.length >= 2);
    say(`Incident #${resolved.number} is ${resolved.status}; the receiver got ${receiver.webhooks[1]?.type}`);
    return {
      incidentNumber: firing.number,
      statusWhileFiring: firing.status,
      statusAtTheEnd: resolved.status,
      alertsInIncident: resolved.alert_count,
      webhooks: receiver.webhooks,
    };
  } finally {
    for (const stop of stops) await stop();
    for (const each of [folder, dataDir]) rmSync(each, { recursive: true, force: true });
  }
}

type Incident = { number: number; status: string; title: string; severity: string; alert_count: number };

function configuration(url: string, token: string): string {
  return `route:
  receiver: overwatch
  group_by: [alertname]
  group_wait: 1s
  group_interval: 1s
  repeat_interval: 1h
receivers:
  - name: overwatch
    webhook_configs:
      - url: ${url}
        send_resolved: true
        http_config:
          authorization:
            type: Bearer
            credentials: ${token}
`;
}

function alerts(startsAt: string, endsAt: string | null): unknown {
  return ["db-1", "db-2"].map((instance) => ({
    labels: { alertname: "DiskAlmostFull", severity: instance === "db-1" ? "critical" : "warning", instance },
    annotations: { summary: `Disk of ${instance} is almost full` },
    startsAt,
    ...(endsAt === null ? {} : { endsAt }),
  }));
}

async function post(url: string, body: unknown): Promise<void> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`Alertmanager answered ${answer.status}: ${await answer.text()}`);
}

async function waitForIncident(
  node: { call(method: string, path: string): Promise<Record<string, unknown>> },
  fits: (incident: Incident) => boolean,
): Promise<Incident> {
  let found: Incident | undefined;
  await until(async () => {
    const list = await node.call("GET", "/incidents");
    found = (list.data as Incident[]).find(fits);
    return found !== undefined;
  });
  if (found === undefined) throw new Error("the incident did not appear");
  return found;
}

const LONGEST_WAIT_MS = 30_000;

async function until(holds: () => Promise<boolean>): Promise<void> {
  const endsAt = performance.now() + LONGEST_WAIT_MS;
  while (!(await holds())) {
    if (performance.now() > endsAt) throw new Error("waited 30 seconds in vain");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

async function startReceiver() {
  const receiver = {
    port: 0,
    secret: "",
    webhooks: [] as { type: string; title: string; isSigned: boolean }[],
    close: (): Promise<void> => Promise.resolve(),
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      const { type, title } = JSON.parse(body.toString()) as { type: string; title: string };
      receiver.webhooks.push({ type, title, isSigned: isSigned(request, body, receiver.secret) });
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  receiver.port = (server.address() as AddressInfo).port;
  receiver.close = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return receiver;
}

/** Checks a Standard Webhooks signature the way any receiver can. */
function isSigned(request: IncomingMessage, body: Buffer, secret: string): boolean {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const signed = `${request.headers["webhook-id"]}.${request.headers["webhook-timestamp"]}.`;
  const expected = createHmac("sha256", key).update(signed).update(body).digest();
  return String(request.headers["webhook-signature"])
    .split(" ")
    .some((candidate) => {
      const given = Buffer.from(candidate.replace(/^v1,/, ""), "base64");
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
}
