import { createSocket } from "node:dgram";

/** What the stub says of a name: addresses, perhaps by way of another name, an error code, or nothing at all. */
export type StubRecord =
  | {
      /** A list of addresses, or what to answer to each question in turn, the last one for ever. */
      readonly A?: readonly string[] | readonly (readonly string[])[];
      readonly cname?: string;
      readonly rcode?: number;
    }
  | "silent";

/** A DNS server on loopback that answers A questions from a table, with a TTL of 0. */
export type StubDns = {
  /** `address:port`. */
  readonly server: string;
  /** The names asked for, of A and AAAA questions alike. */
  readonly asked: readonly string[];
  close(): void;
};

/** Starts a stub; names that the table does not hold do not exist. */
export async function startStubDns(zone: Readonly<Record<string, StubRecord>>): Promise<StubDns> {
  const socket = createSocket("udp4");
  const asked: string[] = [];
  const turns = new Map<string, number>();
  socket.on("message", (query, peer) => {
    const { name, type, end } = readQuestion(query);
    asked.push(name);
    const record = zone[name] ?? { rcode: 3 };
    if (record === "silent") return;
    const turn = turns.get(name) ?? 0;
    if (type === 1) turns.set(name, turn + 1);
    const addresses = type === 1 ? addressesAt(record.A ?? [], turn) : [];
    socket.send(answer(query, end, addresses, record.cname, record.rcode ?? 0), peer.port, peer.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return { server: `127.0.0.1:${socket.address().port}`, asked, close: () => socket.close() };
}

function addressesAt(given: readonly string[] | readonly (readonly string[])[], turn: number): readonly string[] {
  const at = given[Math.min(turn, given.length - 1)];
  return typeof at === "string" ? (given as readonly string[]) : (at ?? []);
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

function answer(
  query: Buffer,
  questionEnd: number,
  addresses: readonly string[],
  cname: string | undefined,
  rcode: number,
): Buffer {
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180 | rcode, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(addresses.length + (cname === undefined ? 0 : 1), 6);
  // The question's name stands at byte 12; an alias is spelled out and named by the records after it.
  const aliasAt = questionEnd + 12;
  const alias = cname === undefined ? [] : [record(12, 5, nameBytes(cname))];
  const records = addresses.map((address) =>
    record(cname === undefined ? 12 : aliasAt, 1, Buffer.from(address.split(".").map(Number))),
  );
  return Buffer.concat([header, query.subarray(12, questionEnd), ...alias, ...records]);
}

function record(nameAt: number, type: number, content: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc000 | nameAt, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(0, 6);
  head.writeUInt16BE(content.length, 10);
  return Buffer.concat([head, content]);
}

function nameBytes(name: string): Buffer {
  const labels = name.split(".").map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}
