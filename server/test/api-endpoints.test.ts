import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sql, timestamp } from "../src/store/sql.ts";
import { type ApiKit, createApiKit, type Reply } from "./support/api-kit.ts";

let kit: ApiKit;
beforeAll(async () => {
  kit = await createApiKit();
});
afterAll(() => kit.close());

const create = (body: object) =>
  kit.ask({ method: "POST", path: "/endpoints", body: { name: "e", url: "https://hooks.example.com/in", ...body } });
const post = (path: string, body: object = {}) => kit.ask({ method: "POST", path, body });
const patch = (id: string, body: object) => kit.ask({ method: "PATCH", path: `/endpoints/${id}`, body });
const fieldsOf = (reply: Reply) => (reply.at("error.details.fields") as { path: string; message: string }[]) ?? [];

/** An endpoint that alone hears of one incident, and that delivery. */
async function deliver(): Promise<{ readonly endpointId: string; readonly deliveryId: string }> {
  const endpoint = await create({ events: ["incident.resolved"] });
  const test = await post(`/endpoints/${endpoint.str("id")}/test`);
  return { endpointId: endpoint.str("id"), deliveryId: test.str("delivery_id") };
}

const finish = (id: string, status: "succeeded" | "exhausted") =>
  kit.database.rows(sql`
    update deliveries
    set status = ${status}, next_attempt_at = null, finished_at = ${timestamp(kit.clock.now())}, retry_count = 3,
      cancel_reason = null
    where id = ${id}`);

describe("an endpoint", () => {
  it("answers what it was given, with its secret shown once and the circuit closed", async () => {
    const made = await create({ filter: "incident.severity == 'critical'", retry: { max_attempts: 3 } });
    expect(made.status).toBe(201);
    expect(made.str("secret")).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(made.body).toMatchObject({
      method: "POST",
      events: ["incident.*"],
      enabled: true,
      integration_id: null,
      retry: { max_attempts: 3 },
      circuit: { state: "closed", opened_at: null, next_probe_at: null, consecutive_failures: 0, diagnosis: null },
    });
    const read = await kit.ask({ path: `/endpoints/${made.str("id")}` });
    expect(read.text).not.toContain(made.str("secret"));
  });

  it("shows header templates and scheme words, and neither literals nor variables", async () => {
    const made = await create({
      headers: {
        Authorization: "Bearer literal-token",
        "X-Key": "prefix-{{ api_key }}",
        "X-Inside": '{{ "literal-inside" }}',
        "Content-Type": "application/json",
      },
      variables: { api_key: "variable-value" },
    });
    expect(made.at("headers")).toEqual({
      Authorization: "Bearer ***",
      "X-Key": "***{{ api_key }}",
      "X-Inside": '{{ "***" }}',
      "Content-Type": "application/json",
    });
    expect(made.at("variable_names")).toEqual(["api_key"]);
    expect(made.text).not.toMatch(/literal-token|prefix-|literal-inside|variable-value/);
  });

  it("hides what looks like a key in its URL from those who cannot change it", async () => {
    const url = "https://hooks.slack.example/services/T000/B000/abcdefghijklmnopqrstuvwx?token=abc&x={{ incident.id }}";
    const made = await create({ url });
    expect(made.at("url")).toBe(url);
    const seen = await kit.ask({ path: `/endpoints/${made.str("id")}`, key: kit.home.keys.responder });
    expect(seen.at("url")).toBe("https://hooks.slack.example/services/T000/B000/***?token=***&x={{ incident.id }}");
  });

  it.each([
    [{ url: "ftp://x.example/" }, "url"],
    [{ url: "https://user:pass@x.example/" }, "url"],
    [{ url: "https://{{ incident.title }}.example/" }, "url"],
    [{ headers: { Host: "x" } }, "headers.Host"],
    [{ headers: { "X-A": "a\r\nX-B: c" } }, "headers.X-A"],
    [{ headers: { "webhook-id": "x" } }, "headers.webhook-id"],
    [{ template: { a: "{{ nothing.here }}" } }, "template.a"],
    [{ filter: "incident.severity" }, "filter"],
    [{ filter: "incident.title.matches('a')" }, "filter"],
    [{ events: ["incident.created", "incident.exploded"] }, "events[1]"],
    [{ variables: { incident: "x" } }, "variables.incident"],
    [{ secret: "whsec_short" }, "secret"],
    [{ secret: `whsec_${"A".repeat(33)}` }, "secret"],
    [{ method: "GET" }, "method"],
    [{ timeout_seconds: 0 }, "timeout_seconds"],
    [{ retry: { max_attempts: 0 } }, "retry.max_attempts"],
    [{ rate_limit: { requests: 1 } }, "rate_limit.per_seconds"],
    [{ order: "fifo" }, "order"],
  ])("is refused with %j and told that %s is wrong", async (body, path) => {
    const refused = await create(body);
    expect(refused.status).toBe(422);
    expect(fieldsOf(refused).map((field) => field.path)).toContain(path);
  });

  it("is refused where its address may not be called", async () => {
    const refused = await create({ url: "https://internal.example/x" });
    expect(refused.body).toMatchObject({
      error: { code: "ADDRESS_NOT_ALLOWED", details: { reason: "blocked_address" } },
    });
    expect(refused.str("error.details.fields.0.message")).toContain("OVERWATCH_EGRESS_ALLOW_CIDRS");
    const made = await create({});
    expect((await patch(made.str("id"), { url: "https://internal.example/x" })).status).toBe(422);
  });

  it("takes one of the proxies that the operator has named, no other, and none again", async () => {
    expect((await kit.ask({ path: "/proxies", key: kit.home.keys.viewer })).at("data")).toEqual([
      { name: "eu" },
      { name: "us" },
    ]);
    const made = await create({ proxy: "eu" });
    expect(made.at("proxy")).toBe("eu");
    const change = (proxy: unknown) =>
      kit.ask({ method: "PATCH", path: `/endpoints/${made.str("id")}`, body: { proxy } });
    for (const proxy of ["http://10.0.0.1:3128", "constructor", "asia"]) {
      for (const refused of [await change(proxy), await create({ proxy })]) {
        expect([refused.status, refused.at("error.code")]).toEqual([422, "VALIDATION_FAILED"]);
        expect(refused.at("error.details.fields.0.path")).toBe("proxy");
        expect(refused.str("error.details.fields.0.message")).toContain("known are eu, us");
      }
    }
    expect((await change("us")).at("proxy")).toBe("us");
    expect((await change(null)).at("proxy")).toBeNull();
    const webhook_config = { url: "https://hooks.example.com/in", proxy: "asia" };
    const body = { name: "i", platform: "custom", webhook_config };
    const integration = await kit.ask({ method: "POST", path: "/integrations", body });
    expect(integration.at("error.details.fields.0.path")).toBe("webhook_config.proxy");
  });

  it("keeps hidden headers that come back as they were shown", async () => {
    const made = await create({ headers: { Authorization: "Bearer literal-token", "X-Team": "{{ incident.id }}" } });
    const changed = await patch(made.str("id"), { headers: { Authorization: "Bearer ***", "X-New": "n" } });
    expect(changed.at("headers")).toEqual({ Authorization: "Bearer ***", "X-New": "***" });
    const kept = await patch(made.str("id"), { headers: { Authorization: "Bearer ***" }, name: "z" });
    expect(kept.at("name")).toBe("z");
  });

  it("asks for secrets again before it sends them to another host", async () => {
    const made = await create({ headers: { Authorization: "Bearer literal-token" }, variables: { api_key: "v" } });
    const id = made.str("id");
    const url = "https://elsewhere.example/in";
    expect(fieldsOf(await patch(id, { url }))).toMatchObject([{ path: "variables" }]);
    expect(fieldsOf(await patch(id, { url, variables: { api_key: "w" } }))).toMatchObject([{ path: "headers" }]);
    expect((await patch(id, { url: "https://hooks.example.com/other" })).status).toBe(200);
    const asShown = { url, variables: { api_key: "w" }, headers: { Authorization: "Bearer ***" } };
    expect(fieldsOf(await patch(id, asShown))).toMatchObject([{ path: "headers.Authorization" }]);
    const moved = await patch(id, { ...asShown, headers: { Authorization: "Bearer another" } });
    expect(moved.body).toMatchObject({ url, headers: { Authorization: "Bearer ***" } });
  });

  it("rotates its secret with an overlap", async () => {
    const made = await create({});
    const rotated = await post(`/endpoints/${made.str("id")}/rotate-secret`, { overlap_seconds: 60 });
    expect(rotated.str("secret")).not.toBe(made.str("secret"));
    expect(rotated.at("secrets")).toMatchObject([{ is_previous: false }, { is_previous: true }]);
  });
});

describe("the pace of an endpoint", () => {
  it("says how many requests at a time it gets, until when it is held back, and why", async () => {
    const id = (await create({ max_in_flight: 8 })).str("id");
    const path = `/endpoints/${id}`;
    expect((await kit.ask({ path })).at("pace")).toEqual({ in_flight_limit: 8, slowed_until: null, reason: null });
    await kit.database.rows(sql`
      update circuits
      set in_flight_limit = 2, pace_reason = 'rate_limited', held_until = ${timestamp(kit.clock.now() + 90_000)}
      where endpoint_id = ${id}`);
    expect((await kit.ask({ path })).at("pace")).toEqual({
      in_flight_limit: 2,
      slowed_until: new Date(kit.clock.now() + 90_000).toISOString(),
      reason: "rate_limited",
    });
    expect((await post(`${path}/circuit`, { action: "close" })).at("pace")).toEqual({
      in_flight_limit: 8,
      slowed_until: null,
      reason: null,
    });
    await post(`${path}/circuit`, { action: "open" });
    expect((await post(`${path}/circuit`, { action: "close" })).at("pace")).toMatchObject({
      in_flight_limit: 1,
      reason: "catching_up",
    });
  });
});

describe("the circuit of an endpoint", () => {
  it("is disabled and enabled by people, which other endpoints hear and it does not", async () => {
    const made = await create({ events: ["*"] });
    const other = await create({ events: ["endpoint.*"] });
    const path = `/endpoints/${made.str("id")}`;
    const disabled = await post(`${path}/disable`);
    expect(disabled.body).toMatchObject({ enabled: false, circuit: { state: "disabled" } });
    expect(disabled.str("circuit.disabled_reason")).toContain("admin key");
    expect((await post(`${path}/disable`)).status).toBe(200);
    const enabled = await post(`${path}/enable`);
    expect(enabled.body).toMatchObject({ enabled: true, circuit: { state: "closed", disabled_reason: null } });
    const heard = await kit.ask({ path: `/deliveries?endpoint_id=${other.str("id")}` });
    expect((heard.at("data") as { event_type: string }[]).map((one) => one.event_type)).toEqual([
      "endpoint.circuit_closed",
      "endpoint.disabled",
    ]);
    const own = await kit.ask({ path: `/deliveries?endpoint_id=${made.str("id")}` });
    expect(own.text).not.toContain("endpoint.");
  });

  it("is held open, probed and closed by hand", async () => {
    const made = await create({});
    const path = `/endpoints/${made.str("id")}/circuit`;
    expect((await post(path, { action: "open" })).at("circuit")).toMatchObject({ state: "open", next_probe_at: null });
    expect((await post(path, { action: "probe" })).at("circuit.next_probe_at")).not.toBeNull();
    expect((await post(path, { action: "close" })).at("circuit.state")).toBe("closed");
    expect((await post(path, { action: "explode" })).status).toBe(422);
  });
});

describe("deliveries", () => {
  it("of a test carry a sample and wait to be sent", async () => {
    const { endpointId, deliveryId } = await deliver();
    const delivery = await kit.ask({ path: `/deliveries/${deliveryId}` });
    expect(delivery.body).toMatchObject({
      event_type: "test.ping",
      endpoint_id: endpointId,
      status: "pending",
      attempt_count: 0,
      last_error: null,
      attempts: [],
    });
    const event = await kit.ask({ path: `/events/${delivery.str("event_id")}` });
    expect(event.at("payload.incident")).toMatchObject({ status: "open" });
  });

  it("are parked while their endpoint is disabled, and the ledger balances throughout", async () => {
    const { endpointId, deliveryId } = await deliver();
    const ledger = () => kit.ask({ path: `/endpoints/${endpointId}/ledger` });
    expect((await ledger()).body).toMatchObject({ matched: 1, pending: 1, parked: 0, balanced: true });
    await post(`/endpoints/${endpointId}/disable`);
    expect((await ledger()).body).toMatchObject({ matched: 1, pending: 0, parked: 1, balanced: true });
    expect((await kit.ask({ path: `/deliveries/${deliveryId}` })).at("status")).toBe("parked");
    expect((await kit.ask({ path: `/deliveries?endpoint_id=${endpointId}&status=parked` })).at("data")).toHaveLength(1);
    expect((await kit.ask({ path: `/deliveries?endpoint_id=${endpointId}&status=pending` })).at("data")).toHaveLength(
      0,
    );
    await post(`/deliveries/${deliveryId}/cancel`);
    expect((await ledger()).body).toMatchObject({ matched: 1, parked: 0, cancelled: 1, balanced: true });
  });

  it("are cancelled once and retried afterwards with a policy begun anew", async () => {
    const { deliveryId } = await deliver();
    expect((await post(`/deliveries/${deliveryId}/cancel`)).at("status")).toBe("cancelled");
    const again = await post(`/deliveries/${deliveryId}/cancel`);
    expect(again.status).toBe(409);
    expect(again.at("error.code")).toBe("CONFLICT");
    await finish(deliveryId, "exhausted");
    const retried = await post(`/deliveries/${deliveryId}/retry`);
    expect(retried.body).toMatchObject({ status: "pending", next_attempt_at: new Date(kit.clock.now()).toISOString() });
    const [row] = await kit.database.rows<{ retry_count: number }>(
      sql`select retry_count from deliveries where id = ${deliveryId}`,
    );
    expect(row?.retry_count).toBe(0);
  });

  it("under way can be neither cancelled nor retried", async () => {
    const { deliveryId } = await deliver();
    await kit.database.rows(sql`
      update deliveries
      set status = 'in_flight', next_attempt_at = null, lease_node = ${deliveryId}, lease_until = ${timestamp(kit.clock.now())}
      where id = ${deliveryId}`);
    expect((await post(`/deliveries/${deliveryId}/cancel`)).status).toBe(409);
    expect((await post(`/deliveries/${deliveryId}/retry`)).status).toBe(409);
  });

  it("that wait for a deleted endpoint are cancelled, those of others are not", async () => {
    const gone = await deliver();
    const other = await deliver();
    expect((await kit.ask({ method: "DELETE", path: `/endpoints/${gone.endpointId}` })).status).toBe(204);
    expect((await kit.ask({ path: `/deliveries/${gone.deliveryId}` })).at("status")).toBe("cancelled");
    expect((await kit.ask({ path: `/deliveries/${other.deliveryId}` })).at("status")).toBe("pending");
    expect((await post(`/deliveries/${gone.deliveryId}/retry`)).status).toBe(409);
  });
});

describe("trying templates and expressions", () => {
  it("renders with a sample, and with a real incident", async () => {
    const request = {
      template: { t: "{{ incident.title }}", n: "{{ incident.number }}" },
      url: "https://x.example/{{ incident.id }}",
      headers: { "X-S": "{{ incident.severity }}" },
    };
    const sample = await post("/templates/render", request);
    expect(sample.body).toMatchObject({ ok: true, errors: [], content_type: "application/json" });
    const incident = await post("/incidents", { title: 'Real "one"', severity: "low" });
    const real = await post("/templates/render", { ...request, incident_id: incident.str("id") });
    expect(JSON.parse(real.str("body"))).toEqual({ t: 'Real "one"', n: incident.at("number") });
    expect(real.body).toMatchObject({ url: `https://x.example/${incident.str("id")}`, headers: { "X-S": "low" } });
  });

  it("answers with every problem of a template and its position", async () => {
    const reply = await post("/templates/render", { template: { a: "x {{ incident.titel }}" }, url: "nope" });
    expect(reply.body).toMatchObject({ ok: false, body: null, url: null });
    expect((reply.at("errors") as { path: string }[]).map((error) => error.path)).toEqual(["template.a", "url"]);
  });

  it("checks an expression for its use and evaluates it when asked", async () => {
    const right = await post("/expressions/check", {
      expression: "incident.severity == 'high'",
      context: { incident: { severity: "high" } },
    });
    expect(right.body).toMatchObject({ ok: true, type: "bool", value: true, error: null });
    const wrong = await post("/expressions/check", { expression: "incident.severity ==" });
    expect(wrong.body).toMatchObject({ ok: false, error: { line: 1, position: expect.any(Number) } });
    const other = await post("/expressions/check", {
      expression: "payload.title",
      use: "mapping",
      context: { payload: { title: "t" } },
    });
    expect(other.at("value")).toBe("t");
  });
});
