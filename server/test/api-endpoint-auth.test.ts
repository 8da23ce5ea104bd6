import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiKit, createApiKit, type Reply } from "./support/api-kit.ts";

const pem = (name: string): string => readFileSync(join(import.meta.dirname, "support/tls", `${name}.pem`), "utf8");

let kit: ApiKit;
beforeAll(async () => {
  kit = await createApiKit();
});
afterAll(() => kit.close());

const URL_HERE = "https://hooks.example.com/in";
const create = (body: object) =>
  kit.ask({ method: "POST", path: "/endpoints", body: { name: "e", url: URL_HERE, ...body } });
const patch = (reply: Reply, body: object) => kit.ask({ method: "PATCH", path: `/endpoints/${reply.str("id")}`, body });
const pathsOf = (reply: Reply) =>
  ((reply.at("error.details.fields") as { path: string }[]) ?? []).map((field) => field.path);

const OAUTH = {
  type: "oauth2_client_credentials",
  token_url: "https://login.example.com/token",
  client_id: "ops",
  client_secret: "canary-client-secret",
};
const certificate = () => ({ certificate: pem("client"), key: pem("client-key") });

describe("the auth of an endpoint", () => {
  it.each([
    [{ type: "bearer", token: "canary-token" }, { type: "bearer" }],
    [
      { type: "basic", username: "ops", password: "canary-password" },
      { type: "basic", username: "ops" },
    ],
    [
      { ...OAUTH, scope: "a b" },
      {
        type: "oauth2_client_credentials",
        token_url: "https://login.example.com/token",
        client_id: "ops",
        scope: "a b",
        auth_style: "header",
      },
    ],
  ])("%j is shown as %j", async (auth, shown) => {
    const made = await create({ auth });
    expect(made.status).toBe(201);
    expect(made.at("auth")).toEqual(shown);
    expect(made.text).not.toContain("canary");
    const sealed = await kit.database.rows({
      text: "select ciphertext from secrets where purpose = 'auth'",
      values: [],
    });
    expect(sealed.length).toBeGreaterThan(0);
    expect(JSON.stringify(sealed)).not.toContain(Buffer.from("canary").toString("hex"));
    const removed = await patch(made, { auth: null });
    expect(removed.at("auth")).toBeNull();
  });

  it("stands on an integration's webhook as well", async () => {
    const made = await kit.ask({
      method: "POST",
      path: "/integrations",
      body: {
        name: "i",
        platform: "custom",
        webhook_config: { url: URL_HERE, auth: OAUTH, client_certificate: certificate() },
      },
    });
    expect(made.status).toBe(201);
    expect(made.at("webhook_config.auth.client_id")).toBe("ops");
    expect(made.at("webhook_config.client_certificate.subject")).toContain("CN=overwatch");
    const path = `/integrations/${made.str("id")}`;
    const body = { webhook_config: { auth: { ...OAUTH, token_url: "https://internal.example/t" } } };
    const refused = await kit.ask({ method: "PATCH", path, body });
    expect(refused.at("error.details.fields.0.path")).toBe("webhook_config.auth.token_url");
  });

  it.each([
    [{ auth: { type: "bearer" } }, "auth.token"],
    [{ auth: { type: "bearer", token: "a b" } }, "auth.token"],
    [{ auth: { type: "bearer", token: "a\r\nX: b" } }, "auth.token"],
    [{ auth: { type: "basic", username: "a:b", password: "x" } }, "auth.username"],
    [{ auth: { type: "basic", username: "a" } }, "auth.password"],
    [{ auth: { ...OAUTH, client_secret: undefined } }, "auth.client_secret"],
    [{ auth: { ...OAUTH, token_url: "ftp://login.example.com/" } }, "auth.token_url"],
    [{ auth: { ...OAUTH, token_url: "https://login.example.com/{{ incident.id }}" } }, "auth.token_url"],
    [{ auth: { ...OAUTH, auth_style: "query" } }, "auth.auth_style"],
    [{ auth: { type: "bearer", token: "t", extra: 1 } }, "auth.extra"],
    [{ auth: { type: "bearer", token: "t" }, headers: { AUTHORIZATION: "x" } }, "headers.AUTHORIZATION"],
    [{ client_certificate: { certificate: "x", key: pem("client-key") } }, "client_certificate.certificate"],
    [{ client_certificate: { certificate: pem("client"), key: "x" } }, "client_certificate.key"],
    [{ client_certificate: { certificate: pem("client"), key: pem("receiver-key") } }, "client_certificate.key"],
    [{ client_certificate: { ...certificate(), ca: "x" } }, "client_certificate.ca"],
  ])("is refused with %j and told that %s is wrong", async (body, path) => {
    const refused = await create(body);
    expect(refused.status).toBe(422);
    expect(pathsOf(refused)).toContain(path);
    expect(refused.text).not.toMatch(/PRIVATE KEY|canary/);
  });

  it("is refused where the token endpoint may not be called", async () => {
    const auth = { ...OAUTH, token_url: "https://internal.example/token" };
    const refused = await create({ auth });
    expect(refused.body).toMatchObject({
      error: { code: "ADDRESS_NOT_ALLOWED", details: { fields: [{ path: "auth.token_url" }] } },
    });
    const made = await create({ auth: OAUTH });
    expect((await patch(made, { auth })).at("error.code")).toBe("ADDRESS_NOT_ALLOWED");
  });

  it("keeps its secret through a change that leaves it out, unless it would go to another host", async () => {
    const made = await create({ auth: OAUTH });
    const { client_secret: _secret, ...shown } = OAUTH;
    const changed = await patch(made, { auth: { ...shown, scope: "new", token_url: "https://login.example.com/v2" } });
    expect(changed.at("auth.scope")).toBe("new");
    const moved = { ...shown, token_url: "https://login.elsewhere.example/token" };
    expect(pathsOf(await patch(made, { auth: moved }))).toEqual(["auth.client_secret"]);
    expect((await patch(made, { auth: { ...moved, client_secret: "again" } })).status).toBe(200);
    expect(pathsOf(await patch(made, { auth: { type: "bearer" } }))).toEqual(["auth.token"]);
  });

  it("is asked for again before it goes to another host, as is the client certificate", async () => {
    const auth = { type: "basic", username: "ops", password: "canary-password" };
    const made = await create({ auth, client_certificate: certificate() });
    const url = "https://elsewhere.example/in";
    expect(pathsOf(await patch(made, { url })).sort()).toEqual(["auth", "client_certificate"]);
    const half = { url, auth: { type: "basic", username: "ops" }, client_certificate: null };
    expect(pathsOf(await patch(made, half))).toEqual(["auth.password"]);
    expect((await patch(made, { url, auth, client_certificate: certificate() })).status).toBe(200);
    expect((await patch(made, { url: "https://elsewhere.example/other" })).status).toBe(200);
  });

  it("goes when it would be set beside a header of its own", async () => {
    const made = await create({ headers: { Authorization: "Bearer literal" } });
    expect(pathsOf(await patch(made, { auth: OAUTH }))).toEqual(["headers.Authorization"]);
    expect((await patch(made, { auth: OAUTH, headers: {} })).status).toBe(200);
    expect(pathsOf(await patch(made, { headers: { authorization: "x" } }))).toEqual(["headers.authorization"]);
  });
});

describe("the client certificate of an endpoint", () => {
  it("is shown by its names, fingerprint and end, and its key never", async () => {
    const made = await create({ client_certificate: { ...certificate(), ca: pem("authority") } });
    expect(made.at("client_certificate")).toEqual({
      subject: "O=Overwatch tests, CN=overwatch",
      issuer: "CN=Client Authority",
      fingerprint_sha256: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/),
      expires_at: expect.stringMatching(/^21/),
      has_ca: true,
      warning: null,
    });
    expect(made.text).not.toContain("PRIVATE");
    expect((await patch(made, { client_certificate: null })).at("client_certificate")).toBeNull();
  });

  it("that has expired is taken with a warning", async () => {
    const made = await create({ client_certificate: { ...certificate(), certificate: pem("client-expired") } });
    expect(made.status).toBe(201);
    expect(made.str("client_certificate.warning")).toContain("has expired");
  });
});
