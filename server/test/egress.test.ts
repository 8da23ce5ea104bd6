import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { createEgress, type Egress, type EgressOptions, type EgressRequest } from "../src/runtime/egress.ts";
import { type Receiver, type ReceiverOptions, startReceiver } from "./support/receiver.ts";

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function receiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const started = await startReceiver(options);
  closers.push(started.close);
  return started;
}

function egress(options: Partial<EgressOptions> = {}): Egress {
  const made = createEgress({ allowCidrs: ["127.0.0.0/8"], ...options });
  closers.push(made.close);
  return made;
}

const post = (url: string, more: Partial<EgressRequest> = {}): EgressRequest => ({
  url,
  method: "POST",
  headers: { "content-type": "application/json" },
  body: '{"a":1}',
  timeoutMs: 5_000,
  ...more,
});

describe("a request", () => {
  test("arrives byte for byte as it was given, asking for an answer that is not compressed", async () => {
    const target = await receiver();
    const body = Buffer.from([0x7b, 0x22, 0xff, 0x00, 0x7d]);
    const outcome = await egress().send(
      post(`${target.url}/hooks/a%20b?x=1#part`, {
        method: "PUT",
        headers: { "X-Team": "ops", "Accept-Encoding": "br" },
        body,
      }),
    );
    const [request] = target.requests;
    expect(outcome).toMatchObject({
      ok: true,
      status: 200,
      body: "{}",
      headers: { "content-type": "application/json" },
    });
    expect(request).toMatchObject({ method: "PUT", url: "/hooks/a%20b?x=1", body });
    expect(request?.headers).toMatchObject({
      host: `127.0.0.1:${target.port}`,
      "content-length": "5",
      "x-team": "ops",
      "accept-encoding": "identity",
      "user-agent": "Overwatch",
    });
  });

  test("reuses the connection of the one before and then shows no connection times", async () => {
    const target = await receiver();
    const out = egress({ limits: { connectionsPerPool: 1 } });
    const first = await out.send(post(target.url));
    const second = await out.send(post(target.url));
    expect(target.connections()).toBe(1);
    expect(first.timing).toMatchObject({ dns_ms: null, connect_ms: expect.any(Number), tls_ms: null });
    expect(second.timing).toMatchObject({ dns_ms: null, connect_ms: null, first_byte_ms: expect.any(Number) });
    expect(second.timing.total_ms).toBeGreaterThanOrEqual(second.timing.first_byte_ms ?? Number.POSITIVE_INFINITY);
  });

  test("never waits for the connections of another endpoint to the same receiver", async () => {
    const target = await receiver({ respond: (request) => (request.url === "/slow" ? "hang" : { status: 204 }) });
    const out = egress({ limits: { connectionsPerPool: 1 } });
    const slow = out.send(post(`${target.url}/slow`, { poolKey: "one" }));
    await target.waitForCount(1);
    expect(await out.send(post(`${target.url}/fast`, { poolKey: "two" }))).toMatchObject({ ok: true, status: 204 });
    target.release();
    expect((await slow).ok).toBe(true);
  });

  test.each([
    "Host",
    "content-length",
    "Transfer-Encoding",
    "connection",
    "Upgrade",
    "TE",
    "Trailer",
    "Expect",
    "Keep-Alive",
  ])("that sets %s itself is not sent", async (name) => {
    const target = await receiver();
    const outcome = await egress().send(post(target.url, { headers: { [name]: "x" } }));
    expect(outcome).toMatchObject({ ok: false, reason: "render" });
    expect(target.connections()).toBe(0);
  });

  test.each([
    ["X-A", "a\r\nX-B: c"],
    ["X-A", "nul\0"],
    ["X-A", "snow ☃"],
    ["X A", "b"],
    ["X-A\r\nX-B", "c"],
  ])("with the header %j: %j is not sent", async (name, value) => {
    const target = await receiver();
    expect(await egress().send(post(target.url, { headers: { [name]: value } }))).toMatchObject({
      ok: false,
      reason: "render",
    });
    expect(target.requests).toEqual([]);
  });

  test("goes straight to its address, whatever proxy the environment names", async () => {
    const [target, proxy] = [await receiver(), await receiver()];
    const names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"];
    for (const name of names) process.env[name] = proxy.url;
    try {
      expect((await egress().send(post(target.url))).ok).toBe(true);
    } finally {
      for (const name of names) delete process.env[name];
    }
    expect([target.requests.length, proxy.connections()]).toEqual([1, 0]);
  });
});

describe("the answer's status", () => {
  test.each([
    [200, "ok"],
    [201, "ok"],
    [204, "ok"],
    [300, "redirect"],
    [304, "redirect"],
    [400, "client_error"],
    [401, "client_error"],
    [404, "client_error"],
    [410, "gone"],
    [422, "client_error"],
    [429, "rate_limited"],
    [500, "server_error"],
    [503, "server_error"],
    [599, "server_error"],
  ])("%i is %s", async (status, expected) => {
    const target = await receiver({ respond: { status, body: status === 204 || status === 304 ? "" : "why" } });
    const outcome = await egress().send(post(target.url));
    expect(outcome.ok ? "ok" : outcome.reason).toBe(expected);
    expect(outcome.status).toBe(status);
    if (!outcome.ok && status !== 304) expect(outcome.body).toBe("why");
  });

  test.each([301, 302, 303, 307, 308])("%i is not followed, and says where it pointed", async (status) => {
    const target = await receiver();
    const redirecting = await receiver({ respond: { status, headers: { location: `${target.url}/inside` } } });
    const outcome = await egress().send(post(redirecting.url));
    expect(outcome).toMatchObject({
      ok: false,
      reason: "redirect",
      status,
      message: expect.stringContaining("/inside"),
    });
    expect(target.connections()).toBe(0);
  });

  test("Retry-After is read in seconds and as a date, and garbage is ignored", async () => {
    const now = Date.UTC(2026, 10, 23, 12);
    const target = await receiver();
    const out = egress({ now: () => now });
    const waitAfter = async (value: string) => {
      target.respondWith({ status: 503, headers: { "retry-after": value } });
      const outcome = await out.send(post(target.url));
      return outcome.ok ? null : outcome.retryAfterMs;
    };
    expect(await waitAfter("7")).toBe(7_000);
    expect(await waitAfter("Mon, 23 Nov 2026 12:01:00 GMT")).toBe(60_000);
    expect(await waitAfter("later")).toBeUndefined();
  });
});

describe("a receiver that misbehaves", () => {
  test.each([
    ["never answers", "hang" as const],
    ["drips", { drip: { everyMs: 20 } }],
  ])("and %s is cut off at the deadline", async (_what, answer) => {
    const target = await receiver({ respond: answer });
    const outcome = await egress().send(post(target.url, { timeoutMs: 150 }));
    expect(outcome).toMatchObject({ ok: false, reason: "timeout" });
    await target.waitForNoConnections();
  });

  test("and sends without end is stopped after 64 KiB, and its status decides", async () => {
    const target = await receiver({ respond: { huge: Number.MAX_SAFE_INTEGER } });
    const out = egress();
    const short = await out.send(post(target.url));
    expect(short).toMatchObject({ ok: true, status: 200, body: "x".repeat(4_096) });
    const long = await out.send(post(target.url, { keepBytes: 1_000_000 }));
    expect(long.body).toHaveLength(65_536);
    await target.waitForNoConnections();
    // What was under way in the kernel's buffers, and far from all that was offered.
    expect(target.bytesPoured()).toBeLessThan(64_000_000);
  });

  test("and sends a compressed bomb never gets it inflated", async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000));
    const target = await receiver({ respond: { status: 200, headers: { "content-encoding": "gzip" }, body: bomb } });
    const outcome = await egress().send(post(target.url, { keepBytes: 65_536 }));
    expect(outcome).toMatchObject({ ok: true, body: bomb.toString("utf8") });
  });

  test.each(["before_head", "within_body"] as const)("and resets %s is a reset", async (reset) => {
    const target = await receiver({ respond: { reset } });
    expect(await egress().send(post(target.url))).toMatchObject({ ok: false, reason: "reset" });
  });

  test("and stops at any byte of its answer is a reset, and the full answer a success", async () => {
    const whole = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    const target = await receiver();
    const out = egress();
    for (let length = 0; length <= whole.length; length += 1) {
      target.respondWith({ raw: whole.slice(0, length) });
      const outcome = await out.send(post(target.url));
      expect(outcome.ok ? "ok" : outcome.reason, `after ${length} bytes`).toBe(
        length === whole.length ? "ok" : "reset",
      );
    }
  });

  test.each([
    ["nonsense", "SSH-2.0-OpenSSH_9.2\r\n"],
    ["an upgrade", "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"],
    ["headers without end", `HTTP/1.1 200 OK\r\n${"name: value\r\n".repeat(5_000)}`],
    ["100 after 100", "HTTP/1.1 100 Continue\r\n\r\n".repeat(1_000)],
    ["103 after 103", "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(1_000)],
    ["two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok"],
    [
      "a length and chunks",
      "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    ],
    ["a broken chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"],
  ])("and answers %s is a reset", async (_what, raw) => {
    const target = await receiver({ respond: { raw, keepOpen: true } });
    expect(await egress().send(post(target.url))).toMatchObject({ ok: false, reason: "reset" });
    await target.waitForNoConnections();
  });

  test("and is not there is a failed connection", async () => {
    const target = await startReceiver();
    await target.close();
    expect(await egress().send(post(target.url))).toMatchObject({
      ok: false,
      reason: "connect",
      message: expect.stringContaining("ECONNREFUSED"),
    });
  });
});

describe("the egress", () => {
  test("makes a value of any URL and never throws", async () => {
    const out = egress({ allowCidrs: [], resolve: async () => ({ ok: false, isUnknown: true, message: "unknown" }) });
    const pieces = fc.constantFrom(
      "http://",
      "https://",
      "a.example.com",
      "[::1]",
      "10.0.0.1",
      ":",
      "@",
      "/",
      "?",
      "#",
      "%",
      "é",
      "\\",
      "80",
      ".",
    );
    const urls = fc.oneof(
      fc.string(),
      fc.array(pieces, { maxLength: 6 }).map((parts) => `http://${parts.join("")}`),
    );
    await fc.assert(
      fc.asyncProperty(urls, async (url) => {
        const outcome = await out.send(post(url));
        expect(outcome.ok ? "ok" : outcome.reason).toMatch(/^(blocked_address|dns)$/);
      }),
    );
  });

  test("keeps connections for a bounded number of receivers and never breaks one in use", async () => {
    const targets = await Promise.all(Array.from({ length: 5 }, () => receiver({ respond: "hang" })));
    const out = egress({ limits: { mostPools: 2 } });
    const sent = targets.map((target) => out.send(post(target.url)));
    await Promise.all(targets.map((target) => target.waitForCount(1)));
    expect(out.openPools()).toBe(5);
    for (const target of targets) target.release();
    expect((await Promise.all(sent)).map((outcome) => outcome.ok)).toEqual([true, true, true, true, true]);
    await out.send(post((await receiver()).url));
    expect(out.openPools()).toBe(2);
  });

  test("after a close breaks what is under way and sends nothing more", async () => {
    const target = await receiver({ respond: "hang" });
    const out = egress();
    const sent = out.send(post(target.url));
    await target.waitForCount(1);
    await out.close();
    expect(await sent).toMatchObject({ ok: false, reason: "reset", message: "Overwatch was stopping" });
    expect(await out.send(post(target.url))).toMatchObject({ ok: false, reason: "connect" });
    expect(target.requests).toHaveLength(1);
  });
});
