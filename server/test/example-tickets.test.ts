import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { generateSecret } from "../src/runtime/webhook-signature.ts";
import { type Cluster, createCluster } from "./support/cluster.ts";
import { commandOf, EXAMPLES, type Listening, startListening } from "./support/example-program.ts";
import type { NodeProcess } from "./support/node-process.ts";

const SECRET = generateSecret((size) => Buffer.alloc(size, 9));

type Ticket = { readonly id: string; readonly state: string; readonly priority: string; readonly history: string[] };

let cluster: Cluster;
let node: NodeProcess;
let server: Listening;

beforeAll(async () => {
  cluster = await createCluster();
  [node, server] = await Promise.all([cluster.start(), startListening(commandOf("tickets/tickets.mjs"), SECRET)]);
});

afterAll(async () => {
  await server.stop();
  await cluster.close();
});

async function ticketsOnce(fits: (tickets: readonly Ticket[]) => boolean): Promise<readonly Ticket[]> {
  for (;;) {
    const tickets = (await (await fetch(`${server.url}/tickets`)).json()) as readonly Ticket[];
    if (fits(tickets)) return tickets;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

it("the ticket server gets one ticket for an alert, changed when it escalates and closed when it is over", async () => {
  const config = readFileSync(join(EXAMPLES, "tickets/endpoint.json"), "utf8");
  const endpoint = JSON.parse(config.replaceAll("http://127.0.0.1:9900", server.url)) as object;
  await node.call("POST", "/endpoints", { ...endpoint, secret: SECRET });
  const { id } = await node.call("POST", "/integrations", { name: "custom", platform: "custom" });
  const alert = (fields: object) =>
    node.call("POST", `/integrations/${String(id)}/test`, {
      payload: { id: "disk", title: "Disk is full", ...fields },
    });

  await alert({ severity: "medium", status: "firing" });
  const [made] = await ticketsOnce((tickets) => tickets.length === 1);
  expect(made).toMatchObject({ id: "T-1", title: "#1 Disk is full", priority: "medium", state: "open" });

  await alert({ severity: "critical", status: "firing" });
  const [changed] = await ticketsOnce(([ticket]) => ticket?.priority === "critical");
  expect(changed?.history).toEqual(["created", "incident.escalated"]);

  await alert({ severity: "critical", status: "resolved" });
  const tickets = await ticketsOnce(([ticket]) => ticket?.state === "closed");
  expect(tickets).toHaveLength(1);
  expect(tickets[0]?.history).toEqual(["created", "incident.escalated", "incident.resolved"]);
});

it("the ticket server takes nothing from anybody else", async () => {
  const forged = await fetch(`${server.url}/tickets`, { method: "POST", body: '{"title":"forged"}' });
  expect(forged.status).toBe(401);
});
