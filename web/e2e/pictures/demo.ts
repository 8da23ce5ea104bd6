import pg from "pg";
import { type Receiver, startReceiver } from "../../../server/test/support/receiver.ts";
import type { ConsoleKit } from "../support/console-kit.ts";
import { sendWebhook } from "../support/webhooks.ts";
import { ALERTS, type DemoAlert, SOURCES } from "./demo-alerts.ts";

/** The company of the pictures: what the pages need to know of it. */
export type Demo = {
  readonly incidents: ReadonlyMap<string, string>;
  readonly integrations: ReadonlyMap<string, string>;
  readonly endpoints: ReadonlyMap<string, string>;
  close(): Promise<void>;
};

const MINUTES_APART = 11;
const TOKEN = "token-of-a-night-0123456789";

/** Fills a node with a night of a web shop: sources, incidents in all states, and an endpoint that is down. */
export async function makeDemo(kit: ConsoleKit): Promise<Demo> {
  const { node } = kit;
  const [works, fails] = await Promise.all([
    startReceiver(),
    startReceiver({ respond: { status: 503, body: '{"error":"maintenance"}' } }),
  ]);
  const endpoints = await makeEndpoints(kit, works, fails);
  const integrations = new Map<string, string>();
  for (const { name, platform } of SOURCES) {
    const made = await node.call("POST", "/integrations", {
      name,
      platform,
      verification: { type: "token", header: "authorization", prefix: "Bearer ", token: TOKEN },
    });
    integrations.set(name, String(made.id));
  }
  const incidents = new Map<string, string>();
  for (const [index, alert] of ALERTS.entries()) {
    const { platform } = SOURCES.find(({ name }) => name === alert.source) ?? SOURCES[0];
    const url = `${node.url}/api/v1/webhooks/${platform}/${integrations.get(alert.source)}`;
    await sendWebhook(url, bodyOf(alert, platform, String(48_213_650 + 97 * index)), {
      authorization: `Bearer ${TOKEN}`,
    });
    incidents.set(alert.title, await incidentOf(kit, incidents));
  }
  for (const { title, becomes, assignee } of ALERTS) {
    const ids = [incidents.get(title)];
    if (assignee !== undefined) await node.call("POST", "/incidents/bulk", { ids, action: "assign", assignee });
    if (becomes === "acknowledged") await node.call("POST", "/incidents/bulk", { ids, action: "acknowledge" });
    if (becomes === "resolved") await node.call("POST", "/incidents/bulk", { ids, action: "resolve" });
  }
  await isOpen(kit, endpoints.get("Status page") ?? "");
  await spreadOverTheNight(kit);
  return {
    incidents,
    integrations,
    endpoints,
    close: async () => void (await Promise.all([works.close(), fails.close()])),
  };
}

async function makeEndpoints(kit: ConsoleKit, works: Receiver, fails: Receiver): Promise<ReadonlyMap<string, string>> {
  const endpoints = new Map<string, string>();
  const all = ["incident.created", "incident.updated", "incident.acknowledged", "incident.resolved"];
  for (const endpoint of [
    { name: "On-call channel", url: `${works.url}/hooks/on-call`, events: all },
    { name: "Tickets", url: `${works.url}/tickets`, events: ["incident.created", "incident.resolved"] },
    {
      name: "Status page",
      url: `${fails.url}/v1/incidents`,
      events: ["incident.created"],
      retry: { max_attempts: 1 },
      circuit: { failure_threshold: 3, first_probe_seconds: 900 },
    },
  ]) {
    endpoints.set(endpoint.name, String((await kit.node.call("POST", "/endpoints", endpoint)).id));
  }
  return endpoints;
}

function bodyOf({ title, severity, text, labels }: DemoAlert, platform: string, id: string): unknown {
  if (platform === "datadog") {
    const tags = Object.entries(labels).map((pair) => pair.join(":"));
    return {
      id,
      alert_name: title,
      alert_status: "triggered",
      severity,
      message: text,
      tags,
    };
  }
  if (platform === "custom") return { id, title, severity, status: "firing", description: text, labels };
  const alert = {
    status: "firing",
    labels: { alertname: title, severity, ...labels },
    annotations: { description: text, runbook_url: "https://runbooks.example.com/" },
    startsAt: new Date().toISOString(),
    endsAt: "0001-01-01T00:00:00Z",
    generatorURL: "https://prometheus.example.com/graph",
    fingerprint: `b2c4d6e8${id}`,
  };
  return {
    version: "4",
    groupKey: `{}:{alertname="${title}"}`,
    truncatedAlerts: 0,
    status: "firing",
    receiver: "overwatch",
    groupLabels: { alertname: title },
    commonLabels: alert.labels,
    commonAnnotations: alert.annotations,
    externalURL: "https://alertmanager.example.com",
    alerts: [alert],
  };
}

/** Waits for the incident that is new. */
async function incidentOf({ node }: ConsoleKit, known: ReadonlyMap<string, string>): Promise<string> {
  const ids = new Set(known.values());
  for (;;) {
    const { data } = await node.call("GET", "/incidents?limit=50");
    const found = (data as { readonly id: string }[]).find(({ id }) => !ids.has(id));
    if (found !== undefined) return found.id;
  }
}

async function isOpen({ node }: ConsoleKit, endpointId: string): Promise<void> {
  for (;;) {
    const { circuit } = await node.call("GET", `/endpoints/${endpointId}`);
    if ((circuit as { readonly state: string }).state === "open") return;
  }
}

/** What happened within seconds shall look as if it took hours. */
async function spreadOverTheNight({ database }: ConsoleKit): Promise<void> {
  const client = new pg.Client(database);
  await client.connect();
  // An id sorts by the moment it was made, so the newest incident moves least.
  await client.query(
    `create temporary table ages as
       select id, row_number() over (order by id desc) * interval '${MINUTES_APART} minutes' as age from incidents`,
  );
  await client.query(
    `update incidents set created_at = created_at - age, updated_at = updated_at - age * 0.6
       from ages where ages.id = incidents.id`,
  );
  await client.query(
    `update incident_timeline set at = at - age * (case kind when 'opened' then 1 else 0.6 end)
       from ages where ages.id = incident_id`,
  );
  await client.end();
}
