import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeOneTimeLink } from "../src/api/one-time-link.ts";
import { ensureDefaultOrganization } from "../src/store/organizations.ts";
import { sql } from "../src/store/sql.ts";
import { type ApiKit, type Ask, createApiKit, type PageHeaders, pageHeaders, type Reply } from "./support/api-kit.ts";

const URL_HERE = "http://192.168.1.7:8000";
const PASSWORD = "tallow heron quay";
const ADA = { name: "Ada", email: "ada@example.com", password: PASSWORD };

let kit: ApiKit;
let organizationId: string;
beforeAll(async () => {
  // As in a LAN: no TLS anywhere.
  kit = await createApiKit({ publicUrl: () => URL_HERE });
  organizationId = (await ensureDefaultOrganization(kit.database, kit.ids.next(), kit.clock.now())).id;
});
afterAll(() => kit.close());

const post = (path: string, body: object, more: Partial<Ask> = {}): Promise<Reply> =>
  kit.ask({ method: "POST", path, body, key: null, ...more });

/** What a browser sends after this answer. */
function pageOf(reply: Reply): PageHeaders {
  expect(reply.status, reply.text).toBeLessThan(300);
  const cookie = String(reply.headers["set-cookie"]).split(";", 1)[0] ?? "";
  return pageHeaders(cookie, reply.str("csrf_token"), URL_HERE);
}

async function signIn(email = ADA.email, password = PASSWORD): Promise<PageHeaders> {
  return pageOf(await post("/session", { email, password }));
}

const as = (page: PageHeaders, ask: Ask): Promise<Reply> => kit.ask({ key: null, ...ask, headers: page });
const isSignedIn = async (page: PageHeaders): Promise<boolean> => (await as(page, { path: "/session" })).status === 200;
const tokenIn = (url: string): string => new URL(url).searchParams.get("token") ?? "";

async function makeSetupToken(): Promise<string> {
  const link = { organizationId, purpose: "setup", userId: null } as const;
  return (await makeOneTimeLink({ ids: kit.ids, randomBytes }, kit.database, link, kit.clock.now())).token;
}

async function invite(email: string, role: string, page: PageHeaders): Promise<{ id: string; url: string }> {
  const reply = await as(page, { method: "POST", path: "/users", body: { name: email, email, role } });
  expect(reply.status, reply.text).toBe(201);
  return { id: reply.str("id"), url: reply.str("invite_url") };
}

async function join(email: string, role: string, by: PageHeaders): Promise<{ id: string; page: PageHeaders }> {
  const { id, url } = await invite(email, role, by);
  return { id, page: pageOf(await post("/invites/accept", { token: tokenIn(url), password: PASSWORD })) };
}

describe("the first administrator", () => {
  it("is needed until made, once, by one of all who try at once, with a link that has not expired", async () => {
    expect((await kit.ask({ path: "/setup", key: null })).body).toEqual({ needed: true });
    const old = await makeSetupToken();
    kit.clock.advance(86_400_000);
    expect((await post("/setup", { ...ADA, token: old })).at("error.code")).toBe("LINK_NOT_VALID");
    expect((await post("/setup", { ...ADA, token: "x" })).at("error.code")).toBe("LINK_NOT_VALID");
    const tokens = [await makeSetupToken(), await makeSetupToken()];
    const check = (token: string | undefined) => post("/links/check", { token });
    expect((await check(old)).at("error.code")).toBe("LINK_NOT_VALID");
    expect((await check(tokens[0])).at("purpose")).toBe("setup");
    const weak = await post("/setup", { ...ADA, token: tokens[0], password: "short" });
    expect(weak.at("error.details.fields.0.path")).toBe("password");

    const tries = await Promise.all(
      [0, 1, 0, 1].map((n, index) => post("/setup", { ...ADA, email: `ada${index}@example.com`, token: tokens[n] })),
    );
    expect(tries.map((reply) => reply.status).sort()).toEqual([201, 404, 404, 404]);
    const winner = tries.find((reply) => reply.status === 201);
    expect(winner?.at("user.role")).toBe("admin");
    expect((await kit.ask({ path: "/setup", key: null })).body).toEqual({ needed: false });
    expect((await post("/setup", { ...ADA, token: await makeSetupToken() })).at("error.code")).toBe("NOT_FOUND");
    expect((await check(await makeSetupToken())).at("error.code")).toBe("LINK_NOT_VALID");

    const page = pageOf(winner as Reply);
    expect((await as(page, { path: "/organization" })).at("caller")).toMatchObject({ kind: "user", name: "Ada" });
    await join(ADA.email, "admin", page);
  });
});

describe("signing in", () => {
  it("works on plain HTTP, and gives a cookie that scripts cannot read", async () => {
    const reply = await post("/session", { email: " ADA@example.com ", password: PASSWORD });
    expect(reply.status).toBe(200);
    const cookie = String(reply.headers["set-cookie"]);
    expect(cookie).toMatch(/^overwatch_session=[\w-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax$/);
    const page = pageOf(reply);
    const read = await as(page, { path: "/session" });
    expect(read.body).toEqual(reply.body);
    expect(read.at("user.email")).toBe("ada@example.com");
    expect(Object.keys(read.body as object)).toEqual(["user", "organization", "csrf_token"]);
  });

  it("over TLS gives a cookie for TLS alone", async () => {
    const secure = await createApiKit();
    try {
      const { cookie } = secure.home.sessions.admin;
      const headers = { ...secure.home.sessions.admin };
      const reply = await secure.ask({ method: "DELETE", path: "/session", key: null, headers });
      expect(reply.headers["set-cookie"]).toMatch(
        /^__Host-overwatch_session=; Path=\/; Max-Age=0; HttpOnly; SameSite=Lax; Secure$/,
      );
      const plain = { ...headers, cookie: cookie.replace("__Host-", "") };
      expect((await secure.ask({ path: "/session", key: null, headers: plain })).status).toBe(401);
    } finally {
      await secure.close();
    }
  });

  it("answers a wrong password, an unknown address, an invited and a disabled account alike", async () => {
    const admin = await signIn();
    await invite("invited@example.com", "viewer", admin);
    const gone = await join("gone@example.com", "viewer", admin);
    await as(admin, { method: "PATCH", path: `/users/${gone.id}`, body: { disabled: true } });
    const answers = new Set<string>();
    for (const email of [ADA.email, "nobody@example.com", "invited@example.com", "gone@example.com"]) {
      const password = email === "gone@example.com" ? PASSWORD : "wrong heron quay";
      const reply = await post("/session", { email, password });
      expect(reply.status, email).toBe(401);
      answers.add(`${reply.at("error.code")} ${reply.at("error.message")}`);
    }
    expect([...answers]).toEqual(["SIGN_IN_FAILED The e-mail address or the password is wrong"]);
  });

  it("is limited for an account and an address, on all nodes together, and a good one is not counted", async () => {
    const admin = await signIn();
    await join("limited@example.com", "viewer", admin);
    for (let n = 0; n < 20; n++) await signIn("limited@example.com");
    const guess = () => post("/session", { email: "limited@example.com", password: "wrong heron quay" });
    const statuses = (await Promise.all(Array.from({ length: 14 }, guess))).map((reply) => reply.status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(4);
    const right = await post("/session", { email: "limited@example.com", password: PASSWORD });
    expect(right.at("error.code")).toBe("RATE_LIMITED");
    expect(Number(right.headers["retry-after"])).toBeGreaterThan(800);
    expect(await isSignedIn(await signIn())).toBe(true);
    kit.clock.advance(15 * 60_000 + 1);
    expect(await isSignedIn(await signIn("limited@example.com"))).toBe(true);
  });

  it("is refused to the page of another site", async () => {
    for (const headers of [
      { origin: "https://evil.example" },
      { origin: "null" },
      { "sec-fetch-site": "cross-site" },
    ]) {
      const reply = await post("/session", { email: ADA.email, password: PASSWORD }, { headers });
      expect(reply.at("error.code")).toBe("CSRF_FAILED");
    }
  });

  it("raises the parameters of a hash that was made with others", async () => {
    const cheap = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    const { id } = await join("old@example.com", "viewer", await signIn());
    await kit.database.rows(sql`update users set password_hash = ${cheap} where id = ${id}`);
    await signIn("old@example.com", "password");
    const [row] = await kit.database.rows<{ hash: string }>(
      sql`select password_hash as hash from users where id = ${id}`,
    );
    expect(row?.hash).toContain("m=64,t=1,p=1");
    await signIn("old@example.com", "password");
  });
});

describe("a session", () => {
  it("is stored as a hash and shown to its own user with device, time and address", async () => {
    const agent = { headers: { "user-agent": "Lynx on a train" } };
    const page = pageOf(await post("/session", { email: ADA.email, password: PASSWORD }, agent));
    const sessions = (await as(page, { path: "/sessions" })).at("data") as Record<string, unknown>[];
    const current = sessions.filter((one) => one.current === true);
    expect(current).toHaveLength(1);
    expect(current[0]).toMatchObject({ user_agent: "Lynx on a train", address: "127.0.0.1", method: "password" });
    const stored = await kit.database.rows(sql`select * from sessions`);
    expect(JSON.stringify(stored)).not.toContain(page.cookie.split("=")[1]);
  });

  it("ends with signing out, at once and for good", async () => {
    const [one, other] = [await signIn(), await signIn()];
    const reply = await as(one, { method: "DELETE", path: "/session" });
    expect(reply.status).toBe(204);
    expect(reply.headers["set-cookie"]).toContain("Max-Age=0");
    expect(await isSignedIn(one)).toBe(false);
    expect(await isSignedIn(other)).toBe(true);
  });

  it("can be ended from another one of the same user, and by nobody else", async () => {
    const [one, other] = [await signIn(), await signIn()];
    const stranger = (await join("stranger@example.com", "admin", one)).page;
    const sessions = (await as(other, { path: "/sessions" })).at("data") as { id: string; current: boolean }[];
    const id = sessions.find((session) => session.current)?.id;
    expect((await as(stranger, { method: "DELETE", path: `/sessions/${id}` })).status).toBe(404);
    expect((await as(one, { method: "DELETE", path: `/sessions/${id}` })).status).toBe(204);
    expect([await isSignedIn(one), await isSignedIn(other)]).toEqual([true, false]);
    expect((await as(one, { method: "DELETE", path: "/sessions" })).status).toBe(204);
    expect(await isSignedIn(one)).toBe(false);
  });

  it("ends after seven days without use, and after thirty whatever its use", async () => {
    const idle = await signIn();
    const used = await signIn();
    kit.clock.advance(7 * 86_400_000 - 1);
    expect(await isSignedIn(used)).toBe(true);
    kit.clock.advance(2);
    expect([await isSignedIn(idle), await isSignedIn(used)]).toEqual([false, true]);
    for (let day = 8; day < 30; day++) {
      expect(await isSignedIn(used), `day ${day}`).toBe(true);
      kit.clock.advance(86_400_000);
    }
    kit.clock.advance(86_400_000);
    expect(await isSignedIn(used)).toBe(false);
  });

  it("ends with a new password, all of them, and the one who changed it has a new one", async () => {
    const admin = await signIn();
    const { page } = await join("changer@example.com", "viewer", admin);
    const other = await signIn("changer@example.com");
    const change = (body: object) => as(page, { method: "POST", path: "/session/password", body });
    expect((await change({ current: "wrong heron quay", new: "walnut heron quay" })).at("error.code")).toBe(
      "SIGN_IN_FAILED",
    );
    expect((await change({ current: PASSWORD, new: "changer@example.com" })).at("error.details.fields.0.path")).toBe(
      "new",
    );
    const fresh = pageOf(await change({ current: PASSWORD, new: "walnut heron quay" }));
    expect([await isSignedIn(page), await isSignedIn(other), await isSignedIn(fresh)]).toEqual([false, false, true]);
    expect((await post("/session", { email: "changer@example.com", password: PASSWORD })).status).toBe(401);
  });

  it("ends when the user gets another role, is disabled, or is removed", async () => {
    const admin = await signIn();
    for (const [name, change] of [
      ["role", { method: "PATCH", body: { role: "responder" } }],
      ["disabled", { method: "PATCH", body: { disabled: true } }],
      ["removed", { method: "DELETE" }],
    ] as const) {
      const { id, page } = await join(`${name}@example.com`, "viewer", admin);
      expect(await isSignedIn(page)).toBe(true);
      const reply = await as(admin, { path: `/users/${id}`, ...change });
      expect(reply.status, reply.text).toBeLessThan(300);
      expect(await isSignedIn(page), name).toBe(false);
    }
    expect(kit.changed.filter(({ kind }) => kind === "user").length).toBeGreaterThanOrEqual(3);
  });

  it("does not count beside a wrong Authorization header, and names its person in the timeline", async () => {
    const page = await signIn();
    const both = { ...page, authorization: `Bearer ${"x".repeat(40)}` };
    expect((await kit.ask({ path: "/session", key: null, headers: both })).status).toBe(401);
    const incident = await as(page, { method: "POST", path: "/incidents", body: { title: "by hand" } });
    await as(page, { method: "POST", path: `/incidents/${incident.str("id")}/acknowledge`, body: {} });
    const timeline = await as(page, { path: `/incidents/${incident.str("id")}/timeline` });
    expect(timeline.at("data.0.actor")).toBe("ada@example.com");
  });
});

describe("people", () => {
  it("are invited by a link that is shown once, works once and expires", async () => {
    const admin = await signIn();
    const { id, url } = await invite("grace@example.com", "responder", admin);
    expect(url).toMatch(/^http:\/\/192\.168\.1\.7:8000\/invite\?token=[\w-]{43}$/);
    const read = await as(admin, { path: `/users/${id}` });
    expect(read.body).toMatchObject({ status: "invited", disabled: false, last_signed_in_at: null });
    expect(read.text).not.toContain(tokenIn(url));
    const accept = { token: tokenIn(url), password: PASSWORD, name: "Grace H." };
    expect((await post("/invites/accept", { ...accept, password: "grace@example.com" })).status).toBe(422);
    const check = () => post("/links/check", { token: accept.token });
    expect((await check()).body).toMatchObject({ purpose: "invite" });
    const both = await Promise.all([post("/invites/accept", accept), post("/invites/accept", accept)]);
    expect(both.map((reply) => reply.status).sort()).toEqual([200, 404]);
    expect((await post("/invites/accept", accept)).at("error.code")).toBe("LINK_NOT_VALID");
    expect((await check()).at("error.code")).toBe("LINK_NOT_VALID");
    expect((await as(admin, { path: `/users/${id}` })).body).toMatchObject({ status: "active", name: "Grace H." });
    const late = await invite("late@example.com", "viewer", admin);
    kit.clock.advance(7 * 86_400_000);
    expect((await post("/invites/accept", { token: tokenIn(late.url), password: PASSWORD })).status).toBe(404);
  });

  it("have one account for each address, and never without an administrator", async () => {
    const admin = await signIn();
    const twice = await as(admin, {
      method: "POST",
      path: "/users",
      body: { name: "b", email: "ADA@Example.com", role: "viewer" },
    });
    expect(twice.at("error.code")).toBe("CONFLICT");
    const people = (await as(admin, { path: "/users?limit=200" })).at("data") as {
      id: string;
      email: string;
      role: string;
    }[];
    const me = people.find((one) => one.email === ADA.email);
    for (const one of people.filter(({ role, email }) => role === "admin" && email !== ADA.email)) {
      expect((await as(admin, { method: "DELETE", path: `/users/${one.id}` })).status).toBe(204);
    }
    await invite("not-there-yet@example.com", "admin", admin);
    for (const change of [
      { method: "DELETE" },
      { method: "PATCH", body: { role: "viewer" } },
      { method: "PATCH", body: { disabled: true } },
    ] as const) {
      const reply = await as(admin, { path: `/users/${me?.id}`, ...change });
      expect(reply.at("error.code")).toBe("CONFLICT");
    }
    expect(await isSignedIn(admin)).toBe(true);
    const stale = { method: "PATCH", path: `/users/${me?.id}`, body: { name: "Ada L." } } as const;
    expect((await kit.ask({ key: null, ...stale, headers: { ...admin, "if-match": '"99"' } })).status).toBe(412);
    expect((await as(admin, stale)).at("name")).toBe("Ada L.");
  });

  it("get a new password by a link that an administrator makes, which ends their sessions", async () => {
    const admin = await signIn();
    const { id, page } = await join("forgetful@example.com", "viewer", admin);
    const reset = () => as(admin, { method: "POST", path: `/users/${id}/reset`, body: {} });
    const first = (await reset()).str("reset_url");
    const url = (await reset()).str("reset_url");
    expect(await isSignedIn(page)).toBe(true);
    expect((await post("/invites/accept", { token: tokenIn(first), password: PASSWORD })).status).toBe(404);
    const fresh = pageOf(await post("/invites/accept", { token: tokenIn(url), password: "walnut heron quay" }));
    expect([await isSignedIn(page), await isSignedIn(fresh)]).toEqual([false, true]);
  });

  it("make keys that say who made them, and may revoke the last admin key", async () => {
    const admin = await signIn();
    const key = await as(admin, { method: "POST", path: "/api-keys", body: { name: "ci", role: "admin" } });
    expect(key.at("created_by")).toMatchObject({ kind: "user", name: "Ada L." });
    expect((await as(admin, { method: "DELETE", path: `/api-keys/${key.str("id")}` })).status).toBe(204);
  });
});
