import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createOidcClient, type OidcSettings } from "../src/api/oidc-client.ts";
import { createManualClock } from "../src/runtime/clock.ts";
import { createEgress, type Egress } from "../src/runtime/egress.ts";
import { createWebSender } from "../src/runtime/egress-fetch.ts";
import { ensureDefaultOrganization } from "../src/store/organizations.ts";
import { insertUser } from "../src/store/users.ts";
import { type ApiKit, createApiKit, type Reply } from "./support/api-kit.ts";
import { type FakeIssuer, startFakeIssuer } from "./support/fake-issuer.ts";

const HERE = "http://192.168.1.7:8000";
const ADA = { sub: "ada", email: "Ada@Example.com", email_verified: true, name: "Ada" };

let kit: ApiKit;
let issuer: FakeIssuer;
let egress: Egress;
let organizationId: string;
// Decides how long what the provider says of itself is believed.
const providerClock = createManualClock(0);
const settings: { -readonly [Name in keyof OidcSettings]: OidcSettings[Name] } = {
  issuer: "",
  clientId: "overwatch",
  clientSecret: "hush hush",
  roleClaim: "groups",
  defaultRole: null,
  allowedDomains: [],
};

beforeAll(async () => {
  // Tokens are judged by the machine's own clock.
  issuer = await startFakeIssuer(Date.now);
  settings.issuer = issuer.url;
  egress = createEgress({ allowCidrs: ["127.0.0.0/8"] });
  const send = createWebSender(egress.send, "identity provider", 5_000);
  const oidc = createOidcClient(settings, send, providerClock);
  kit = await createApiKit({ publicUrl: () => HERE, oidc });
  organizationId = (await ensureDefaultOrganization(kit.database, kit.ids.next(), kit.clock.now())).id;
});
afterEach(() => {
  issuer.faults = {};
  Object.assign(settings, { defaultRole: null, allowedDomains: [] });
});
afterAll(async () => {
  await kit.close();
  await egress.close();
  await issuer.close();
});

const get = (path: string, cookie = ""): Promise<Reply> =>
  kit.ask({ path, key: null, ...(cookie === "" ? {} : { headers: { cookie } }) });
const cookiesOf = (reply: Reply): string =>
  [reply.headers["set-cookie"] ?? []]
    .flat()
    .map((one) => one.split(";", 1)[0])
    .join("; ");

async function start(returnTo = "/incidents"): Promise<{ url: string; cookie: string }> {
  const reply = await get(`/session/oidc/start?return_to=${encodeURIComponent(returnTo)}`);
  expect(reply.status, reply.text).toBe(302);
  return { url: reply.headers.location ?? "", cookie: cookiesOf(reply) };
}

/** Signs in as a browser would; answers where it ends. */
async function signIn(claims: object, returnTo?: string): Promise<Reply> {
  const { url, cookie } = await start(returnTo);
  const back = new URL(issuer.authorize(url, { ...claims }));
  return get(`${back.pathname}${back.search}`, cookie);
}

async function addUser(email: string, role: "admin" | "viewer", more: object = {}): Promise<string> {
  const now = kit.clock.now();
  const id = kit.ids.next();
  const unset = { passwordHash: null, oidcIssuer: null, oidcSubject: null, disabledAt: null, lastSignedInAt: null };
  const user = { organizationId, id, name: email, email, role, ...unset, createdAt: now, updatedAt: now, version: 1 };
  await insertUser(kit.database, { ...user, ...more });
  return id;
}

describe("signing in at an identity provider", () => {
  it("is offered with what the sign-in page needs", async () => {
    const { host } = new URL(issuer.url);
    expect((await get("/session/methods")).body).toEqual({
      methods: [{ type: "password" }, { type: "oidc", name: host, start_url: "/api/v1/session/oidc/start" }],
    });
  });

  it("asks with a code challenge, a state and a nonce, which the browser keeps sealed", async () => {
    const { url, cookie } = await start();
    const asked = new URL(url).searchParams;
    expect(asked.get("redirect_uri")).toBe(`${HERE}/api/v1/session/oidc/callback`);
    expect(asked.get("response_type")).toBe("code");
    for (const name of ["state", "nonce", "code_challenge"]) {
      expect(asked.get(name)?.length, name).toBeGreaterThan(30);
      expect(cookie).not.toContain(asked.get(name));
    }
  });

  it("lets in who was invited, links the account by the verified address, and leads back", async () => {
    const id = await addUser("ada@example.com", "viewer");
    const reply = await signIn(ADA, "/incidents?status=open");
    expect(reply.headers.location).toBe("/incidents?status=open");
    const session = await get("/session", cookiesOf(reply));
    expect(session.at("user")).toMatchObject({ id, email: "ada@example.com", role: "viewer" });
    // From then on the provider's own name for the person counts, whatever the address.
    const moved = await signIn({ ...ADA, email: "ada.l@example.com" });
    expect((await get("/session", cookiesOf(moved))).at("user.id")).toBe(id);
    const audit = await kit.ask({ path: "/audit?action=session.sign_in", key: kit.home.keys.admin });
    expect(audit.status).toBe(200);
  });

  it("follows the configured claim for the role, and keeps the last administrator", async () => {
    await addUser("grace@example.com", "viewer");
    const grace = { sub: "grace", email: "grace@example.com", email_verified: true };
    const role = async (groups: unknown) =>
      (await get("/session", cookiesOf(await signIn({ ...grace, groups })))).at("user.role");
    expect(await role(["staff", "admin"])).toBe("admin");
    expect(await role(["viewer"])).toBe("admin");
    await addUser("other@example.com", "admin", { oidcIssuer: "x", oidcSubject: "y" });
    expect(await role(["viewer"])).toBe("viewer");
    expect(await role(undefined)).toBe("viewer");
  });

  it("makes accounts only where a default role is configured, and only for allowed domains", async () => {
    const joan = { sub: "joan", email: "joan@corp.example", email_verified: true, name: "Joan" };
    expect((await signIn(joan)).headers.location).toBe("/sign-in?error=not_invited");
    Object.assign(settings, { defaultRole: "responder", allowedDomains: ["example.com"] });
    expect((await signIn(joan)).headers.location).toBe("/sign-in?error=domain_not_allowed");
    settings.allowedDomains = ["corp.example"];
    const reply = await signIn(joan);
    expect((await get("/session", cookiesOf(reply))).at("user")).toMatchObject({ name: "Joan", role: "responder" });
  });

  it("refuses an address that the provider does not vouch for, a disabled account, and one linked to somebody else", async () => {
    await addUser("bob@example.com", "admin");
    const bob = { sub: "bob", email: "bob@example.com" };
    expect((await signIn(bob)).headers.location).toBe("/sign-in?error=email_not_verified");
    expect((await signIn({ ...bob, email_verified: true })).headers.location).toBe("/incidents");
    const other = { ...bob, sub: "bob-2", email_verified: true };
    expect((await signIn(other)).headers.location).toBe("/sign-in?error=linked_to_another");
    await addUser("carol@example.com", "viewer");
    const [carol] = await kit.database.rows<{ id: string }>({
      text: "update users set disabled_at = now() where email = $1 returning id",
      values: ["carol@example.com"],
    });
    expect(carol).toBeDefined();
    const disabled = await signIn({ sub: "carol", email: "carol@example.com", email_verified: true });
    expect(disabled.headers.location).toBe("/sign-in?error=disabled");
    expect(cookiesOf(disabled)).not.toContain("overwatch_session");
  });

  it.each([
    ["a wrong nonce", { nonce: "x".repeat(43) }],
    ["another client's token", { aud: "somebody" }],
    ["another issuer's token", { iss: "https://evil.example" }],
    ["a forged signature", { isForged: true }],
  ])("refuses %s", async (_what, faults) => {
    issuer.faults = faults;
    const reply = await signIn(ADA);
    expect(reply.headers.location).toBe("/sign-in?error=refused");
    expect(cookiesOf(reply)).not.toContain("overwatch_session");
  });

  it("says that the provider is away when it gives no answer, before and after somebody was there", async () => {
    const begun = await start();
    const back = new URL(issuer.authorize(begun.url, ADA));
    issuer.faults = { isAway: true };
    const reply = await get(`${back.pathname}${back.search}`, begun.cookie);
    expect(reply.headers.location).toBe("/sign-in?error=provider_unavailable");
    expect(cookiesOf(reply)).not.toContain("overwatch_session");
    providerClock.advance(3_600_001);
    expect((await get("/session/oidc/start")).headers.location).toBe("/sign-in?error=provider_unavailable");
  });

  it("refuses another browser's attempt, a wrong state, a code used twice, and one that took too long", async () => {
    const one = await start();
    const other = await start();
    const back = new URL(issuer.authorize(one.url, ADA));
    const path = `${back.pathname}${back.search}`;
    expect((await get(path)).headers.location).toBe("/sign-in?error=attempt_expired");
    expect((await get(path, "overwatch_oidc=forged")).headers.location).toBe("/sign-in?error=attempt_expired");
    expect((await get(path, other.cookie)).headers.location).toBe("/sign-in?error=refused");
    expect((await get(path, one.cookie)).headers.location).toBe("/incidents");
    expect((await get(path, one.cookie)).headers.location).toBe("/sign-in?error=refused");
    const late = await start();
    const lateBack = new URL(issuer.authorize(late.url, ADA));
    kit.clock.advance(600_001);
    expect((await get(`${lateBack.pathname}${lateBack.search}`, late.cookie)).headers.location).toBe(
      "/sign-in?error=attempt_expired",
    );
  });

  it("leads to no other site", async () => {
    expect((await signIn(ADA, "//evil.example/")).headers.location).toBe("/");
    expect((await signIn(ADA, "https://evil.example/")).headers.location).toBe("/");
  });

  it("does not reach an issuer that the egress guard refuses", async () => {
    const guarded = createEgress({ allowCidrs: [] });
    const client = createOidcClient(settings, createWebSender(guarded.send, "p", 5_000), createManualClock(0));
    await expect(client.begin(HERE)).rejects.toThrow();
    await guarded.close();
  });
});
