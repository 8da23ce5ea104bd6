import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import type { Resolution } from "../src/runtime/egress/resolver.ts";
import { createEgress, type Egress, type EgressOptions, type EgressRequest } from "../src/runtime/egress.ts";
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

function egress(options: Partial<EgressOptions> = {}): Egress {
  const made = createEgress({ allowCidrs: ["127.0.0.0/8"], ...options });
  closers.push(made.close);
  return made;
}

const post = (url: string): EgressRequest => ({ url, method: "POST", headers: {}, body: "{}", timeoutMs: 5_000 });

/** A resolver that gives the listed answers one after the other, the last one for ever, and counts the questions. */
function scripted(...answers: readonly (readonly string[])[]) {
  const asked: string[] = [];
  const resolve = async (host: string): Promise<Resolution> => {
    const addresses = answers[Math.min(asked.length, answers.length - 1)] ?? [];
    asked.push(host);
    return { ok: true, addresses };
  };
  return { asked, resolve };
}

describe("a name", () => {
  test("is looked up once for a connection, and the address dialled is the address that was judged", async () => {
    const target = await receiver();
    // Only this resolver knows the name: any second lookup would fail or be refused.
    const { asked, resolve } = scripted(["127.0.0.1"], ["10.0.0.1"]);
    const outcome = await egress({ resolve }).send(post(`http://hooks.example.com:${target.port}/`));
    expect(outcome).toMatchObject({ ok: true, timing: { dns_ms: expect.any(Number) } });
    expect(asked).toEqual(["hooks.example.com"]);
    expect(target.requests[0]?.headers.host).toBe(`hooks.example.com:${target.port}`);
  });

  test("that means something else after it was saved is judged again at the next connection", async () => {
    const target = await receiver();
    const { resolve } = scripted(["127.0.0.1"], ["127.0.0.1"], ["10.0.0.1"]);
    const out = egress({ resolve });
    const url = `http://rebind.example.com:${target.port}/`;
    expect(await out.judgeUrl(url)).toEqual({ ok: true });
    expect((await out.send(post(url))).ok).toBe(true);
    const later = await out.send({ ...post(url), poolKey: "a new connection" });
    expect(later).toMatchObject({ ok: false, reason: "blocked_address", message: expect.stringContaining("private") });
    expect(target.requests).toHaveLength(1);
  });

  test("with one refused address among good ones is refused as a whole", async () => {
    const target = await receiver();
    for (const answer of [
      ["127.0.0.1", "10.0.0.1"],
      ["10.0.0.1", "127.0.0.1"],
      ["127.0.0.1", "fd00:ec2::254"],
      ["127.0.0.1", "garbage"],
    ]) {
      const outcome = await egress({ resolve: scripted(answer).resolve }).send(
        post(`http://mixed.example.com:${target.port}/`),
      );
      expect(outcome, answer.join()).toMatchObject({ ok: false, reason: "blocked_address" });
    }
    expect(target.connections()).toBe(0);
  });

  test("that leads to a metadata service is refused even where everything is allowed", async () => {
    const out = egress({ allowCidrs: ["0.0.0.0/0", "::/0"], resolve: scripted(["169.254.169.254"]).resolve });
    for (const url of [
      "http://169.254.169.254/latest",
      "http://metadata.google.internal/",
      "http://169.254.169.254.nip.io/",
    ]) {
      expect(await out.send(post(url)), url).toMatchObject({ ok: false, reason: "blocked_address" });
      expect(await out.judgeUrl(url), url).toMatchObject({ ok: false, reason: "blocked_address" });
    }
  });

  test("that is local must lead into the allow list, a public address is not enough", async () => {
    for (const host of ["receiver", "localhost", "db.internal", "printer.local"]) {
      const out = egress({ allowCidrs: [], resolve: scripted(["93.184.216.34"]).resolve });
      expect(await out.judgeUrl(`http://${host}/`), host).toMatchObject({ ok: false, reason: "blocked_address" });
      const inside = egress({ resolve: scripted(["127.0.0.1"]).resolve });
      expect(await inside.judgeUrl(`http://${host}/`), host).toEqual({ ok: true });
    }
  });

  test("that does not resolve yet may be saved unless it is local, and fails as dns when sent", async () => {
    const resolve = async (): Promise<Resolution> => ({
      ok: false,
      isUnknown: true,
      message: "the host name does not resolve",
    });
    const out = egress({ resolve });
    expect(await out.judgeUrl("https://external-system.com/api/notifications")).toEqual({ ok: true });
    expect(await out.judgeUrl("http://receiver/")).toMatchObject({ ok: false, reason: "blocked_address" });
    expect(await out.send(post("https://external-system.com/"))).toMatchObject({ ok: false, reason: "dns" });
  });

  test("localhost reaches this machine where the operator allows it, and nowhere else", async () => {
    const target = await receiver();
    const url = `http://localhost:${target.port}/`;
    expect((await egress({ allowCidrs: ["127.0.0.0/8", "::1/128"] }).send(post(url))).ok).toBe(true);
    expect(await egress({ allowCidrs: [] }).send(post(url))).toMatchObject({ ok: false, reason: "blocked_address" });
    expect(target.requests).toHaveLength(1);
  });
});

describe("a connection", () => {
  test("that reaches another address than the judged one is dropped before a byte is sent", async () => {
    const target = await receiver();
    // Linux connects 0.0.0.0 to 127.0.0.1, which is what the second look at the peer is for.
    const out = egress({ allowCidrs: ["0.0.0.0/32", "127.0.0.0/8"], resolve: scripted(["0.0.0.0"]).resolve });
    expect(await out.send(post(`http://zero.example.com:${target.port}/`))).toMatchObject({
      ok: false,
      reason: "blocked_address",
      message: expect.stringContaining("another address"),
    });
    await target.waitForNoConnections();
    expect(target.requests).toEqual([]);
  });

  test("to a literal internal address is refused without a lookup and without a packet", async () => {
    const target = await receiver();
    const { asked, resolve } = scripted(["127.0.0.1"]);
    const out = egress({ allowCidrs: [], resolve });
    for (const host of ["127.0.0.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "[::127.0.0.1]", "127.1."]) {
      const url = `http://${host}:${target.port}/`;
      expect(await out.send(post(url)), url).toMatchObject({ ok: false, reason: "blocked_address" });
      expect(out.judgeUrlText(url), url).toMatchObject({ ok: false, reason: "blocked_address" });
    }
    expect([asked.length, target.connections()]).toEqual([0, 0]);
  });

  test("to Overwatch itself is refused, by name and by address", async () => {
    const own = await receiver();
    const out = egress({ isRefused: (_address, port) => port === own.port, resolve: scripted(["127.0.0.1"]).resolve });
    for (const host of ["127.0.0.1", "me.example.com"]) {
      const url = `http://${host}:${own.port}/`;
      expect(await out.judgeUrl(url)).toMatchObject({ ok: false, reason: "blocked_address" });
      expect(await out.send(post(url))).toMatchObject({
        ok: false,
        message: expect.stringContaining("Overwatch itself"),
      });
    }
    expect(own.connections()).toBe(0);
  });

  test("that takes too long is a timeout that names the step, and a request that gave up is not sent later", async () => {
    const target = await receiver();
    let answerDns: (resolution: Resolution) => void = () => {};
    const resolve = (): Promise<Resolution> => new Promise((settle) => (answerDns = settle));
    const url = `http://slow.example.com:${target.port}/`;
    const dial = await egress({ resolve, connectTimeoutMs: 40 }).send(post(url));
    expect(dial).toMatchObject({ ok: false, reason: "timeout", message: expect.stringContaining("look the name up") });

    const out = egress({ resolve, limits: { connectionsPerPool: 1 } });
    expect(await out.send({ ...post(url), timeoutMs: 40 })).toMatchObject({ ok: false, reason: "timeout" });
    const next = out.send({ ...post(`${url}next`) });
    answerDns({ ok: true, addresses: ["127.0.0.1"] });
    expect((await next).ok).toBe(true);
    expect(target.requests.map((request) => request.url)).toEqual(["/next"]);
  });

  test("is not made for a list with an entry that is no CIDR: the egress refuses to start and names it", () => {
    expect(() => createEgress({ allowCidrs: ["10.0.0.0/8", "10.0.0.0/99"] })).toThrow("10.0.0.0/99");
  });
});

describe("TLS", () => {
  const tls = (cert: string) => ({ tls: { key: pem("receiver-key"), cert: pem(cert) } });
  const trusting = (more: Partial<EgressOptions> = {}) =>
    egress({ extraAuthorities: [pem("authority")], resolve: scripted(["127.0.0.1"]).resolve, ...more });

  test("succeeds with a valid certificate, by name and by address", async () => {
    const target = await receiver(tls("valid"));
    const out = trusting();
    const byName = await out.send(post(`https://receiver.test:${target.port}/`));
    expect(byName).toMatchObject({ ok: true, timing: { tls_ms: expect.any(Number), connect_ms: expect.any(Number) } });
    expect((await out.send(post(target.url))).ok).toBe(true);
  });

  test.each([
    ["expired", "expired"],
    ["other-host", "does not match"],
    ["self-signed", "self-signed"],
  ])("fails with the certificate %s and says so, whatever the environment allows", async (cert, words) => {
    const target = await receiver(tls(cert));
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    try {
      const outcome = await trusting().send(post(`https://receiver.test:${target.port}/`));
      expect(outcome).toMatchObject({ ok: false, reason: "tls", message: expect.stringContaining(words) });
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    }
    expect(target.requests).toEqual([]);
  });

  test("fails where the authority is unknown", async () => {
    const target = await receiver(tls("valid"));
    expect(await egress().send(post(target.url))).toMatchObject({ ok: false, reason: "tls" });
  });

  test("fails with a receiver that speaks plain HTTP or only an old version", async () => {
    const plain = await receiver();
    expect(await trusting().send(post(`https://127.0.0.1:${plain.port}/`))).toMatchObject({ ok: false, reason: "tls" });
    const { key, cert } = tls("valid").tls;
    const old = createTlsServer({
      key,
      cert,
      minVersion: "TLSv1",
      maxVersion: "TLSv1.1",
      ciphers: "DEFAULT@SECLEVEL=0",
    });
    old.on("tlsClientError", () => {});
    await new Promise<void>((resolve) => old.listen(0, "127.0.0.1", resolve));
    closers.push(() => new Promise((resolve) => old.close(() => resolve())));
    const { port } = old.address() as AddressInfo;
    const outcome = await trusting().send(post(`https://127.0.0.1:${port}/`));
    expect(outcome).toMatchObject({ ok: false, reason: "tls", message: expect.stringMatching(/^TLS: .*version/) });
  });

  test("leaves nothing open after many failures", async () => {
    const target = await receiver(tls("expired"));
    const out = trusting();
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => out.send(post(target.url))));
    expect(new Set(outcomes.map((outcome) => (outcome.ok ? "ok" : outcome.reason)))).toEqual(new Set(["tls"]));
    await target.waitForNoConnections();
    expect(out.openPools()).toBe(1);
  });
});
