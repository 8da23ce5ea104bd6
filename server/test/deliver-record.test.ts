import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDeliverer, type Deliverer } from "../src/deliver/deliverer.ts";
import { createEgress, type Egress } from "../src/runtime/egress.ts";
import { createLog } from "../src/runtime/log.ts";
import { createMetrics } from "../src/runtime/metrics.ts";
import { createVault } from "../src/runtime/secrets.ts";
import { type ApiKit, createApiKit } from "./support/api-kit.ts";
import { type Receiver, startReceiver } from "./support/receiver.ts";

let kit: ApiKit;
let target: Receiver;
let egress: Egress;
let deliverer: Deliverer;
let nodeId: string;

beforeAll(async () => {
  [kit, target] = [await createApiKit(), await startReceiver()];
  egress = createEgress({ allowCidrs: ["127.0.0.0/8"] });
  nodeId = kit.ids.next();
  deliverer = createDeliverer({
    ...kit,
    log: createLog("silent"),
    metrics: createMetrics({ withProcessMetrics: false }),
    vault: createVault("a secret key of the tests, long enough"),
    egress,
    nodeId,
    random: () => 0.5,
    monotonicNow: () => performance.now(),
    place: () => ({ rank: 0, nodes: 1 }),
  });
});

afterAll(async () => {
  await egress.close();
  await target.close();
  await kit.close();
});

const post = (path: string, body: object = {}) => kit.ask({ method: "POST", path, body });
const create = (body: object) => post("/endpoints", { name: "e", events: ["test.ping"], ...body });

/** Sends a test to an endpoint and reads how its delivery went. */
async function ping(endpointId: string) {
  const sent = await post(`/endpoints/${endpointId}/test`);
  await deliverer.runOnce();
  return kit.ask({ path: `/deliveries/${sent.str("delivery_id")}` });
}

test("an attempt shows what was sent, what came back, how long each part took, who sent it, and how to send it again", async () => {
  target.respondWith({
    status: 418,
    headers: { "x-trace": "t-1", "set-cookie": "sid=canary" },
    body: "no canary-token here",
  });
  const endpoint = await create({
    url: `${target.url}/in?key={{ api_key }}`,
    headers: { "X-Api-Key": "{{ api_key }}", "Content-Type": "text/plain" },
    variables: { api_key: "canary-token" },
    auth: { type: "bearer", token: "canary-bearer" },
    template: "it's {{ incident.severity }} with canary-token",
  });
  const delivery = await ping(endpoint.str("id"));
  const milliseconds = expect.any(Number);
  expect(delivery.at("attempts.0")).toMatchObject({
    number: 1,
    node_id: nodeId,
    reason: "client_error",
    status_code: 418,
    timing: {
      dns_ms: null,
      connect_ms: milliseconds,
      tls_ms: null,
      first_byte_ms: milliseconds,
      total_ms: milliseconds,
    },
    request: {
      method: "POST",
      url: `${target.url}/in?key=***`,
      headers: {
        "content-type": "text/plain",
        "x-api-key": "***",
        authorization: "***",
        "overwatch-hops": "1",
        "webhook-id": delivery.str("id"),
        "webhook-signature": "***",
      },
      body: expect.stringMatching(/^it's \w+ with \*\*\*$/),
    },
    response: { status: 418, headers: { "x-trace": "t-1", "set-cookie": "***" }, body: "no *** here" },
  });
  const curl = delivery.str("attempts.0.curl");
  expect(curl.split(" \\\n  ")).toEqual(
    expect.arrayContaining([
      `curl -X POST '${target.url}/in?key=***'`,
      "-H 'content-type: text/plain'",
      "-H 'authorization: ***'",
      "-H 'x-api-key: ***'",
      expect.stringMatching(/^--data-raw 'it'\\''s \w+ with \*\*\*'$/),
    ]),
  );
  expect(delivery.text).not.toContain("canary");
});

test("an attempt that sent nothing has no command line", async () => {
  const endpoint = await create({ url: `${target.url}/{{ incident.labels.nowhere }}` });
  const delivery = await ping(endpoint.str("id"));
  expect(delivery.at("attempts.0")).toMatchObject({ reason: "render", curl: null, timing: null, response: null });
});

test("both secrets of a rotation sign until its overlap ends, and the reference library accepts each", async () => {
  target.respondWith({ status: 200 });
  const endpoint = await create({ url: `${target.url}/rotated` });
  const id = endpoint.str("id");
  const rotated = await post(`/endpoints/${id}/rotate-secret`, { overlap_seconds: 60 });
  const secrets = [rotated.str("secret"), endpoint.str("secret")];

  const signaturesOf = async (): Promise<readonly string[]> => {
    const delivery = await ping(id);
    expect(delivery.at("status")).toBe("succeeded");
    // Retries of what other endpoints refused may go out at the same time.
    const request = target.requests.findLast(({ url }) => url === "/rotated");
    const headers = request?.headers as Record<string, string>;
    const signedAt = new Date(Number(headers["webhook-timestamp"]) * 1_000);
    const body = request?.body.toString() ?? "";
    const expected = secrets.map((secret) => new Webhook(secret).sign(headers["webhook-id"] ?? "", signedAt, body));
    return (headers["webhook-signature"] ?? "")
      .split(" ")
      .map((one) => ["new", "old"][expected.indexOf(one)] ?? "wrong");
  };
  expect(await signaturesOf()).toEqual(["new", "old"]);
  kit.clock.advance(61_000);
  expect(await signaturesOf()).toEqual(["new"]);
});

test("receivers that hang hold up nobody else", async () => {
  target.respondWith((request) => (request.url === "/hangs" ? "hang" : { status: 200 }));
  const bad = await Promise.all(
    [1, 2, 3].map(() => create({ url: `${target.url}/hangs`, max_in_flight: 2, timeout_seconds: 60 })),
  );
  const good = await create({ url: `${target.url}/good` });
  for (const endpoint of [...bad, ...bad, ...bad, good]) await post(`/endpoints/${endpoint.str("id")}/test`);
  const running = [deliverer.runOnce()];
  await target.waitFor((request) => request.url === "/good");
  for (let more = 0; more < 5; more += 1) {
    const sent = await post(`/endpoints/${good.str("id")}/test`);
    running.push(deliverer.runOnce());
    await target.waitFor((request) => request.headers["webhook-id"] === sent.str("delivery_id"));
  }
  expect(target.requests.filter((request) => request.url === "/hangs").length).toBeLessThanOrEqual(6);
  target.respondWith({ status: 200 });
  target.release();
  await Promise.all(running);
});
