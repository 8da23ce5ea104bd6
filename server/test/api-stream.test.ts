import { createServer, get, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { insertReceipts } from "../src/store/receipts.ts";
import { type ApiKit, createApiKit } from "./support/api-kit.ts";

let kit: ApiKit;
let server: Server;
let isDraining = false;
beforeAll(async () => {
  kit = await createApiKit({ isDraining: () => isDraining });
  server = createServer(kit.api.app.routing);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await kit.close();
});

type Follower = {
  readonly response: IncomingMessage;
  readonly text: () => string;
  /** Resolves when the text holds what is asked for. */
  until(part: string): Promise<void>;
  readonly ended: Promise<void>;
};

function follow(key: string, headers: Readonly<Record<string, string>> = {}, query = ""): Promise<Follower> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const options = { port, host: "127.0.0.1", path: `/api/v1/stream${query}`, agent: false };
    get({ ...options, headers: { authorization: `Bearer ${key}`, ...headers } }, (response) => {
      let text = "";
      let check = (): void => undefined;
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
        check();
      });
      const until = (part: string): Promise<void> =>
        new Promise((done) => {
          check = () => {
            if (text.includes(part)) done();
          };
          check();
        });
      const ended = new Promise<void>((done) => response.on("close", done));
      resolve({ response, text: () => text, until, ended });
    }).on("error", reject);
  });
}

async function open(title: string, key = kit.home.keys.admin): Promise<string> {
  kit.clock.advance(5);
  const made = await kit.ask({ method: "POST", path: "/incidents", body: { title }, key });
  const events = await kit.ask({ path: `/events?incident_id=${made.str("id")}`, key });
  return events.str("data.0.id");
}

const idsIn = (text: string): string[] => [...text.matchAll(/^id: (.+)$/gm)].map((match) => match[1] ?? "");

describe("a live stream", () => {
  it("tells events of its organization once, in order, and nothing of others", async () => {
    await open("before");
    const follower = await follow(kit.home.keys.viewer);
    expect(follower.response.headers["content-type"]).toBe("text/event-stream; charset=utf-8");
    expect(follower.response.headers["x-content-type-options"]).toBe("nosniff");
    await follower.until("retry:");
    const one = await open("one");
    await open("foreign", kit.foreign.keys.admin);
    await kit.api.feedStreams();
    await kit.api.feedStreams();
    const two = await open("two");
    await kit.api.feedStreams();
    await follower.until('"title":"two"');
    expect(idsIn(follower.text())).toEqual([one, two]);
    expect(follower.text()).toContain("event: incident.created\n");
    expect(follower.text()).not.toContain("foreign");
    follower.response.destroy();
  });

  it("resumes behind the last event that was seen", async () => {
    const seen = await open("seen");
    const missed = await open("missed");
    kit.clock.advance(3_600_000);
    const later = await open("later");
    const follower = await follow(kit.home.keys.viewer, { "last-event-id": seen });
    await kit.api.feedStreams();
    await follower.until(later);
    expect(idsIn(follower.text())).toEqual([missed, later]);
    follower.response.destroy();
  });

  it("shows a sign of life, and ends with its key and with its node", async () => {
    const key = await kit.ask({ method: "POST", path: "/api-keys", body: { name: "s", role: "viewer" } });
    const [short, long] = [await follow(key.str("key")), await follow(kit.home.keys.viewer)];
    kit.clock.advance(15_000);
    await kit.api.feedStreams();
    await Promise.all([short.until(": still here"), long.until(": still here")]);
    await kit.ask({ method: "DELETE", path: `/api-keys/${key.str("id")}` });
    kit.clock.advance(60_000);
    await kit.api.feedStreams();
    await short.ended;
    isDraining = true;
    await kit.api.feedStreams();
    await long.ended;
    isDraining = false;
  });

  it("is refused without a key and with an odd last id", async () => {
    expect((await kit.ask({ path: "/stream", key: null })).status).toBe(401);
    expect((await kit.ask({ path: "/stream", headers: { "last-event-id": "x" } })).status).toBe(422);
  });
});

describe("topics of the stream", () => {
  const messages = (text: string): { topic: string; data: { count: number; rows: { status: string }[] } }[] =>
    [...text.matchAll(/^event: (receipts|deliveries)\ndata: (.+)$/gm)].map((match) => ({
      topic: match[1] ?? "",
      data: JSON.parse(match[2] ?? "null"),
    }));

  async function send(integrationId: string, body: object): Promise<string> {
    kit.clock.advance(5);
    const path = `/api/v1/webhooks/custom/${integrationId}`;
    return (await kit.deliverWebhook(path, JSON.stringify(body), {})).str("data.receipt_id");
  }

  async function makeIntegration(): Promise<string> {
    const body = {
      name: "streamed",
      platform: "custom",
      verification: { type: "none" },
      rate_limit: { requests: 10_000, per_seconds: 60 },
    };
    return (await kit.ask({ method: "POST", path: "/integrations", body })).str("id");
  }

  it("tell of receipts and deliveries as they change, once for each state", async () => {
    await kit.ask({ method: "POST", path: "/endpoints", body: { name: "e", url: "https://hooks.example.com/" } });
    const integrationId = await makeIntegration();
    await send(integrationId, { id: "before", title: "Before" });
    const live = await follow(kit.home.keys.viewer, {}, "?topics=receipts,deliveries");
    const id = await send(integrationId, { id: "live-1", title: "Live" });
    await kit.api.feedStreams();
    await live.until('"status":"queued"');
    await kit.triage.runOnce();
    kit.clock.advance(30_000);
    await kit.api.feedStreams();
    await live.until("event: deliveries");
    await live.until(`"id":"${id}","integration_id":"${integrationId}","status":"processed"`);
    await kit.api.feedStreams();
    await kit.api.feedStreams();
    const told = messages(live.text());
    const ofReceipt = told.flatMap((one) => one.data.rows).filter((row) => (row as { id?: string }).id === id);
    expect(ofReceipt).toMatchObject([
      { status: "queued", title: null },
      { status: "processed", title: "Live" },
    ]);
    expect(live.text()).not.toContain("incident.created\ndata");
    live.response.destroy();
  });

  it("tell a count in place of rows when too much changes", async () => {
    const integrationId = await makeIntegration();
    const live = await follow(kit.home.keys.viewer, {}, "?topics=receipts");
    const receipt = { organizationId: kit.home.id, integrationId, platform: "custom", receivedAt: kit.clock.now() };
    const rest = { sourceIp: "::1", requestId: "r", deliveryId: null, deliveryKey: null, verifiedBy: "none" };
    // In one statement, so that no tick of the clock can fall in between.
    await insertReceipts(
      kit.database,
      Array.from({ length: 120 }, () => ({
        ...receipt,
        ...rest,
        id: kit.ids.next(),
        headers: "{}",
        body: Buffer.from("{}"),
      })),
    );
    await kit.api.feedStreams();
    await live.until("event: receipts");
    expect(messages(live.text())[0]?.data).toEqual({ count: 120, is_exact: true, rows: [] });
    live.response.destroy();
  });

  it("resume where they were, and go to nobody else", async () => {
    const integrationId = await makeIntegration();
    kit.clock.advance(30_000);
    const first = await follow(kit.home.keys.viewer, {}, "?topics=receipts");
    await send(integrationId, { id: "resume-1", title: "R" });
    await kit.api.feedStreams();
    await first.until("event: receipts");
    const last = idsIn(first.text()).at(-1) ?? "";
    first.response.destroy();
    kit.clock.advance(60_000);
    const missed = await send(integrationId, { id: "resume-2", title: "R" });
    kit.clock.advance(60_000);
    const again = await follow(kit.home.keys.viewer, { "last-event-id": last }, "?topics=receipts");
    await kit.api.feedStreams();
    await again.until(missed);
    const foreign = await follow(kit.foreign.keys.viewer, {}, "?topics=receipts,deliveries");
    await send(integrationId, { id: "resume-3", title: "R" });
    await kit.api.feedStreams();
    await again.until("event: receipts");
    expect(messages(foreign.text())).toEqual([]);
    again.response.destroy();
    foreign.response.destroy();
  });

  it("of incidents are their events alone, and unknown topics are refused", async () => {
    const live = await follow(kit.home.keys.viewer, {}, "?topics=incidents,receipts");
    const id = await open("topical");
    await kit.api.feedStreams();
    await live.until(id);
    expect(live.text()).toContain("event: incident.created");
    live.response.destroy();
    for (const topics of ["", "weather", "receipts,", "receipts;deliveries"]) {
      expect((await kit.ask({ path: `/stream?topics=${topics}` })).status, topics).toBe(422);
    }
  });
});
