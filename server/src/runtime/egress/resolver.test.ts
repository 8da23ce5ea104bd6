import { afterEach, expect, test } from "vitest";
import { type StubDns, type StubRecord, startStubDns } from "../../../test/support/stub-dns.ts";
import { createResolver } from "./resolver.ts";

const started: StubDns[] = [];

afterEach(() => {
  for (const stub of started.splice(0)) stub.close();
});

async function startDns(zone: Readonly<Record<string, StubRecord>>): Promise<StubDns> {
  const stub = await startStubDns(zone);
  started.push(stub);
  return stub;
}

const resolverOf = (server: string, timeoutMs = 2_000) =>
  createResolver({ timeoutMs, withSystemNames: false, servers: [server] });

test("all addresses of a name are returned", async () => {
  const { server } = await startDns({ "a.example.com": { A: ["93.184.216.34", "10.0.0.1"] } });
  expect(await resolverOf(server)("a.example.com")).toEqual({ ok: true, addresses: ["93.184.216.34", "10.0.0.1"] });
});

test("a name that does not exist and a server that fails are told apart", async () => {
  const { server } = await startDns({ "broken.example.com": { rcode: 2 } });
  const resolve = resolverOf(server);
  expect(await resolve("no.example.com")).toMatchObject({ ok: false, isUnknown: true });
  expect(await resolve("broken.example.com")).toMatchObject({ ok: false, isUnknown: false });
});

test("a server that never answers costs no more than the deadline and holds up no other name", async () => {
  const { server } = await startDns({ "slow.example.com": "silent", "fast.example.com": { A: ["1.2.3.4"] } });
  const resolve = resolverOf(server, 150);
  const slow = Array.from({ length: 50 }, () => resolve("slow.example.com"));
  const first = await Promise.race([...slow, resolve("fast.example.com")]);
  expect(first).toEqual({ ok: true, addresses: ["1.2.3.4"] });
  expect((await Promise.all(slow)).every((resolution) => !resolution.ok && !resolution.isUnknown)).toBe(true);
});

test("connections that open at the same time share one question, and a later one asks again", async () => {
  const { server, asked } = await startDns({ "busy.example.com": { A: ["1.2.3.4"] } });
  const resolve = resolverOf(server);
  const answers = await Promise.all(Array.from({ length: 200 }, () => resolve("busy.example.com")));
  expect(answers.every((answer) => answer.ok)).toBe(true);
  expect(asked).toHaveLength(2);
  await resolve("busy.example.com");
  expect(asked).toHaveLength(4);
});

test("localhost and names under it are this machine, and DNS is never asked", async () => {
  const { server, asked } = await startDns({ localhost: { A: ["93.184.216.34"] } });
  const resolve = resolverOf(server);
  for (const name of ["localhost", "api.localhost"]) {
    expect(await resolve(name)).toEqual({ ok: true, addresses: ["127.0.0.1", "::1"] });
  }
  expect(asked).toEqual([]);
});

test("an answer with more addresses than are worth trying is cut", async () => {
  const many = Array.from({ length: 25 }, (_, index) => `93.184.216.${index + 1}`);
  const { server } = await startDns({ "many.example.com": { A: many } });
  const resolution = await resolverOf(server)("many.example.com");
  expect(resolution.ok && resolution.addresses.length).toBe(16);
});
