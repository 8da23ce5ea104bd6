import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createEgress } from "../src/runtime/egress.ts";
import { createDeliveryKit, type DeliveryKit } from "./support/delivery-kit.ts";
import { startForwardProxy } from "./support/forward-proxy.ts";
import { type Receiver, type ReceiverOptions, startReceiver } from "./support/receiver.ts";

const pem = (name: string): string => readFileSync(join(import.meta.dirname, "support/tls", `${name}.pem`), "utf8");
const receivers: Receiver[] = [];
let kit: DeliveryKit;
let target: Receiver;
let issuer: Receiver;

beforeAll(async () => {
  kit = await createDeliveryKit();
});

afterAll(async () => {
  for (const receiver of receivers) await receiver.close();
  await kit.close();
});

async function receiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const started = await startReceiver(options);
  receivers.push(started);
  return started;
}

beforeEach(async () => {
  [target, issuer] = [await receiver(), await receiver()];
  await kit.database.rows({
    text: "truncate deliveries, events, attempts, circuits, secrets, endpoints cascade",
    values: [],
  });
});

const CLIENT = { client_id: "ops team", client_secret: "s3cret/+: words" };
const oauth = (more: object = {}) => ({
  type: "oauth2_client_credentials" as const,
  token_url: `${issuer.url}/token`,
  auth_style: "header" as const,
  ...CLIENT,
  ...more,
});

/** Answers tokens `token-1`, `token-2`, … that live so many seconds. */
const issue = (expires_in?: unknown) =>
  issuer.respondWith(({ index }) => ({
    status: 200,
    body: JSON.stringify({ access_token: `token-${index + 1}-visible`, token_type: "bearer", expires_in }),
  }));

const authorizations = () => target.requests.map((request) => request.headers.authorization);
const formOf = (index = 0) => Object.fromEntries(new URLSearchParams(issuer.requests[index]?.body.toString()));

async function deliver(): Promise<void> {
  await kit.makeEvent("incident.created");
  await kit.makeDeliverer().runOnce();
}

test("a delivery and the token that it needs take the proxy of its endpoint, and fail while nobody has named it", async () => {
  issue(3_600);
  const eu = await startForwardProxy();
  const egress = createEgress({ allowCidrs: ["127.0.0.0/8"], now: kit.clock.now, proxies: { eu: eu.url } });
  const deliverer = kit.makeDeliverer(undefined, undefined, { egress });
  try {
    await kit.makeEndpoint({ url: `${target.url}/in`, auth: oauth(), proxy: "eu" });
    await kit.makeEvent("incident.created");
    await deliverer.runOnce();
    expect(eu.asked.map(({ line }) => line)).toEqual([`POST ${issuer.url}/token`, `POST ${target.url}/in`]);
    expect(authorizations()).toEqual(["Bearer token-1-visible"]);
    const { endpoint } = await kit.makeEndpoint({ url: `${target.url}/other`, proxy: "us" });
    await kit.makeEvent("incident.updated");
    await deliverer.runOnce();
    const [failed] = (await kit.deliveries()).filter((row) => row.endpoint_id === endpoint.id);
    expect(failed).toMatchObject({ status: "pending", last_error: { reason: "connect" } });
    expect(failed?.last_error?.message).toContain("us is not among OVERWATCH_EGRESS_PROXIES");
    expect(target.requests.filter((request) => request.url === "/other")).toEqual([]);
  } finally {
    await egress.close();
    await eu.close();
  }
});

describe("a delivery with authentication", () => {
  test("carries a bearer token, which nothing that is kept shows", async () => {
    target.respondWith(({ headers }) => ({ status: 200, body: `you sent ${headers.authorization}` }));
    await kit.makeEndpoint({ url: target.url, auth: { type: "bearer", token: "bearer-canary-1" } });
    await deliver();
    expect(authorizations()).toEqual(["Bearer bearer-canary-1"]);
    const [attempt] = await kit.attempts();
    expect(attempt?.reason).toBeNull();
    expect(attempt?.request).toMatchObject({ headers: { authorization: "***" } });
    expect(attempt?.response).toMatchObject({ body: "you sent Bearer ***" });
    expect(JSON.stringify(attempt)).not.toContain("canary");
  });

  test("carries a user name and a password in UTF-8", async () => {
    target.respondWith(({ headers }) => ({ status: 401, body: `not ${headers.authorization}` }));
    await kit.makeEndpoint({ url: target.url, auth: { type: "basic", username: "ops", password: "pä:ss word" } });
    await deliver();
    const encoded = Buffer.from("ops:pä:ss word").toString("base64");
    expect(authorizations()).toEqual([`Basic ${encoded}`]);
    expect(JSON.stringify(await kit.attempts())).not.toContain(encoded);
  });

  test.each([
    ["header", { scope: "alerts:write", audience: "https://api.example" }],
    ["body", {}],
  ] as const)("fetches a token with the client's credentials in the %s", async (auth_style, more) => {
    issue(3_600);
    await kit.makeEndpoint({ url: target.url, auth: oauth({ auth_style, ...more }) });
    await deliver();
    expect(authorizations()).toEqual(["Bearer token-1-visible"]);
    const [request] = issuer.requests;
    expect(request).toMatchObject({
      method: "POST",
      url: "/token",
      headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
    });
    const inHeader = `Basic ${Buffer.from("ops+team:s3cret%2F%2B%3A+words").toString("base64")}`;
    expect(request?.headers.authorization).toBe(auth_style === "header" ? inHeader : undefined);
    expect(formOf()).toEqual({
      grant_type: "client_credentials",
      ...(auth_style === "body" ? CLIENT : {}),
      ...more,
    });
    expect(JSON.stringify(await kit.attempts())).not.toMatch(/token-1-visible|s3cret/);
  });

  test("fetches one token for many deliveries at once and keeps it until a minute before it ends", async () => {
    issue(600);
    await kit.makeEndpoint({ url: target.url, auth: oauth() });
    const deliverer = kit.makeDeliverer();
    for (let count = 0; count < 5; count += 1) await kit.makeEvent("incident.created");
    await deliverer.runOnce();
    expect([target.requests.length, issuer.requests.length]).toEqual([5, 1]);
    kit.clock.advance(539_000);
    await kit.makeEvent("incident.created");
    await deliverer.runOnce();
    expect(issuer.requests).toHaveLength(1);
    kit.clock.advance(1_000);
    await kit.makeEvent("incident.created");
    await deliverer.runOnce();
    expect(authorizations().slice(-2)).toEqual(["Bearer token-1-visible", "Bearer token-2-visible"]);
  });

  test.each([
    ["is not said", undefined, 240_000],
    ["is text", "100", 80_000],
    ["is nonsense", "soon", 240_000],
  ])("takes a token whose life %s to live a while", async (_what, expiresIn, usableMs) => {
    issue(expiresIn);
    await kit.makeEndpoint({ url: target.url, auth: oauth() });
    const deliverer = kit.makeDeliverer();
    await kit.makeEvent("incident.created");
    await deliverer.runOnce();
    kit.clock.advance(usableMs - 1);
    await kit.makeEvent("incident.created");
    await deliverer.runOnce();
    expect(issuer.requests).toHaveLength(1);
    kit.clock.advance(1);
    await kit.makeEvent("incident.created");
    await deliverer.runOnce();
    expect(issuer.requests).toHaveLength(2);
  });

  test("replaces a kept token that the receiver refuses, once and within the same attempt", async () => {
    issue(3_600);
    await kit.makeEndpoint({ url: target.url, auth: oauth() });
    const deliverer = kit.makeDeliverer();
    await kit.makeEvent("incident.created");
    await deliverer.runOnce();
    target.respondWith(({ headers }) => ({ status: headers.authorization === "Bearer token-2-visible" ? 200 : 401 }));
    await kit.makeEvent("incident.created");
    await deliverer.runOnce();
    expect(authorizations()).toEqual(["Bearer token-1-visible", "Bearer token-1-visible", "Bearer token-2-visible"]);
    const attempts = await kit.attempts();
    expect(attempts.map(({ number, reason }) => [number, reason])).toEqual([
      [1, null],
      [1, null],
    ]);
    const [, refused, accepted] = target.requests;
    expect(accepted?.headers["webhook-id"]).toBe(refused?.headers["webhook-id"]);

    target.respondWith({ status: 401 });
    await kit.makeEvent("incident.created");
    await deliverer.runOnce();
    expect(authorizations().slice(3)).toEqual(["Bearer token-2-visible", "Bearer token-3-visible"]);
    expect((await kit.attempts()).at(-1)).toMatchObject({ reason: "client_error", status_code: 401 });
  });

  test.each([
    ["refuses the client", { status: 401, body: '{"error":"invalid_client"}' }, "401 (invalid_client)"],
    ["answers no JSON", { status: 200, body: "<html>" }, "no access_token"],
    ["answers no token", { status: 200, body: '{"token":"x"}' }, "no access_token"],
    ["answers a token that would add a header", { status: 200, body: '{"access_token":"a\\r\\nX: b"}' }, "header"],
    ["answers another kind", { status: 200, body: '{"access_token":"a","token_type":"mac"}' }, "Bearer"],
    ["redirects", { status: 302, headers: { location: "http://127.0.0.1/" } }, "redirect"],
  ])("fails as token where the token endpoint %s, and the receiver hears nothing", async (_what, answer, words) => {
    issuer.respondWith(answer);
    await kit.makeEndpoint({ url: target.url, auth: oauth() });
    await deliver();
    const [attempt] = await kit.attempts();
    expect(attempt).toMatchObject({ reason: "token", status_code: null, message: expect.stringContaining(words) });
    expect(attempt?.message).toContain(`127.0.0.1:${issuer.port}`);
    expect((await kit.deliveries())[0]).toMatchObject({ status: "pending" });
    expect(target.connections()).toBe(0);
    issue(60);
    kit.clock.advance(2_000);
    await kit.makeDeliverer().runOnce();
    expect((await kit.deliveries())[0]).toMatchObject({ status: "succeeded" });
  });

  test("never fetches a token from an address that may not be called, or later than its deadline", async () => {
    await kit.makeEndpoint({ url: target.url, auth: oauth({ token_url: "http://169.254.169.254/token" }) });
    await deliver();
    expect((await kit.attempts())[0]).toMatchObject({
      reason: "token",
      message: expect.stringContaining("blocked_address"),
    });
    await kit.database.rows({
      text: "truncate deliveries, events, attempts, circuits, secrets, endpoints cascade",
      values: [],
    });
    issuer.respondWith("hang");
    await kit.makeEndpoint({ url: target.url, timeoutSeconds: 0.1, auth: oauth() });
    await deliver();
    expect((await kit.attempts())[0]).toMatchObject({ reason: "token", message: expect.stringContaining("timeout") });
    expect(target.connections()).toBe(0);
  });

  test("shows its client certificate to a receiver that asks, and trusts only the authority that came with it", async () => {
    const tls = { key: pem("receiver-key"), cert: pem("valid"), clientAuthority: pem("client-authority") };
    const strict = await receiver({ tls });
    const own = { certificate: pem("client"), key: pem("client-key"), ca: pem("authority") };
    await kit.makeEndpoint({ url: `${strict.url}/good`, clientCertificate: own });
    await kit.makeEndpoint({
      url: `${strict.url}/expired`,
      clientCertificate: { ...own, certificate: pem("client-expired") },
    });
    await kit.makeEndpoint({
      url: `${strict.url}/distrusting`,
      clientCertificate: { ...own, ca: pem("client-authority") },
    });
    await deliver();
    const attempts = await kit.attempts();
    // A receiver on Node closes the connection without a word when it refuses a certificate.
    expect(attempts.map((attempt) => attempt.reason)).toEqual([null, "reset", "tls"]);
    expect(attempts[2]?.message).toContain("certificate");
    expect(strict.requests.map((request) => request.url)).toEqual(["/good"]);
  });
});
