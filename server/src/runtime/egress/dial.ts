import { connect as connectTcp, type LookupFunction, type Socket } from "node:net";
import { connect as connectTls, type SecureContext, type TLSSocket } from "node:tls";
import type { buildConnector } from "undici";
import { parseIp, sameIp } from "../../core/cidr.ts";
import { judgeAddress } from "./addresses.ts";
import { type AddressPolicy, type Checked, checkedAddresses, judgeForProxy } from "./checked-addresses.ts";
import { DialError } from "./dial-error.ts";
import { type ForwardProxy, openTunnel } from "./proxy.ts";
import type { TargetRules } from "./target.ts";

/** What every connection is made with. */
export type DialPolicy = AddressPolicy &
  TargetRules & {
    /** For name lookup, TCP and TLS together. */
    readonly connectTimeoutMs: number;
    readonly monotonicMs: () => number;
    /** Where everything goes through, or null. */
    readonly proxy: ForwardProxy | null;
  };

/** How long the parts of the latest connection took in milliseconds; null for what was not reached or not needed. */
export type ConnectionSetup = {
  dnsMs: number | null;
  connectMs: number | null;
  tlsMs: number | null;
  /** True until a request was sent over the connection. */
  isUnused: boolean;
};

/** The setup of a client that has not connected yet. */
export function newSetup(): ConnectionSetup {
  return { dnsMs: null, connectMs: null, tlsMs: null, isUnused: true };
}

/**
 * The only place that opens outgoing connections. It looks the name up once, judges every answer, dials those very
 * addresses, and compares the connected peer with them before a byte is sent.
 */
export function createConnector(
  policy: DialPolicy,
  secureContext: SecureContext,
  setup: ConnectionSetup,
): buildConnector.connector {
  return (options, callback) => {
    const isTls = options.protocol === "https:";
    const port = options.port === "" ? (isTls ? 443 : 80) : Number(options.port);
    const host = options.hostname.replace(/\.$/, "");
    Object.assign(setup, newSetup());
    dial(policy, setup, { host, port, secureContext: isTls ? secureContext : null }).then(
      (socket) => callback(null, socket),
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
    );
  };
}

type Destination = {
  readonly host: string;
  readonly port: number;
  /** Null for plain HTTP. */
  readonly secureContext: SecureContext | null;
};

function dial(policy: DialPolicy, setup: ConnectionSetup, to: Destination): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const progress: Progress = { phase: "look the name up", socket: null, isOver: false };
    const fail = (error: Error): void => {
      progress.isOver = true;
      clearTimeout(timer);
      progress.socket?.destroy();
      reject(error);
    };
    const timer = setTimeout(() => {
      const message = `No connection within ${policy.connectTimeoutMs} ms: could not ${progress.phase}`;
      fail(new DialError("timeout", message));
    }, policy.connectTimeoutMs);
    connect(policy, setup, to, progress).then((connected) => {
      clearTimeout(timer);
      resolve(connected);
    }, fail);
  });
}

type Progress = { phase: string; socket: Socket | null; isOver: boolean };

async function connect(
  policy: DialPolicy,
  setup: ConnectionSetup,
  to: Destination,
  progress: Progress,
): Promise<Socket> {
  const startedAt = policy.monotonicMs();
  const tcp = policy.proxy === null ? await findReceiver(policy, to) : await findProxy(policy, policy.proxy, to);
  const resolvedAt = policy.monotonicMs();
  if (parseIp(to.host) === null) setup.dnsMs = resolvedAt - startedAt;
  // The answer of DNS can come after the deadline; a connection that nobody waits for would stay open.
  if (progress.isOver) throw new DialError("timeout", "The deadline had passed");
  progress.phase = "connect";
  const socket = openTcp(tcp);
  progress.socket = socket;
  await settled(socket, "connect", "connect");
  if (policy.proxy === null) assertPeer(policy, to, socket, tcp.addresses);
  else if (to.secureContext !== null) {
    progress.phase = "open a tunnel through the proxy";
    await openTunnel(socket, policy.proxy, to);
  }
  const connectedAt = policy.monotonicMs();
  setup.connectMs = connectedAt - resolvedAt;
  if (to.secureContext === null) return socket;
  progress.phase = "agree on TLS";
  const secure = openTls(to.secureContext, to.host, socket);
  progress.socket = secure;
  await settled(secure, "secureConnect", "tls");
  setup.tlsMs = policy.monotonicMs() - connectedAt;
  return secure;
}

type TcpTarget = { readonly host: string; readonly port: number; readonly addresses: readonly Checked[] };

async function findReceiver(policy: DialPolicy, to: Destination): Promise<TcpTarget> {
  return { host: to.host, port: to.port, addresses: await checkedAddresses(policy, to.host, to.port) };
}

/** The operator named the proxy, so where it stands is not judged; where it is sent to is. */
async function findProxy(policy: DialPolicy, proxy: ForwardProxy, to: Destination): Promise<TcpTarget> {
  await judgeForProxy(policy, to.host, to.port);
  const literal = parseIp(proxy.host);
  const found = literal === null ? await policy.resolveOwn(proxy.host) : { ok: true as const, addresses: [proxy.host] };
  if (!found.ok) throw new DialError("dns", `The proxy ${proxy.host}: ${found.message}`);
  const addresses = found.addresses.flatMap((text) => {
    const ip = parseIp(text);
    return ip === null ? [] : [{ text, ip }];
  });
  return { host: proxy.host, port: proxy.port, addresses };
}

function openTcp(to: TcpTarget): Socket {
  const answers = to.addresses.map(({ text, ip }) => ({ address: text, family: ip.version }));
  // Node's own lookup never runs: it is given the addresses that were judged.
  const pinned: LookupFunction = (_host, options, callback) => {
    const [first] = answers;
    if (options.all === true) callback(null, answers);
    else callback(null, first?.address ?? "", first?.family);
  };
  return connectTcp({
    host: to.host,
    port: to.port,
    lookup: pinned,
    autoSelectFamily: true,
    noDelay: true,
    keepAlive: true,
  });
}

function openTls(secureContext: SecureContext, host: string, socket: Socket): TLSSocket {
  const name = parseIp(host) === null ? { servername: host } : {};
  return connectTls({
    ...name,
    socket,
    host,
    secureContext,
    // Named here because NODE_TLS_REJECT_UNAUTHORIZED=0 would otherwise turn verification off.
    rejectUnauthorized: true,
    ALPNProtocols: ["http/1.1"],
  });
}

function settled(socket: Socket, event: "connect" | "secureConnect", reason: "connect" | "tls"): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(event, () => resolve());
    // Stays attached, so that an error between here and the HTTP client's own listener does not end the process.
    socket.on("error", (error) => reject(new DialError(reason, describe(error))));
    socket.once("close", () => reject(new DialError(reason, "The connection was closed while it was being made")));
  });
}

function assertPeer(
  policy: DialPolicy,
  to: { host: string; port: number },
  socket: Socket,
  addresses: readonly Checked[],
): void {
  const peer = parseIp(socket.remoteAddress ?? "");
  // Nothing is known of the peer of a connection that was broken the moment it was made.
  if (socket.remoteAddress === undefined) throw new DialError("connect", "The connection was closed as it was made");
  const isExpected = peer !== null && addresses.some(({ ip }) => sameIp(ip, peer));
  if (!isExpected || !judgeAddress(peer, policy.allowed).ok) {
    throw new DialError("blocked_address", `${to.host} may not be called: the connection reached another address`);
  }
}

function describe(error: Error): string {
  if (error instanceof AggregateError) {
    const messages = error.errors.map((inner: unknown) => (inner instanceof Error ? inner.message : String(inner)));
    return messages.slice(0, 4).join("; ");
  }
  // OpenSSL's own message is its error stack; the reason in it is what people look for.
  if ("library" in error && "reason" in error && typeof error.reason === "string") return `TLS: ${error.reason}`;
  return error.message;
}
