import { readFileSync } from "node:fs";
import type { AddressInfo, Socket } from "node:net";
import { join } from "node:path";
import { createServer, type Server, type TlsOptions } from "node:tls";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createEgress, type Egress } from "../../src/runtime/egress.ts";

const pem = (name: string): string => readFileSync(join(import.meta.dirname, "tls", `${name}.pem`), "utf8");

/** What is wrong with a receiver's TLS. */
export const TLS_FAULTS = ["expired", "wrong_host", "self_signed", "old_version"] as const;

/** One of these faults. */
export type TlsFault = (typeof TLS_FAULTS)[number];

const OPTIONS: Readonly<Record<TlsFault, TlsOptions>> = {
  expired: { cert: pem("expired") },
  wrong_host: { cert: pem("other-host") },
  self_signed: { cert: pem("self-signed") },
  old_version: {
    cert: pem("valid"),
    minVersion: "TLSv1",
    maxVersion: "TLSv1.1",
    // Without it OpenSSL itself would not speak so old a version, and nothing would be tried.
    ciphers: "DEFAULT:@SECLEVEL=0",
  },
};

/** Receivers with nothing right about their TLS. */
export type FaultyReceivers = {
  url(fault: TlsFault): string;
  openSockets(): number;
  close(): Promise<void>;
};

/** Starts one receiver for each fault on loopback. */
export async function startFaultyReceivers(): Promise<FaultyReceivers> {
  const sockets = new Set<Socket>();
  const servers: Server[] = [];
  const ports = new Map<TlsFault, number>();
  for (const fault of TLS_FAULTS) {
    const server = createServer({ key: pem("receiver-key"), ...OPTIONS[fault] });
    server.on("tlsClientError", () => undefined);
    server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    servers.push(server);
    ports.set(fault, (server.address() as AddressInfo).port);
  }
  return {
    url: (fault) => `https://127.0.0.1:${ports.get(fault)}/in`,
    openSockets: () => sockets.size,
    async close() {
      for (const socket of sockets) socket.destroy();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

/** What so many failures leave behind. */
export type TlsFailures = {
  readonly failures: number;
  /** How often each fault ended in which way, such as `expired: tls`. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Growth for each failure by least squares after the first third, bytes; both ends of every connection count. */
  readonly heapPerFailure: number;
  readonly rssPerFailure: number;
  readonly rssGrownMb: number;
  /** Sockets of this process that are still open, and connections that receivers still have. */
  readonly openHandles: number;
  readonly openSockets: number;
  readonly openPools: number;
};

const AT_ONCE = 8;
const SAMPLES = 30;
const ENDPOINTS = 5;

/**
 * Calls faulty receivers so many times and measures what is left. `keep` is called with every outcome, so that a leak can
 * be planted.
 */
export async function failTls(
  failures: number,
  keep: (outcome: object) => void = () => undefined,
): Promise<TlsFailures> {
  const receivers = await startFaultyReceivers();
  const egress = createEgress({ allowCidrs: ["127.0.0.0/8"], extraAuthorities: [pem("authority")] });
  const outcomes: Record<string, number> = {};
  const samples: { at: number; heap: number; rss: number }[] = [];
  let made = 0;
  const failOne = async (): Promise<void> => {
    const number = made;
    made += 1;
    const fault = TLS_FAULTS[number % TLS_FAULTS.length] ?? "expired";
    const outcome = await send(egress, receivers.url(fault), `endpoint-${number % ENDPOINTS}`);
    keep(outcome);
    const how = `${fault}: ${outcome.ok ? "ok" : outcome.reason}`;
    outcomes[how] = (outcomes[how] ?? 0) + 1;
  };
  const before = process.memoryUsage().rss;
  const each = Math.ceil(failures / SAMPLES);
  while (made < failures) {
    const until = Math.min(failures, made + each);
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        while (made < until) await failOne();
      }),
    );
    samples.push({ at: made, ...(await measure()) });
  }
  const openPools = egress.openPools();
  await egress.close();
  const left = { openHandles: await handlesLeft(), openSockets: receivers.openSockets(), openPools };
  await receivers.close();
  const steady = samples.slice(Math.ceil(samples.length / 3));
  return {
    failures: made,
    outcomes,
    heapPerFailure: slope(steady.map(({ at, heap }) => [at, heap])),
    rssPerFailure: slope(steady.map(({ at, rss }) => [at, rss])),
    rssGrownMb: ((samples.at(-1)?.rss ?? before) - before) / 1_048_576,
    ...left,
  };
}

function send(egress: Egress, url: string, poolKey: string) {
  return egress.send({ url, method: "POST", headers: {}, body: "{}", timeoutMs: 10_000, poolKey });
}

async function measure(): Promise<{ heap: number; rss: number }> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  // What ends with a connection is let go of a turn later.
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, rss };
}

/** Client sockets that are open a few turns after all is closed. */
async function handlesLeft(): Promise<number> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  return process.getActiveResourcesInfo().filter((kind) => kind === "TLSWrap" || kind === "TCPSocketWrap").length;
}

function slope(points: readonly (readonly [number, number])[]): number {
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  const up = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const down = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return down === 0 ? 0 : up / down;
}
