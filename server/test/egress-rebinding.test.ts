import { pbkdf2 } from "node:crypto";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Resolution } from "../src/runtime/egress/resolver.ts";
import { createEgress, type Egress, type EgressOptions, type EgressRequest } from "../src/runtime/egress.ts";
import { isOwnAddress } from "../src/runtime/own-addresses.ts";
import { type Receiver, startReceiver } from "./support/receiver.ts";
import { type StubDns, type StubRecord, startStubDns } from "./support/stub-dns.ts";

// 127.0.0.1 stands for the outside, 127.0.0.2 for what is inside: its listener must never hear a thing.
const OUTSIDE = "127.0.0.1";
const INSIDE = "127.0.0.2";

const closers: (() => unknown)[] = [];
let outside: Receiver;
let inside: Receiver;

beforeEach(async () => {
  outside = await startReceiver();
  inside = await startReceiver({ host: INSIDE, port: outside.port });
  closers.push(outside.close, inside.close);
});

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function egress(options: Partial<EgressOptions> = {}): Egress {
  const made = createEgress({ allowCidrs: [`${OUTSIDE}/32`], ...options });
  closers.push(made.close);
  return made;
}

async function stubDns(zone: Readonly<Record<string, StubRecord>>): Promise<StubDns> {
  const started = await startStubDns(zone);
  closers.push(started.close);
  return started;
}

const post = (url: string, more: Partial<EgressRequest> = {}): EgressRequest => ({
  url,
  method: "POST",
  headers: {},
  body: "{}",
  timeoutMs: 5_000,
  ...more,
});
const urlOf = (host: string): string => `http://${host}:${outside.port}/`;

test("whatever DNS answers from one connection to the next, only judged addresses are dialled", async () => {
  let connection = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.constantFrom(OUTSIDE, INSIDE), { minLength: 1, maxLength: 3 }), {
        minLength: 1,
        maxLength: 6,
      }),
      async (answers) => {
        let asked = 0;
        const resolve = async (): Promise<Resolution> => ({ ok: true, addresses: answers[asked++] ?? [] });
        const out = createEgress({ allowCidrs: [`${OUTSIDE}/32`], resolve });
        for (const answer of answers) {
          connection += 1;
          const poolKey = String(connection);
          const outcome = await out.send(post(urlOf("moving.example.com"), { poolKey }));
          expect(outcome.ok ? "ok" : outcome.reason).toBe(answer.includes(INSIDE) ? "blocked_address" : "ok");
        }
        await out.close();
      },
    ),
    { numRuns: 40, seed: 20_261_123 },
  );
  expect(inside.connections()).toBe(0);
});

test("a name of a DNS server that turns to an internal address after it was saved, with a TTL of 0, reaches nothing", async () => {
  const dns = await stubDns({ "rebind.example.com": { A: [[OUTSIDE], [OUTSIDE], [INSIDE]] } });
  const out = egress({ dnsServers: [dns.server] });
  const url = urlOf("rebind.example.com");
  expect(await out.judgeUrl(url)).toEqual({ ok: true });
  expect((await out.send(post(url, { poolKey: "a" }))).ok).toBe(true);
  expect(await out.send(post(url, { poolKey: "b" }))).toMatchObject({ ok: false, reason: "blocked_address" });
  expect([outside.requests.length, inside.connections()]).toEqual([1, 0]);
});

test("an alias that leads inside is refused, at save and when sent", async () => {
  const dns = await stubDns({
    "alias.example.com": { cname: "db.internal.example.com", A: [INSIDE] },
    "mixed.example.com": { A: [OUTSIDE, INSIDE] },
    "good.example.com": { cname: "edge.example.net", A: [OUTSIDE] },
  });
  const out = egress({ dnsServers: [dns.server] });
  for (const name of ["alias.example.com", "mixed.example.com"]) {
    expect(await out.judgeUrl(urlOf(name)), name).toMatchObject({ ok: false, reason: "blocked_address" });
    expect(await out.send(post(urlOf(name))), name).toMatchObject({ ok: false, reason: "blocked_address" });
  }
  expect((await out.send(post(urlOf("good.example.com")))).ok).toBe(true);
  expect(inside.connections()).toBe(0);
});

test.each([301, 302, 303, 307, 308, 300])("a %i to an internal address is not followed", async (status) => {
  outside.respondWith({ status, headers: { location: urlOf(INSIDE), refresh: `0; url=${urlOf(INSIDE)}` } });
  expect(await egress().send(post(urlOf(OUTSIDE)))).toMatchObject({ ok: false, reason: "redirect", status });
  expect([outside.requests.length, inside.connections()]).toEqual([1, 0]);
});

test("a redirect to itself is answered once", async () => {
  outside.respondWith({ status: 302, headers: { location: urlOf(OUTSIDE) } });
  expect(await egress().send(post(urlOf(OUTSIDE)))).toMatchObject({ ok: false, reason: "redirect" });
  expect(outside.requests).toHaveLength(1);
});

test("an answer of DNS that comes after the deadline opens no connection", async () => {
  let answerDns: (resolution: Resolution) => void = () => {};
  const resolve = (): Promise<Resolution> => new Promise((settle) => (answerDns = settle));
  const out = egress({ resolve, connectTimeoutMs: 30 });
  expect(await out.send(post(urlOf("late.example.com")))).toMatchObject({ ok: false, reason: "timeout" });
  answerDns({ ok: true, addresses: [OUTSIDE] });
  // A connection that was opened now would come before the next one.
  expect((await egress().send(post(urlOf(OUTSIDE)))).ok).toBe(true);
  expect(outside.connections()).toBe(1);
});

test("the database is refused by every name and spelling, and its port elsewhere is not", async () => {
  const resolve = async (host: string): Promise<Resolution> =>
    host === "db.example.com" || host === "also.example.com"
      ? { ok: true, addresses: [INSIDE] }
      : { ok: true, addresses: [OUTSIDE] };
  const out = egress({
    allowCidrs: ["127.0.0.0/8"],
    resolve,
    refusedHosts: [{ host: "db.example.com", port: outside.port }],
  });
  for (const host of [INSIDE, "db.example.com", "also.example.com", "[::ffff:127.0.0.2]", "2130706434"]) {
    expect(await out.send(post(urlOf(host))), host).toMatchObject({
      ok: false,
      reason: "blocked_address",
      message: expect.stringContaining("Overwatch itself"),
    });
  }
  expect((await out.send(post(urlOf("hooks.example.com")))).ok).toBe(true);
  expect(inside.connections()).toBe(0);
});

test.each([
  ["127.0.0.1", true],
  ["127.9.9.9", true],
  ["::ffff:127.0.0.1", true],
  ["::ffff:7f00:1", true],
  ["0.0.0.0", true],
  ["::", true],
  ["0:0:0:0:0:0:0:1", true],
  ["93.184.216.34", false],
  ["2606:4700::1", false],
  ["garbage", false],
])("%s as an address of this machine: %s", (address, expected) => {
  expect(isOwnAddress(address)).toBe(expected);
});

test("names whose DNS is silent hold up neither other receivers nor the threads that files and cryptography need", async () => {
  const slow = Object.fromEntries(
    Array.from({ length: 60 }, (_, index) => [`slow${index}.example.com`, "silent" as const]),
  );
  const dns = await stubDns({ ...slow, "fast.example.com": { A: [OUTSIDE] } });
  const out = egress({ dnsServers: [dns.server], dnsTimeoutMs: 60_000, connectTimeoutMs: 60_000 });
  let ended = 0;
  const waiting = Object.keys(slow).map(async (name) => {
    const outcome = await out.send(post(urlOf(name), { timeoutMs: 60_000 }));
    ended += 1;
    return outcome;
  });
  await new Promise<void>((done, fail) => {
    pbkdf2("a", "b", 1, 16, "sha256", (error) => (error === null ? done() : fail(error)));
  });
  for (let count = 0; count < 20; count += 1) {
    expect((await out.send(post(urlOf("fast.example.com"), { poolKey: String(count) }))).ok).toBe(true);
  }
  expect(ended, "the slow ones are still waiting").toBe(0);
  await out.close();
  expect((await Promise.all(waiting)).every((outcome) => !outcome.ok)).toBe(true);
});
