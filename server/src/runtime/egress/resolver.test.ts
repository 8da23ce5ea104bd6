import { createSocket, type Socket } from "node:dgram";
import { afterEach, expect, test } from "vitest";
import { createResolver } from "./resolver.ts";

const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

type Zone = Readonly<Record<string, { readonly A?: readonly string[]; readonly rcode?: number } | "silent">>;

/** A DNS server on loopback that answers A questions from a table; returns `address:port` and the names asked for. */
async function startDns(zone: Zone): Promise<{ server: string; asked: string[] }> {
  const socket = createSocket("udp4");
  const asked: string[] = [];
  sockets.push(socket);
  socket.on("message", (query, peer) => {
    const { name, type, end } = readQuestion(query);
    asked.push(name);
    const record = zone[name] ?? { rcode: 3 };
    if (record === "silent") return;
    const addresses = type === 1 ? (record.A ?? []) : [];
    socket.send(answer(query, end, addresses, record.rcode ?? 0), peer.port, peer.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return { server: `127.0.0.1:${socket.address().port}`, asked };
}

function readQuestion(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join(".").toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function answer(query: Buffer, questionEnd: number, addresses: readonly string[], rcode: number): Buffer {
  const header = Buffer.from(query.subarray(0, 12));
  header.writeUInt16BE(0x8180 | rcode, 2);
  header.writeUInt16BE(addresses.length, 6);
  header.writeUInt32BE(0, 8);
  const records = addresses.map((address) =>
    Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split(".").map(Number)]),
  );
  return Buffer.concat([header, query.subarray(12, questionEnd), ...records]);
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
