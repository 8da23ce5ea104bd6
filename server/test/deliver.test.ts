import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createFigures } from "../src/node/figures.ts";
import { findEndpointFailures, readHours } from "../src/store/activity.ts";
import { lockCircuit } from "../src/store/circuits.ts";
import { claimDeliveries } from "../src/store/delivery-queue.ts";
import { findDueEndpoints } from "../src/store/due-endpoints.ts";
import { createDeliveryKit, type DeliveryKit } from "./support/delivery-kit.ts";
import { type Receiver, startReceiver } from "./support/receiver.ts";

let kit: DeliveryKit;
let receiver: Receiver;

beforeAll(async () => {
  kit = await createDeliveryKit();
  receiver = await startReceiver();
});

afterAll(async () => {
  await receiver.close();
  await kit.close();
});

beforeEach(async () => {
  receiver.respondWith({ status: 200 });
  await kit.database.rows({
    text: "truncate deliveries, events, attempts, circuits, secrets, endpoints cascade",
    values: [],
  });
});

const INCIDENT = {
  incident: {
    id: "0192",
    number: 7,
    title: 'Disk "sda" is full',
    severity: "critical",
    status: "open",
    labels: { host: "db1" },
  },
  alert: { external_id: "a-1", title: "Disk" },
  integration: { id: "0193", name: "prod", platform: "datadog" },
};

/** The last request that the receiver got at this path. */
const lastRequest = (path: string) => receiver.requests.filter((request) => request.url.startsWith(path)).at(-1);

describe("attempts", () => {
  test("are counted by endpoint, with their durations and the last failure", async () => {
    const { endpoint } = await kit.makeEndpoint({ url: `${receiver.url}/counted` });
    const figures = createFigures(kit);
    const deliverer = kit.makeDeliverer(kit.ids.next(), undefined, figures);
    await kit.makeEvent("incident.created", INCIDENT);
    await deliverer.runOnce();
    receiver.respondWith({ status: 500 });
    await kit.makeEvent("incident.created", INCIDENT);
    await deliverer.runOnce();
    await figures.flush();
    const rows = await readHours(kit.database, kit.organizationId, [endpoint.id], kit.clock.now(), kit.clock.now());
    const counts = Object.fromEntries(rows.map(({ measure, count }) => [measure, count]));
    expect(counts).toMatchObject({ "attempt:ok": 1, "attempt:server_error": 1, "delivery:succeeded": 1 });
    const durations = Object.entries(counts).filter(([measure]) => measure.startsWith("latency:"));
    expect(durations.reduce((sum, [, count]) => sum + count, 0)).toBe(2);
    const failures = await findEndpointFailures(kit.database, kit.organizationId, [endpoint.id]);
    expect(failures).toMatchObject([{ reason: "server_error", statusCode: 500 }]);
  });
});

describe("a delivery", () => {
  test("arrives with the rendered template, the rendered headers and a signature that the reference library accepts", async () => {
    const { secret } = await kit.makeEndpoint({
      url: `${receiver.url}/rendered/{{incident.id}}?team={{incident.labels.host}}`,
      headers: { Authorization: "Bearer {{api_token}}", "X-Severity": "{{incident.severity}}" },
      variables: { api_token: "token-9f2c" },
      template: {
        title: "{{incident.title}}",
        number: "{{incident.number}}",
        nested: [{ status: "is {{incident.status}}" }],
      },
    });
    await kit.makeEvent("incident.created", INCIDENT);
    expect(await kit.makeDeliverer().runOnce()).toBe(1);

    const request = lastRequest("/rendered/0192?team=db1");
    expect(request?.method).toBe("POST");
    expect(JSON.parse(request?.body.toString() ?? "")).toEqual({
      title: 'Disk "sda" is full',
      number: 7,
      nested: [{ status: "is open" }],
    });
    expect(request?.headers.authorization).toBe("Bearer token-9f2c");
    expect(request?.headers["x-severity"]).toBe("critical");
    const headers = request?.headers as Record<string, string>;
    const seconds = Number(headers["webhook-timestamp"]);
    expect(seconds).toBe(kit.clock.now() / 1_000);
    // The library compares with the machine's clock, so its own signature over the same time is the oracle.
    const signed = new Webhook(secret).sign(
      headers["webhook-id"] ?? "",
      new Date(seconds * 1_000),
      request?.body.toString() ?? "",
    );
    expect(headers["webhook-signature"]).toBe(signed);
    const [delivery] = await kit.deliveries();
    expect(delivery).toMatchObject({
      id: headers["webhook-id"],
      status: "succeeded",
      attempt_count: 1,
      last_error: null,
    });
  });

  test("without a template carries type, timestamp and data", async () => {
    await kit.makeEndpoint({ url: `${receiver.url}/plain`, method: "PUT" });
    await kit.makeEvent("incident.resolved", INCIDENT);
    await kit.makeDeliverer().runOnce();
    const request = lastRequest("/plain");
    expect(request?.method).toBe("PUT");
    expect(request?.headers["content-type"]).toBe("application/json");
    expect(JSON.parse(request?.body.toString() ?? "")).toEqual({
      type: "incident.resolved",
      timestamp: new Date(kit.clock.now()).toISOString(),
      data: INCIDENT,
    });
  });

  test("that fails is tried again after 1, 2 and 4 seconds with the same id and a timestamp of its own", async () => {
    receiver.respondWith({ status: 503 });
    await kit.makeEndpoint({ url: `${receiver.url}/flaky` });
    await kit.makeEvent("incident.created", INCIDENT);
    const deliverer = kit.makeDeliverer();
    for (const delayMs of [1_000, 2_000, 4_000]) {
      expect(await deliverer.runOnce()).toBe(1);
      const [failed] = await kit.deliveries();
      expect(failed).toMatchObject({ status: "pending", next_attempt_at: kit.clock.now() + delayMs });
      expect(failed?.last_error).toMatchObject({ reason: "server_error", status_code: 503 });
      kit.clock.advance(delayMs - 1);
      expect(await deliverer.runOnce(), "not before it is due").toBe(0);
      kit.clock.advance(1);
    }
    receiver.respondWith({ status: 204 });
    await deliverer.runOnce();
    const requests = receiver.requests.filter((request) => request.url === "/flaky");
    expect(new Set(requests.map((request) => request.headers["webhook-id"])).size).toBe(1);
    expect(new Set(requests.map((request) => request.headers["webhook-timestamp"])).size).toBe(4);
    const attempts = await kit.attempts();
    expect(attempts.map((attempt) => [attempt.number, attempt.reason, attempt.status_code])).toEqual([
      [1, "server_error", 503],
      [2, "server_error", 503],
      [3, "server_error", 503],
      [4, null, 204],
    ]);
  });

  test("with max_attempts 3 is exhausted after the third failure and stays visible", async () => {
    receiver.respondWith({ status: 500 });
    await kit.makeEndpoint({ url: `${receiver.url}/three`, retry: { max_attempts: 3 } });
    await kit.makeEvent("incident.created", INCIDENT);
    const deliverer = kit.makeDeliverer();
    for (let round = 0; round < 5; round++) {
      await deliverer.runOnce();
      kit.clock.advance(10_000);
    }
    const [delivery] = await kit.deliveries();
    expect(delivery).toMatchObject({ status: "exhausted", attempt_count: 3, next_attempt_at: null });
    expect(receiver.requests.filter((request) => request.url === "/three")).toHaveLength(3);
  });

  test("waits as long as Retry-After asks, and follows no redirect", async () => {
    await kit.makeEndpoint({ url: `${receiver.url}/asked` });
    await kit.makeEvent("incident.created", INCIDENT);
    const deliverer = kit.makeDeliverer();
    receiver.respondWith({ status: 429, headers: { "retry-after": "90" } });
    await deliverer.runOnce();
    const [limited] = await kit.deliveries();
    expect(limited?.last_error?.reason).toBe("rate_limited");
    expect(limited?.next_attempt_at).toBe(kit.clock.now() + 90_000);
    kit.clock.advance(90_000);
    receiver.respondWith({ status: 302, headers: { location: `${receiver.url}/elsewhere` } });
    await deliverer.runOnce();
    expect((await kit.deliveries())[0]?.last_error?.reason).toBe("redirect");
    expect(lastRequest("/elsewhere")).toBeUndefined();
  });

  test("whose template cannot be rendered fails as render and sends nothing", async () => {
    await kit.makeEndpoint({ url: `${receiver.url}/never/{{incident.labels.missing}}` });
    await kit.makeEvent("incident.created", INCIDENT);
    await kit.makeDeliverer().runOnce();
    const [delivery] = await kit.deliveries();
    expect(delivery?.last_error?.reason).toBe("render");
    expect(delivery?.last_error?.message).toContain("missing");
    expect(lastRequest("/never")).toBeUndefined();
  });

  test("keeps no secret in its attempts", async () => {
    receiver.respondWith({ status: 200, headers: { "x-echo": "canary-token-1" }, body: "you sent canary-token-1" });
    const { secret } = await kit.makeEndpoint({
      url: `${receiver.url}/masked/{{api_token}}?key=canary-in-query`,
      headers: { Authorization: "Bearer {{api_token}}", "X-Key": "canary-in-header" },
      variables: { api_token: "canary-token-1" },
      template: { token: "{{api_token}}" },
    });
    await kit.makeEvent("incident.created", INCIDENT);
    await kit.makeDeliverer().runOnce();
    expect(lastRequest("/masked/canary-token-1")?.headers.authorization).toBe("Bearer canary-token-1");
    const kept = JSON.stringify(await kit.attempts()) + JSON.stringify(await kit.deliveries());
    expect(kept).toContain("/masked/***");
    for (const canary of ["canary", secret]) expect(kept).not.toContain(canary);
  });
});

describe("claims", () => {
  test("give each delivery to one node only", async () => {
    await kit.makeEndpoint({ url: `${receiver.url}/once` });
    for (let event = 0; event < 40; event++) await kit.makeEvent("incident.created", INCIDENT);
    const nodes = [kit.makeDeliverer(), kit.makeDeliverer(), kit.makeDeliverer()];
    for (let round = 0; round < 10; round++) await Promise.all(nodes.map((node) => node.runOnce()));
    const ids = receiver.requests
      .filter((request) => request.url === "/once")
      .map((request) => request.headers["webhook-id"]);
    expect(ids).toHaveLength(40);
    expect(new Set(ids).size).toBe(40);
    expect((await kit.deliveries()).every((delivery) => delivery.status === "succeeded")).toBe(true);
  });

  test("of a node that went silent are taken back after 30 seconds, and its late record changes nothing", async () => {
    await kit.makeEndpoint({ url: `${receiver.url}/zombie` });
    await kit.makeEvent("incident.created", INCIDENT);
    receiver.respondWith("hang");
    const zombie = kit.makeDeliverer();
    const late = zombie.runOnce();
    await receiver.waitFor((request) => request.url === "/zombie");

    const successor = kit.makeDeliverer();
    expect(await successor.takeOver(), "the lease still runs").toBe(0);
    kit.clock.advance(30_001);
    expect(await successor.takeOver()).toBe(1);
    receiver.respondWith({ status: 200 });
    expect(await successor.runOnce()).toBe(1);
    receiver.release();
    await late;

    const [delivery] = await kit.deliveries();
    expect(delivery).toMatchObject({ status: "succeeded", attempt_count: 2 });
    const attempts = await kit.attempts();
    expect(attempts.map((attempt) => [attempt.number, attempt.reason])).toEqual([
      [1, "lost"],
      [2, null],
    ]);
    expect(await kit.metrics.read("overwatch_fenced_total", { stage: "deliver" })).toBe(1);
  });

  test("that a stopping node has not begun are given back with their attempt not counted", async () => {
    await kit.makeEndpoint({ url: `${receiver.url}/stopping`, maxInFlight: 1 });
    for (let event = 0; event < 3; event++) await kit.makeEvent("incident.created", INCIDENT);
    receiver.respondWith("hang");
    const deliverer = kit.makeDeliverer();
    const running = deliverer.runOnce();
    await receiver.waitFor((request) => request.url === "/stopping");
    const stopped = deliverer.stop(5_000);
    receiver.respondWith({ status: 200 });
    receiver.release();
    await stopped;
    await running;
    const rows = await kit.deliveries();
    expect(rows.map((row) => [row.status, row.attempt_count]).sort()).toEqual([
      ["pending", 0],
      ["pending", 0],
      ["succeeded", 1],
    ]);
  });

  test("pass over endpoints that are disabled", async () => {
    const { endpoint } = await kit.makeEndpoint({ url: `${receiver.url}/disabled` });
    await kit.makeEvent("incident.created", INCIDENT);
    await kit.database.rows({ text: "update endpoints set enabled = false where id = $1", values: [endpoint.id] });
    expect(await kit.makeDeliverer().runOnce()).toBe(0);
    expect((await kit.deliveries())[0]?.status).toBe("pending");
  });

  test("find their rows by index, however many deliveries wait for an endpoint that is open", async () => {
    const { endpoint } = await kit.makeEndpoint({ url: `${receiver.url}/plan` });
    const plan = await kit.database.transaction(async (tx) => {
      await tx.rows({
        text: `insert into deliveries (organization_id, id, event_id, event_type, event_at, endpoint_id, status, next_attempt_at, created_at)
               select $1, gen_random_uuid(), gen_random_uuid(), 'incident.created', $3, $2, 'pending', $3, $3
               from generate_series(1, 20000)`,
        values: [kit.organizationId, endpoint.id, new Date(kit.clock.now())],
      });
      await tx.rows({ text: "analyze deliveries", values: [] });
      const captured: string[] = [];
      const explaining = {
        async rows<Row extends object>(statement: { readonly text: string; readonly values: readonly unknown[] }) {
          const rows = await tx.rows<{ "QUERY PLAN": string }>({ ...statement, text: `explain ${statement.text}` });
          captured.push(...rows.map((row) => row["QUERY PLAN"]));
          return [] as readonly Row[];
        },
      };
      const now = kit.clock.now();
      await findDueEndpoints(explaining, {
        now,
        position: { afterOrganization: null, resume: [] },
        most: 256,
        mostOrganizations: 64,
      });
      const pick = { organizationId: kit.organizationId, endpointId: endpoint.id, rows: 20, probeUntil: null };
      await claimDeliveries(explaining, {
        nodeId: kit.ids.next(),
        now,
        leaseUntil: now,
        picks: [{ ...pick, circuitState: "closed", circuitFailures: 0, forcedDeliveryId: null }],
      });
      return captured.join("\n");
    });
    expect(plan).toContain("deliveries_due");
    expect(plan).not.toContain("Seq Scan on deliveries");
  });
});

describe("a circuit", () => {
  const circuitOf = (endpointId: string) =>
    kit.database.transaction((tx) => lockCircuit(tx, kit.organizationId, endpointId));

  test("opens after ten distinct deliveries have failed, parks the rest, tells the others, and closes after one good probe", async () => {
    receiver.respondWith((request) => ({ status: request.url === "/broken" ? 401 : 200 }));
    const { endpoint } = await kit.makeEndpoint({
      url: `${receiver.url}/broken`,
      events: ["incident.*", "endpoint.*"],
    });
    await kit.makeEndpoint({ url: `${receiver.url}/watcher`, events: ["endpoint.*"] });
    for (let event = 0; event < 12; event++) await kit.makeEvent("incident.created", INCIDENT);
    const deliverer = kit.makeDeliverer();
    await deliverer.runOnce();
    const opened = await circuitOf(endpoint.id);
    expect(opened).toMatchObject({ state: "open", nextProbeAt: kit.clock.now() + 30_000 });
    expect(opened?.diagnosis).toContain("401");

    kit.clock.advance(20_000);
    const before = receiver.requests.filter((request) => request.url === "/broken").length;
    await deliverer.runOnce();
    expect(receiver.requests.filter((request) => request.url === "/broken")).toHaveLength(before);
    const told = receiver.requests.filter((request) => request.url === "/watcher");
    expect(told.map((request) => JSON.parse(request.body.toString()).type)).toEqual(["endpoint.circuit_opened"]);

    receiver.respondWith({ status: 200 });
    kit.clock.advance(10_000);
    expect(await deliverer.runOnce(), "a single probe").toBe(1);
    expect(await circuitOf(endpoint.id)).toMatchObject({ state: "closed", consecutiveFailures: 0 });
    for (let round = 0; round < 5; round++) await deliverer.runOnce();
    const rows = (await kit.deliveries()).filter((row) => row.endpoint_id === endpoint.id);
    expect(rows).toHaveLength(12);
    expect(rows.every((row) => row.status === "succeeded")).toBe(true);
  });

  test("never opens for one delivery that the receiver keeps refusing", async () => {
    receiver.respondWith({ status: 422 });
    const { endpoint } = await kit.makeEndpoint({ url: `${receiver.url}/poison` });
    await kit.makeEvent("incident.created", INCIDENT);
    const deliverer = kit.makeDeliverer();
    for (let round = 0; round < 14; round++) {
      await deliverer.runOnce();
      kit.clock.advance(3_600_000);
    }
    expect((await kit.deliveries())[0]?.attempt_count).toBe(14);
    expect((await circuitOf(endpoint.id))?.state).toBe("closed");
  });

  test("is disabled at once by a 410, keeps what waits, and says so in words", async () => {
    receiver.respondWith((request) => ({ status: request.url === "/gone" ? 410 : 200 }));
    const { endpoint } = await kit.makeEndpoint({ url: `${receiver.url}/gone` });
    await kit.makeEndpoint({ url: `${receiver.url}/hears`, events: ["endpoint.disabled"] });
    await kit.makeEvent("incident.created", INCIDENT);
    const deliverer = kit.makeDeliverer();
    await deliverer.runOnce();
    const circuit = await circuitOf(endpoint.id);
    expect(circuit?.state).toBe("disabled");
    expect(circuit?.disabledReason).toContain("410");
    kit.clock.advance(86_400_000);
    await deliverer.runOnce();
    expect(receiver.requests.filter((request) => request.url === "/gone")).toHaveLength(1);
    expect(receiver.requests.filter((request) => request.url === "/hears")).toHaveLength(1);
    expect((await kit.deliveries()).find((row) => row.endpoint_id === endpoint.id)?.status).toBe("pending");
  });
});
