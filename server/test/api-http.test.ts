import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../src/runtime/database.ts";
import { sql } from "../src/store/sql.ts";
import { type ApiKit, createApiKit } from "./support/api-kit.ts";

let kit: ApiKit;
beforeAll(async () => {
  kit = await createApiKit();
});
afterAll(() => kit.close());

const inject = (options: object) =>
  kit.api.app.inject({ headers: { authorization: `Bearer ${kit.home.keys.admin}` }, ...options });
const integration = { name: "a", platform: "custom" };

describe("every answer", () => {
  it("is JSON that is not sniffed, framed, cached or shared, and names its request", async () => {
    for (const path of ["/incidents", "/nothing", "/incidents/x"]) {
      const reply = await kit.ask({ path, headers: { "x-request-id": "mine-1.2_3" } });
      expect(reply.headers).toMatchObject({
        "content-type": "application/json; charset=utf-8",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "x-request-id": "mine-1.2_3",
      });
      expect(Object.keys(reply.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
    }
  });

  it("makes a request id of its own where the given one is odd", async () => {
    for (const odd of ["a b", "a\u00e9", "x".repeat(129), "<script>", ""]) {
      const reply = await kit.ask({ path: "/nothing", headers: { "x-request-id": odd } });
      expect(reply.headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
      expect(reply.at("error.request_id")).toBe(reply.headers["x-request-id"]);
    }
  });
});

describe("paths and methods", () => {
  it("exist in one spelling only", async () => {
    for (const url of [
      "/api/v1/incidents/",
      "/api/v1//incidents",
      "//api/v1/incidents",
      "/api/v1/%69ncidents",
      "/api/v1/incidents%2f",
      "/api/v1/incidents;a=b",
      "/API/v1/incidents",
      "/api/v1/%",
      "/api/v1/%c0%ae",
      "/api/v2/incidents",
      "/",
    ]) {
      const reply = await inject({ method: "GET", url });
      expect(reply.statusCode, url).toBe(404);
      expect(reply.json().error.code, url).toBe("NOT_FOUND");
    }
  });

  it("answer 405 with what is allowed for another method", async () => {
    for (const method of ["PUT", "DELETE", "TRACE", "PATCH"]) {
      const reply = await inject({ method, url: "/api/v1/incidents" });
      expect(reply.statusCode, method).toBe(405);
      expect(reply.headers.allow).toBe("GET, HEAD, POST, OPTIONS");
    }
    expect((await inject({ method: "POST", url: "/healthz" })).statusCode).toBe(405);
    const overridden = await inject({
      method: "POST",
      url: "/api/v1/organization",
      headers: { authorization: `Bearer ${kit.home.keys.admin}`, "x-http-method-override": "GET" },
    });
    expect(overridden.statusCode).toBe(405);
  });

  it("answer HEAD like GET without a body, and OPTIONS without leave for other origins", async () => {
    const head = await inject({ method: "HEAD", url: "/api/v1/incidents" });
    expect([head.statusCode, head.body]).toEqual([200, ""]);
    const options = await inject({
      method: "OPTIONS",
      url: "/api/v1/incidents",
      headers: { origin: "https://evil.example" },
    });
    expect([options.statusCode, options.headers.allow]).toEqual([204, "GET, HEAD, POST, OPTIONS"]);
    expect(options.headers["access-control-allow-origin"]).toBeUndefined();
  });
});

describe("bodies", () => {
  it.each(["{", '{"__proto__":{}}', '{"a":1e999}', '{"a":"\\u0000"}', "[".repeat(100)])(
    "such as %s are not well formed",
    async (body) => {
      const reply = await kit.ask({ method: "POST", path: "/integrations", body });
      expect([reply.status, reply.at("error.code")]).toEqual([400, "MALFORMED_REQUEST"]);
    },
  );

  it.each(["1", '"x"', "null", "[]", "true"])("such as %s are no object", async (body) => {
    expect((await kit.ask({ method: "POST", path: "/integrations", body })).at("error.code")).toBe("VALIDATION_FAILED");
  });

  it.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json; charset=utf-16",
    "application/json\ta",
  ])("of type %s are not taken", async (type) => {
    const headers = { "content-type": type };
    const reply = await kit.ask({ method: "POST", path: "/integrations", body: JSON.stringify(integration), headers });
    expect([reply.status, reply.at("error.code")]).toEqual([415, "UNSUPPORTED_MEDIA_TYPE"]);
  });

  it("over 1 MiB are too large", async () => {
    const reply = await kit.ask({
      method: "POST",
      path: "/integrations",
      body: { ...integration, name: "x".repeat(1_048_576) },
    });
    expect([reply.status, reply.at("error.code")]).toEqual([413, "PAYLOAD_TOO_LARGE"]);
  });

  it("may be left out where nothing has to be said", async () => {
    const made = await kit.ask({ method: "POST", path: "/incidents", body: { title: "a" } });
    const reply = await kit.ask({ method: "POST", path: `/incidents/${made.str("id")}/acknowledge` });
    expect(reply.status).toBe(200);
  });
});

describe("queries", () => {
  it.each([
    "limit=0",
    "limit=201",
    "limit=-1",
    "limit=1e2",
    "limit=5&limit=6",
    "limit=",
    "status=closed",
    "severity=",
    "since=yesterday",
    "since=2026-11-23",
    "until=99999-01-01T00:00:00Z",
    "integration_id=1",
    "q=",
    `q=${"x".repeat(201)}`,
    "nothing=1",
    "__proto__=1",
    "constructor=1",
    "limit[a]=1",
  ])("%s is refused", async (query) => {
    const reply = await kit.ask({ path: `/incidents?${query}` });
    expect([reply.status, reply.at("error.code")]).toEqual([422, "VALIDATION_FAILED"]);
  });

  it("hold no SQL: injections find nothing, break nothing and quote nothing", async () => {
    await kit.ask({ method: "POST", path: "/incidents", body: { title: "kept" } });
    const corpus = [
      "'",
      "''",
      "' or '1'='1",
      "'; drop table incidents; --",
      '" or ""="',
      "\\",
      "\\'",
      "%' or 1=1 --",
      "$1",
      "${1}",
      "1); select pg_sleep(10); --",
      "' union select key_hash from api_keys --",
      "\u2019 or 1=1",
      "%_%",
      "\u0000",
      "🙂",
    ];
    const lists = kit.routes.filter(
      (route) => route.method === "GET" && route.query !== null && !route.path.includes("{"),
    );
    let asked = 0;
    for (const route of lists) {
      const names = Object.keys((route.query as { properties?: object } | null)?.properties ?? {});
      for (const name of names) {
        for (const text of corpus) {
          const reply = await kit.ask({ path: `${route.path}?${name}=${encodeURIComponent(text)}` });
          expect(reply.status, `${route.path} ${name}=${text}`).toBeLessThan(500);
          expect(reply.text).not.toMatch(/syntax error|pg_|unterminated|column|relation/);
          asked++;
        }
      }
    }
    expect(asked).toBeGreaterThan(300);
    expect((await kit.ask({ path: "/incidents?q=kept" })).at("data")).toHaveLength(1);
    expect((await kit.ask({ path: `/incidents?q=${encodeURIComponent("' or '1'='1")}` })).at("data")).toEqual([]);
  });

  it("with NUL in a text are the sender's fault", async () => {
    expect((await kit.ask({ path: "/incidents?q=%00" })).status).toBe(400);
  });
});

describe("Idempotency-Key", () => {
  const post = (key: string, body: object, as: string = kit.home.keys.admin) =>
    kit.ask({ method: "POST", path: "/integrations", body, key: as, headers: { "idempotency-key": key } });

  it("makes one integration of ten requests at once, with one answer, secret included", async () => {
    const replies = await Promise.all(Array.from({ length: 10 }, () => post("once", { ...integration, name: "once" })));
    expect(new Set(replies.map((reply) => reply.text)).size).toBe(1);
    expect(replies.every((reply) => reply.status === 201 && reply.headers.etag === '"1"')).toBe(true);
    const all = (await kit.ask({ path: "/integrations?limit=200" })).at("data") as { name: string }[];
    expect(all.filter((one) => one.name === "once")).toHaveLength(1);
    expect(replies.filter((reply) => reply.headers["idempotent-replay"] === "true")).toHaveLength(9);
  });

  it("is refused for another body, and means nothing to another organization", async () => {
    const made = await post("mine", integration);
    const other = await post("mine", { ...integration, name: "b" });
    expect([other.status, other.at("error.code")]).toEqual([422, "IDEMPOTENCY_KEY_REUSED"]);
    const foreign = await post("mine", integration, kit.foreign.keys.admin);
    expect(foreign.status).toBe(201);
    expect(foreign.at("id")).not.toBe(made.at("id"));
  });

  it("is not used up by a refusal", async () => {
    expect((await post("again", { name: "a" })).status).toBe(422);
    expect((await post("again", integration)).status).toBe(201);
  });

  it("is forgotten after a day, and its answer is not readable in the database", async () => {
    const first = await post("day", integration);
    const [row] = await kit.database.rows<{ response: string }>(
      sql`select response::text as response from idempotency_keys where key = 'day'`,
    );
    expect(row?.response).not.toContain(first.str("signing_secret"));
    kit.clock.advance(24 * 3_600_000 + 1);
    expect((await post("day", integration)).at("id")).not.toBe(first.at("id"));
  });

  it.each(["", "a b", "x".repeat(256), "é"])("%j is refused", async (key) => {
    expect((await post(key, integration)).status).toBe(422);
  });
});

describe("health", () => {
  it("tells of a platform that is idle, works, and cannot be read", async () => {
    const health = async () =>
      (await kit.ask({ path: "/webhooks/health", key: null })).body as {
        status: string;
        endpoints: Record<string, string>;
      };
    const idle = await health();
    expect(Object.keys(idle.endpoints)).toEqual([
      "datadog",
      "newrelic",
      "pagerduty",
      "grafana",
      "elasticsearch",
      "signoz",
      "prometheus",
      "custom",
    ]);
    expect(idle).toMatchObject({ status: "healthy", endpoints: { grafana: "idle" } });
    const made = await kit.ask({
      method: "POST",
      path: "/integrations",
      body: { name: "g", platform: "grafana", verification: { type: "none" } },
    });
    await kit.ask({ method: "POST", path: `/integrations/${made.str("id")}/test`, body: {} });
    await kit.triage.runOnce();
    kit.clock.advance(6_000);
    expect((await health()).endpoints.grafana).toBe("operational");
    for (let count = 0; count < 3; count++) {
      await kit.deliverWebhook(`/api/v1/webhooks/grafana/${made.str("id")}`, `{"nonsense":${count}}`, {});
    }
    await kit.triage.runOnce();
    kit.clock.advance(6_000);
    expect(await health()).toMatchObject({ status: "degraded", endpoints: { grafana: "degraded", datadog: "idle" } });
  });
});

const SECURITY = { anyone: [], user: [{ session: [] }], caller: [{ apiKey: [] }, { session: [] }] };

describe("the documents", () => {
  it("are an OpenAPI 3.1 of every call, and a page that asks nobody for anything", async () => {
    const document = (await inject({ method: "GET", url: "/api/v1/openapi.json" })).json();
    expect(document.openapi).toBe("3.1.0");
    for (const route of kit.routes) {
      const operation = document.paths[`/api/v1${route.path}`]?.[route.method.toLowerCase()];
      expect(operation?.summary, `${route.method} ${route.path}`).toBe(route.summary);
      expect(operation.security).toEqual(SECURITY[route.access]);
      for (const status of Object.keys(route.answers)) expect(operation.responses[status]).toBeDefined();
    }
    expect(document.paths["/api/v1/webhooks/{platform}/{integration_id}"].post).toBeDefined();
    const page = await inject({ method: "GET", url: "/api/v1/docs" });
    expect(page.headers["content-security-policy"]).toContain("default-src 'none'");
    expect(page.body).not.toMatch(/<script|src=|https?:\/\/(?!overwatch)/);
    for (const route of kit.routes) expect(page.body).toContain(`<code>/api/v1${route.path}</code>`);
  });
});

describe("when things are away", () => {
  it("a database that cannot be reached gives 503 with Retry-After, and is unhealthy and not ready", async () => {
    const broken = openDatabase({
      connection: { host: "127.0.0.1", port: 1, user: "nobody", database: "none" },
      maxConnections: 1,
      statementTimeoutMs: 500,
      connectTimeoutMs: 500,
      applicationName: "broken",
    });
    const lost = await createApiKit({
      database: broken,
      readyChecks: async () => [{ name: "database", ok: false, message: "cannot be reached" }],
    });
    try {
      const reply = await lost.ask({ path: "/incidents" });
      expect([reply.status, reply.at("error.code")]).toEqual([503, "STORAGE_UNAVAILABLE"]);
      expect(reply.headers["retry-after"]).toBe("2");
      expect(reply.text).not.toMatch(/127\.0\.0\.1|ECONN|nobody/);
      const health = await lost.ask({ path: "/webhooks/health", key: null });
      expect([health.status, health.at("status")]).toEqual([503, "unhealthy"]);
      expect((await lost.api.app.inject("/readyz")).statusCode).toBe(503);
      expect((await lost.api.app.inject("/healthz")).statusCode).toBe(200);
    } finally {
      await lost.close();
      await broken.close();
    }
  });

  it("a node that is stopping says so, and what goes wrong inside stays inside", async () => {
    let isDraining = false;
    const odd = await createApiKit({
      isDraining: () => isDraining,
      judgeUrl: () => Promise.reject(new TypeError("secret inside of the program")),
    });
    try {
      expect((await odd.api.app.inject("/readyz")).statusCode).toBe(200);
      const body = { name: "e", url: "https://x.example/" };
      const reply = await odd.ask({ method: "POST", path: "/endpoints", body });
      expect([reply.status, reply.at("error.code"), reply.at("error.details")]).toEqual([500, "INTERNAL", {}]);
      expect(reply.text).not.toContain("secret inside");
      expect(odd.logged).toContainEqual(expect.objectContaining({ level: "error", message: "a request failed" }));
      isDraining = true;
      expect((await odd.ask({ path: "/incidents" })).at("error.code")).toBe("SHUTTING_DOWN");
      expect((await odd.api.app.inject("/readyz")).statusCode).toBe(503);
    } finally {
      await odd.close();
    }
  });
});
