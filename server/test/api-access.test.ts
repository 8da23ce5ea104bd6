import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { UNRECORDED } from "../src/api/audit.ts";
import { isRoleEnough, ROLES } from "../src/api/roles.ts";
import type { Route } from "../src/api/route.ts";
import { OPEN_PATHS } from "../src/api/routes/system.ts";
import { sql } from "../src/store/sql.ts";
import { type ApiKit, createApiKit, type Reply, type Tenant } from "./support/api-kit.ts";

let kit: ApiKit;
/** An id of each kind of thing that paths name, of the home organization. */
let ids: Readonly<Record<string, string>>;

beforeAll(async () => {
  kit = await createApiKit();
  ids = await populate();
});
afterAll(() => kit.close());

const SINCE = "2026-11-23T00:00:00Z";

/** A body that each call accepts, where it takes one. */
const BODIES: Readonly<Record<string, object>> = {
  "POST /integrations": { name: "a", platform: "custom" },
  "PATCH /integrations/{id}": { name: "b" },
  "POST /integrations/{id}/preview": { payload: { title: "a" } },
  "POST /receipts/replay": { since: SINCE, dry_run: true },
  "POST /incidents": { title: "a" },
  "PATCH /incidents/{id}": { title: "b" },
  "POST /receipts/{id}/resend": { body: "{}" },
  "POST /views": { name: "v", page: "incidents", query: "status=open" },
  "PATCH /views/{id}": { name: "w" },
  "POST /incidents/bulk": { ids: ["019a1c2e-7c00-7000-8000-0123456789ab"], action: "acknowledge" },
  "POST /incidents/{id}/assign": { assignee: "ada" },
  "POST /incidents/{id}/notes": { text: "seen" },
  "POST /incidents/{id}/snooze": { until: "2026-11-24T00:00:00Z" },
  "POST /endpoints": { name: "a", url: "https://hooks.example.com/" },
  "PATCH /endpoints/{id}": { name: "b" },
  "POST /endpoints/{id}/circuit": { action: "close" },
  "POST /endpoints/{id}/recover": { since: SINCE, dry_run: true },
  "POST /deliveries/retry": { since: SINCE, dry_run: true },
  "POST /deliveries/cancel": { since: SINCE, dry_run: true },
  "POST /endpoints/{id}/replay-missing": { since: SINCE, dry_run: true },
  "POST /templates/render": { template: "a" },
  "POST /expressions/check": { expression: "true" },
  "POST /api-keys": { name: "k", role: "viewer" },
  "PATCH /users/{id}": { name: "b" },
  "POST /session/password": { current: "tallow heron quay", new: "another heron quay" },
};

async function populate(): Promise<Readonly<Record<string, string>>> {
  const post = (path: string, body: object): Promise<Reply> => kit.ask({ method: "POST", path, body });
  const endpoint = await post("/endpoints", { name: "e", url: "https://hooks.example.com/" });
  const integration = await post("/integrations", { name: "i", platform: "custom" });
  const sent = await post(`/integrations/${integration.str("id")}/test`, {});
  await kit.triage.runOnce();
  const receipt = await kit.ask({ path: `/receipts/${sent.str("receipt_id")}` });
  const incident = receipt.str("incident_ids.0");
  const alerts = await kit.ask({ path: `/alerts?incident_id=${incident}` });
  const deliveries = await kit.ask({ path: `/deliveries?incident_id=${incident}` });
  const target = await post("/incidents", { title: "target" });
  const run = await post("/deliveries/retry", { status: ["cancelled"] });
  const key = await post("/api-keys", { name: "spare", role: "viewer" });
  const search = { name: "v", page: "incidents", query: "" };
  const view = await kit.ask({ method: "POST", path: "/views", body: search, key: kit.home.keys.viewer });
  const person = await post("/users", { name: "Grace", email: "grace@example.com", role: "viewer" });
  const sessions = await kit.ask({ path: "/sessions", key: null, headers: kit.home.sessions.admin });
  return {
    integrations: integration.str("id"),
    endpoints: endpoint.str("id"),
    receipts: sent.str("receipt_id"),
    incidents: incident,
    target: target.str("id"),
    alerts: alerts.str("data.0.id"),
    events: deliveries.str("data.0.event_id"),
    deliveries: deliveries.str("data.0.id"),
    "api-keys": key.str("id"),
    views: view.str("id"),
    users: person.str("id"),
    sessions: sessions.str("data.0.id"),
    "bulk-runs": run.str("id"),
  };
}

const nameOf = (route: Route): string => `${route.method} ${route.path}`;

/** The calls for whoever has an account or a key. */
const closed = (): readonly Route[] => kit.routes.filter((route) => route.access !== "anyone");

const isTried = (name: string): boolean => "dry_run" in (BODIES[name] ?? {});

const isLast = (route: Route): boolean => route.method === "DELETE" || route.path.endsWith("/merge");

type Credentials = string | null | Readonly<Record<string, string>>;

function call(route: Route, as: Credentials, id?: string): Promise<Reply> {
  const [key, headers] = as === null || typeof as === "string" ? [as, {}] : [null, as];
  const kind = route.path.split("/")[1] ?? "";
  const path = route.path
    .replace("{id}", id ?? ids[kind] ?? "")
    .replace("{name}", kind === "platforms" ? "datadog" : "slack");
  const merge = { into_id: ids.target };
  const someone = { name: "Ada", email: `${kit.ids.next()}@example.com`, role: "viewer" };
  const body =
    { "POST /incidents/{id}/merge": merge, "POST /users": someone }[nameOf(route)] ?? BODIES[nameOf(route)] ?? {};
  return kit.ask({ method: route.method, path, key, headers, ...(route.body === null ? {} : { body }) });
}

describe("every call of the API", () => {
  it("is refused without a key, with a foreign-shaped, unknown, cut and revoked one", async () => {
    const spare = await kit.ask({ method: "POST", path: "/api-keys", body: { name: "x", role: "admin" } });
    await kit.ask({ method: "DELETE", path: `/api-keys/${spare.str("id")}` });
    const wrong = [null, "x", `ow_live_${"a".repeat(49)}`, kit.home.keys.admin.slice(0, -1), spare.str("key")];
    for (const route of closed()) {
      for (const key of wrong) {
        const reply = await call(route, key);
        // Guessing is slowed down: from some point on the answer is 429.
        expect([401, 429], `${nameOf(route)} with ${key}`).toContain(reply.status);
      }
      kit.clock.advance(61_000);
    }
  });

  it("is refused to a session that is unknown, cut, ended or another one's cookie", async () => {
    const { cookie, ...page } = kit.home.sessions.viewer;
    const [name = "", token = ""] = cookie.split("=");
    const wrong = [`${name}=`, `${name}=${"a".repeat(43)}`, `${name}=${token.slice(1)}`, `overwatch_session=${token}`];
    for (const route of closed()) {
      for (const value of wrong) {
        const reply = await call(route, { ...page, cookie: value });
        expect([401, 429], `${nameOf(route)} with ${value}`).toContain(reply.status);
      }
      kit.clock.advance(61_000);
    }
  });

  it("is refused to a session when it changes something and its own page does not say so", async () => {
    const good = kit.home.sessions.admin;
    const { "x-overwatch-csrf": _token, ...without } = good;
    const { origin: _origin, ...nowhere } = good;
    const foreign = kit.foreign.sessions.admin["x-overwatch-csrf"];
    const wrong = [
      without,
      nowhere,
      { ...good, "x-overwatch-csrf": foreign },
      { ...good, origin: "null" },
      { ...good, origin: "https://evil.example" },
      { ...good, origin: "https://overwatch.example.evil.example" },
      { ...good, "sec-fetch-site": "cross-site" },
      { ...good, "sec-fetch-site": "same-site" },
    ];
    for (const route of closed().filter((one) => one.method !== "GET")) {
      for (const headers of wrong) {
        const reply = await call(route, headers);
        expect(reply.status, `${nameOf(route)} with ${JSON.stringify(headers)}`).toBe(403);
        expect(reply.at("error.code")).toBe("CSRF_FAILED");
      }
    }
  });

  it("that is about a person's own session is refused to a key", async () => {
    for (const route of kit.routes.filter((one) => one.access === "user")) {
      expect((await call(route, kit.home.keys.admin)).at("error.code"), nameOf(route)).toBe("SESSION_REQUIRED");
    }
  });

  it("is open to anyone only if it is on this list", () => {
    expect(kit.routes.filter((one) => one.access === "anyone").map(nameOf)).toEqual([
      "GET /setup",
      "POST /setup",
      "POST /links/check",
      "POST /invites/accept",
      "POST /session",
      "GET /session/methods",
      "GET /session/oidc/start",
      "GET /session/oidc/callback",
    ]);
  });

  it("is refused to a role that is too small, before the body is looked at", async () => {
    let refusals = 0;
    for (const route of kit.routes) {
      for (const role of ROLES.filter((one) => !isRoleEnough(one, route.role))) {
        for (const as of [{ key: kit.home.keys[role] }, { key: null, headers: kit.home.sessions[role] }]) {
          const reply = await kit.ask({
            method: route.method,
            path: route.path.replace("{id}", kit.ids.next()),
            ...as,
            ...(route.body === null ? {} : { body: "{" }),
          });
          expect(reply.status, `${nameOf(route)} as ${role}`).toBe(403);
          expect(reply.at("error.code")).toBe("FORBIDDEN");
          refusals++;
        }
      }
    }
    expect(refusals).toBeGreaterThan(40);
  });

  it("answers a key and a session of another organization as if the thing did not exist", async () => {
    const ofOne = kit.routes.filter((route) => route.path.includes("{id}"));
    expect(ofOne.length).toBeGreaterThan(30);
    for (const route of ofOne) {
      for (const as of [kit.foreign.keys.admin, kit.foreign.sessions.admin]) {
        if (route.access === "user" && typeof as === "string") continue;
        const foreign = await call(route, as);
        const unknown = await call(route, as, kit.ids.next());
        expect(foreign.status, nameOf(route)).toBe(404);
        expect(foreign.at("error.code")).toBe("NOT_FOUND");
        expect(foreign.at("error.message")).toEqual(unknown.at("error.message"));
      }
    }
  });

  it("answers ids that cannot exist with 404", async () => {
    const odd = ["1", "-1", "99999999999999999999", "null", "0190", "'--", "a".repeat(60), "..", "%00"];
    for (const route of kit.routes.filter((one) => one.path.includes("{id}"))) {
      for (const id of odd) {
        // The client resolves dots, so that this asks for another path, which exists.
        if (id === ".." && route.path === "/endpoints/{id}/ledger") continue;
        expect((await call(route, kit.home.sessions.admin, id)).status, `${nameOf(route)} ${id}`).toBe(404);
      }
    }
  });

  it("shows a list of another organization nothing", async () => {
    for (const route of closed().filter((one) => one.method === "GET" && !one.path.includes("{id}"))) {
      const reply = await call(route, kit.foreign.sessions.admin);
      expect(reply.status, nameOf(route)).toBe(200);
      for (const id of Object.values(ids)) expect(reply.text, nameOf(route)).not.toContain(id);
    }
  });

  it("lets each role do what it may", async () => {
    for (const route of closed()) {
      if (route.method === "DELETE" || ["/incidents/{id}/merge", "/views/{id}"].includes(route.path)) continue;
      const tenant: Tenant = kit.home;
      for (const as of [tenant.keys[route.role], tenant.sessions[route.role]]) {
        // Nobody here has a password to change; who has is looked at where people sign in.
        if (route.path === "/session/password" || (route.access === "user" && typeof as === "string")) continue;
        const reply = await call(route, as);
        // 409: the present state does not allow it, which is not a matter of access.
        expect([200, 201, 202, 409], `${nameOf(route)} as ${route.role}: ${reply.text}`).toContain(reply.status);
      }
    }
  });

  it("that changes something leaves one audit entry, or is on the list of those that leave nothing behind", async () => {
    // Those of one's own session, which would end here, are looked at where people sign in.
    const changing = kit.routes.filter(
      (one) => one.method !== "GET" && one.access === "caller" && !UNRECORDED.some((name) => name === nameOf(one)),
    );
    const left = new Set(changing.map(nameOf));
    const count = async (): Promise<number> =>
      (await kit.database.rows<{ count: number }>(sql`select count(*) as count from audit_entries`))[0]?.count ?? 0;
    // Twice: what one call undoes, another can do again. What is removed is removed last.
    const inOrder = [...changing, ...changing].sort((one, other) => Number(isLast(one)) - Number(isLast(other)));
    for (const route of inOrder) {
      const before = await count();
      const reply = await call(route, kit.home.keys[route.tag === "views" ? "viewer" : "admin"]);
      const isDone = reply.status < 300 && !isTried(nameOf(route));
      expect((await count()) - before, `${nameOf(route)} ${reply.status}`).toBe(isDone ? 1 : 0);
      if (isDone) left.delete(nameOf(route));
    }
    // What is left was only tried, as its body says.
    expect([...left].filter((name) => !isTried(name))).toEqual([]);
  });

  it("ignores a tenant that is named in a header or a query, and refuses it in a body", async () => {
    const named = { "x-organization-id": kit.foreign.id, "x-tenant": kit.foreign.id };
    const reply = await kit.ask({ path: "/organization", headers: named });
    expect(reply.at("id")).toBe(kit.home.id);
    expect((await kit.ask({ path: `/integrations?organization_id=${kit.foreign.id}` })).status).toBe(422);
    for (const field of ["organization_id", "id", "version", "created_at", "role"]) {
      const body = { name: "a", platform: "custom", [field]: kit.foreign.id };
      expect((await kit.ask({ method: "POST", path: "/integrations", body })).status, field).toBe(422);
    }
  });

  it("answers foreign ids inside bodies and filters as if they did not exist", async () => {
    const ask = (path: string, body: object) => kit.ask({ method: "POST", path, body, key: kit.foreign.keys.admin });
    expect((await ask("/incidents", { title: "a", integration_id: ids.integrations })).status).toBe(404);
    expect((await ask("/deliveries/retry", { since: SINCE, endpoint_id: ids.endpoints })).status).toBe(404);
    expect((await ask("/receipts/replay", { since: SINCE, integration_id: ids.integrations })).status).toBe(404);
    expect((await ask("/templates/render", { template: "a", incident_id: ids.incidents })).status).toBe(404);
    const own = await ask("/incidents", { title: "mine" });
    expect((await ask(`/incidents/${own.str("id")}/merge`, { into_id: ids.target })).status).toBe(404);
    for (const path of [`/alerts?incident_id=${ids.incidents}`, `/deliveries?endpoint_id=${ids.endpoints}`]) {
      expect((await kit.ask({ path, key: kit.foreign.keys.viewer })).at("data")).toEqual([]);
    }
  });
});

describe("the calls without a key", () => {
  it("are exactly those of the list", async () => {
    for (const path of OPEN_PATHS) {
      const reply = await kit.api.app.inject({ method: "GET", url: path });
      expect([200, 503], path).toContain(reply.statusCode);
    }
    expect((await kit.api.app.inject({ method: "GET", url: "/metrics" })).statusCode).toBe(401);
    const authorization = `Bearer ${kit.home.keys.viewer}`;
    const metrics = await kit.api.app.inject({ method: "GET", url: "/metrics", headers: { authorization } });
    expect(metrics.body).toContain("# TYPE webhook_requests_total counter");
  });
});

describe("API keys", () => {
  it("are shown once, stored hashed, and tell what they are by a hint", async () => {
    const made = await kit.ask({ method: "POST", path: "/api-keys", body: { name: "ci", role: "responder" } });
    const key = made.str("key");
    expect(key).toMatch(/^ow_live_[0-9A-Za-z]{49}$/);
    expect((await kit.ask({ path: "/organization", key })).at("api_key")).toMatchObject({
      name: "ci",
      role: "responder",
    });
    const list = await kit.ask({ path: "/api-keys" });
    expect(list.text).not.toContain(key);
    expect(list.at("data.0.key_hint")).toBe(`${key.slice(0, 12)}…${key.slice(-4)}`);
  });

  it("do not count in the URL, under another scheme, or with a slip of the pen", async () => {
    const key = kit.home.keys.admin;
    expect((await kit.ask({ path: `/organization?api_key=${key}`, key: null })).status).toBe(401);
    for (const authorization of [key, `Basic ${key}`, `Bearer  ${key}`, `Bearer ${key} `, `Bearer ${key},${key}`]) {
      const reply = await kit.ask({ path: "/organization", key: null, headers: { authorization } });
      expect(reply.status, authorization.slice(0, 10)).toBe(401);
      expect(reply.headers["www-authenticate"]).toContain("Bearer");
    }
  });

  it("end with their expiry and with their revocation", async () => {
    const expires = new Date(kit.clock.now() + 10_000).toISOString();
    const body = { name: "short", role: "viewer", expires_at: expires };
    const key = (await kit.ask({ method: "POST", path: "/api-keys", body })).str("key");
    expect((await kit.ask({ path: "/organization", key })).status).toBe(200);
    kit.clock.advance(10_000);
    expect((await kit.ask({ path: "/organization", key })).status).toBe(401);
    const past = { ...body, expires_at: "2020-01-01T00:00:00Z" };
    expect((await kit.ask({ method: "POST", path: "/api-keys", body: past })).status).toBe(422);
  });

  it("cannot be revoked down to none", async () => {
    const fresh = await createApiKit();
    try {
      await fresh.database.rows(sql`delete from users`);
      const list = await fresh.ask({ path: "/api-keys" });
      const admin = (list.at("data") as { id: string; role: string }[]).find((one) => one.role === "admin");
      const reply = await fresh.ask({ method: "DELETE", path: `/api-keys/${admin?.id}` });
      expect(reply.at("error.code")).toBe("CONFLICT");
      expect((await fresh.ask({ path: "/organization" })).status).toBe(200);
    } finally {
      await fresh.close();
    }
  });

  it("are slowed down for whoever guesses, and go on working for whoever does not", async () => {
    const key = kit.home.keys.viewer;
    expect((await kit.ask({ path: "/organization", key })).status).toBe(200);
    kit.clock.advance(1_000);
    let last: Reply | null = null;
    for (let guess = 0; guess < 40; guess++) {
      last = await kit.ask({ path: "/organization", key: `guess_${String(guess).padStart(40, "0")}` });
    }
    expect(last?.status).toBe(429);
    expect(last?.at("error.code")).toBe("RATE_LIMITED");
    expect(Number(last?.headers["retry-after"])).toBeGreaterThan(0);
    expect((await kit.ask({ path: "/organization", key })).status).toBe(200);
    kit.clock.advance(61_000);
    expect((await kit.ask({ path: "/organization", key: "guess_".padEnd(40, "0") })).status).toBe(401);
  });

  it("show when they were last used", async () => {
    kit.clock.advance(31_000);
    await kit.ask({ path: "/organization" });
    await kit.ask({ path: "/organization" });
    await kit.api.flush();
    const keys = (await kit.ask({ path: "/api-keys?limit=200" })).at("data") as { last_used_at: string | null }[];
    expect(keys.some((one) => one.last_used_at === new Date(kit.clock.now()).toISOString())).toBe(true);
  });
});
