import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { Resolution } from "../src/runtime/egress/resolver.ts";
import { createEgress, type Egress, type EgressOptions, type EgressRequest } from "../src/runtime/egress.ts";
import { type ForwardProxy, startForwardProxy } from "./support/forward-proxy.ts";
import { type Receiver, type ReceiverOptions, startReceiver } from "./support/receiver.ts";

const pem = (name: string): string => readFileSync(join(import.meta.dirname, "support/tls", `${name}.pem`), "utf8");
const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function receiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const started = await startReceiver(options);
  closers.push(started.close);
  return started;
}

async function forwardProxy(options: Parameters<typeof startForwardProxy>[0] = {}): Promise<ForwardProxy> {
  const started = await startForwardProxy(options);
  closers.push(started.close);
  return started;
}

const NAMES: Readonly<Record<string, readonly string[]>> = {
  "hooks.example.com": ["93.184.216.34"],
  "receiver.test": ["93.184.216.34"],
  "inside.example.com": ["10.0.0.1"],
};

/** Names mean public addresses here, which only the proxy turns into this machine. */
const resolve = async (host: string): Promise<Resolution> => {
  const addresses = NAMES[host];
  if (addresses === undefined) return { ok: false, isUnknown: true, message: "the host name does not resolve" };
  return { ok: true, addresses };
};

function egress(proxy: string, options: Partial<EgressOptions> = {}): Egress {
  const made = createEgress({ allowCidrs: [], resolve, extraAuthorities: [pem("authority")], proxy, ...options });
  closers.push(made.close);
  return made;
}

const post = (url: string, more: Partial<EgressRequest> = {}): EgressRequest => ({
  url,
  method: "POST",
  headers: { "x-team": "ops" },
  body: "{}",
  timeoutMs: 5_000,
  ...more,
});

test("plain HTTP goes to the proxy with the whole URL, and the receiver never sees the proxy's credentials", async () => {
  const [target, proxy] = [await receiver(), await forwardProxy()];
  const out = egress(proxy.url.replace("//", "//ops:s%20ecret@"));
  const url = `http://hooks.example.com:${target.port}/in?x=1`;
  expect(await out.send(post(url))).toMatchObject({ ok: true, timing: { tls_ms: null, dns_ms: expect.any(Number) } });
  const authorization = `Basic ${Buffer.from("ops:s ecret").toString("base64")}`;
  expect(proxy.asked).toEqual([{ line: `POST ${url}`, authorization }]);
  const [request] = target.requests;
  expect(request).toMatchObject({ url: "/in?x=1", headers: { host: `hooks.example.com:${target.port}` } });
  expect(request?.headers["proxy-authorization"]).toBeUndefined();
});

test("https goes through a tunnel, and the certificate is that of the receiver", async () => {
  const tls = { key: pem("receiver-key"), cert: pem("valid") };
  const [target, proxy] = [await receiver({ tls }), await forwardProxy()];
  const out = egress(proxy.url.replace("//", "//ops:secret@"));
  const outcome = await out.send(post(`https://receiver.test:${target.port}/in`));
  expect(outcome).toMatchObject({ ok: true, timing: { tls_ms: expect.any(Number) } });
  expect(proxy.asked.map(({ line }) => line)).toEqual([`CONNECT receiver.test:${target.port}`]);
  expect(target.requests[0]?.headers["proxy-authorization"]).toBeUndefined();
  const wrong = await out.send(post(`https://hooks.example.com:${target.port}/in`));
  expect(wrong).toMatchObject({ ok: false, reason: "tls", message: expect.stringContaining("does not match") });
});

test("a name that only the proxy knows is left to it", async () => {
  const [target, proxy] = [await receiver(), await forwardProxy()];
  const out = egress(proxy.url);
  expect((await out.send(post(`http://unknown-here.example.com:${target.port}/`))).ok).toBe(true);
  expect(proxy.asked).toHaveLength(1);
});

test.each([
  "http://169.254.169.254/latest",
  "http://10.0.0.1/",
  "https://[::ffff:10.0.0.1]/",
  "http://2130706433/",
  "https://inside.example.com/",
  "http://metadata.google.internal/",
  "http://receiver/",
  "https://localhost/",
  "http://hooks.example.com:6379/",
])("%s is refused before the proxy hears of it", async (url) => {
  const proxy = await forwardProxy();
  const out = egress(proxy.url);
  expect(await out.send(post(url))).toMatchObject({ ok: false, reason: "blocked_address" });
  expect((await out.judgeUrl(url)).ok).toBe(false);
  expect(proxy.openConnections()).toBe(0);
});

test.each([
  [{ refuse: 403 }, "connect", "answered 403"],
  [{ refuse: 407 }, "connect", "OVERWATCH_EGRESS_PROXY"],
  [{ early: true }, "connect", "more than an answer"],
  [{ isSilent: true }, "timeout", "open a tunnel"],
] as const)("a proxy with %j is a failure of the kind %s", async (options, reason, words) => {
  const tls = { key: pem("receiver-key"), cert: pem("valid") };
  const [target, proxy] = [await receiver({ tls }), await forwardProxy(options)];
  const out = egress(proxy.url, { connectTimeoutMs: 200 });
  const outcome = await out.send(post(`https://receiver.test:${target.port}/`));
  expect(outcome).toMatchObject({ ok: false, reason, message: expect.stringContaining(words) });
  expect(target.requests).toEqual([]);
});

test("a request takes the proxy that it names, or none, and connections are not shared between them", async () => {
  const target = await receiver();
  const [everybody, eu] = [await forwardProxy(), await forwardProxy()];
  const out = egress(everybody.url, {
    proxies: { eu: eu.url.replace("//", "//ops:secret@"), lan: "direct" },
    allowCidrs: ["127.0.0.0/8"],
  });
  const url = `http://hooks.example.com:${target.port}/`;
  const asked = () => [everybody.asked.length, eu.asked.length];
  for (const proxy of [undefined, "eu", undefined, "eu"]) {
    expect((await out.send(post(url, { poolKey: "endpoint", ...(proxy === undefined ? {} : { proxy }) }))).ok).toBe(
      true,
    );
  }
  expect(asked()).toEqual([2, 2]);
  expect(eu.asked.every(({ authorization }) => authorization !== undefined)).toBe(true);
  expect(out.openPools()).toBe(2);
  expect((await out.send(post(`${target.url}/direct`, { proxy: "lan" }))).ok).toBe(true);
  expect(asked(), "nobody was asked").toEqual([2, 2]);
});

test("https of a named proxy goes through its tunnel, and the guard refuses before it hears of it", async () => {
  const tls = { key: pem("receiver-key"), cert: pem("valid") };
  const [target, eu] = [await receiver({ tls }), await forwardProxy()];
  const out = createEgress({ allowCidrs: [], resolve, extraAuthorities: [pem("authority")], proxies: { eu: eu.url } });
  closers.push(out.close);
  const sent = await out.send(post(`https://receiver.test:${target.port}/in`, { proxy: "eu" }));
  expect(sent).toMatchObject({ ok: true, timing: { tls_ms: expect.any(Number) } });
  expect(eu.asked.map(({ line }) => line)).toEqual([`CONNECT receiver.test:${target.port}`]);
  for (const url of ["http://10.0.0.1/", "http://169.254.169.254/latest", "https://inside.example.com/"]) {
    expect(await out.send(post(url, { proxy: "eu" }))).toMatchObject({ ok: false, reason: "blocked_address" });
  }
  expect(eu.asked).toHaveLength(1);
});

test.each(["us", "constructor", "__proto__"])(
  "a proxy called %s that nobody has named is no way out",
  async (proxy) => {
    const target = await receiver();
    const out = egress((await forwardProxy()).url, { proxies: { lan: "direct" }, allowCidrs: ["127.0.0.0/8"] });
    const outcome = await out.send(post(`${target.url}/`, { proxy }));
    expect(outcome).toMatchObject({ ok: false, reason: "connect", message: expect.stringContaining(proxy) });
    expect(target.requests).toEqual([]);
  },
);

test("a named proxy that asks for other credentials says by which setting it got them", async () => {
  const eu = await forwardProxy({ refuse: 407 });
  const out = createEgress({ allowCidrs: [], resolve, proxies: { eu: eu.url } });
  closers.push(out.close);
  const outcome = await out.send(post("https://hooks.example.com/", { proxy: "eu" }));
  expect(outcome).toMatchObject({ ok: false, message: expect.stringContaining("OVERWATCH_EGRESS_PROXIES (eu)") });
});

test("a proxy that is away or unknown is a failure that is not blamed on the receiver", async () => {
  const gone = await startForwardProxy();
  await gone.close();
  expect(await egress(gone.url).send(post("https://hooks.example.com/"))).toMatchObject({
    ok: false,
    reason: "connect",
  });
  expect(await egress("http://proxy.example.com:3128").send(post("https://hooks.example.com/"))).toMatchObject({
    ok: false,
    reason: "dns",
    message: expect.stringContaining("The proxy proxy.example.com"),
  });
});

test.each(["https://proxy.example.com", "socks5://127.0.0.1:1080", "127.0.0.1:3128", "http://127.0.0.1:3128/path"])(
  "%s is no proxy: the egress is not made, and the message does not quote it",
  (proxy) => {
    expect(() => createEgress({ allowCidrs: [], proxy })).toThrow(/OVERWATCH_EGRESS_PROXY must be/);
  },
);
