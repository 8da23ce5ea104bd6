import { connect as connectTcp, type LookupFunction, type Socket } from "node:net";
import { connect as connectTls, type SecureContext, type TLSSocket } from "node:tls";
import type { buildConnector } from "undici";
import { type Cidr, cidrsContain, type IpAddress, parseIp, sameIp } from "../../core/cidr.ts";
import type { FailureReason } from "../../core/failure-reason.ts";
import { judgeAddress } from "./addresses.ts";
import type { Resolve } from "./resolver.ts";
import { isLocalName } from "./target.ts";

/** What every connection is made with. */
export type DialPolicy = {
  readonly allowed: readonly Cidr[];
  readonly resolve: Resolve;
  /** For name lookup, TCP and TLS together. */
  readonly connectTimeoutMs: number;
  /** Further addresses that are never called, such as this program's own listener. */
  readonly isRefused: (address: string, port: number) => boolean;
  readonly monotonicMs: () => number;
};

/** How long the parts of the latest connection took in milliseconds; null for what was not reached or not needed. */
export type ConnectionSetup = {
  dnsMs: number | null;
  connectMs: number | null;
  tlsMs: number | null;
  /** True until a request was sent over the connection. */
  isUnused: boolean;
};

/** Why no connection was made. */
export class DialError extends Error {
  readonly reason: FailureReason;

  constructor(reason: FailureReason, message: string) {
    super(message);
    this.name = "DialError";
    this.reason = reason;
  }
}

type Checked = { readonly text: string; readonly ip: IpAddress };

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

/** The addresses of a host that may be dialled; throws a `DialError` when there are none or one of them is refused. */
export async function checkedAddresses(policy: DialPolicy, host: string, port: number): Promise<readonly Checked[]> {
  const literal = parseIp(host);
  const resolution = literal === null ? await policy.resolve(host) : { ok: true as const, addresses: [host] };
  if (!resolution.ok) throw new DialError("dns", `${host}: ${resolution.message}`);
  const checked = resolution.addresses.map((text) => ({ text, ip: judged(policy, host, text, port) }));
  if (checked.length === 0) throw new DialError("dns", `${host}: the host name has no addresses`);
  if (literal === null && isLocalName(host)) {
    const outside = checked.find(({ ip }) => !cidrsContain(policy.allowed, ip));
    if (outside !== undefined) throw new DialError("blocked_address", `${host} may not be called: the name is local`);
  }
  return checked;
}

function dial(
  policy: DialPolicy,
  setup: ConnectionSetup,
  to: { host: string; port: number; secureContext: SecureContext | null },
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    let socket: Socket | undefined;
    let phase = "look the name up";
    const fail = (error: Error): void => {
      clearTimeout(timer);
      socket?.destroy();
      reject(error);
    };
    const timer = setTimeout(
      () => fail(new DialError("timeout", `No connection within ${policy.connectTimeoutMs} ms: could not ${phase}`)),
      policy.connectTimeoutMs,
    );
    const run = async (): Promise<Socket> => {
      const startedAt = policy.monotonicMs();
      const addresses = await checkedAddresses(policy, to.host, to.port);
      const resolvedAt = policy.monotonicMs();
      if (parseIp(to.host) === null) setup.dnsMs = resolvedAt - startedAt;
      phase = "connect";
      socket = openTcp(to, addresses);
      await settled(socket, "connect", "connect");
      assertPeer(policy, to, socket, addresses);
      const connectedAt = policy.monotonicMs();
      setup.connectMs = connectedAt - resolvedAt;
      if (to.secureContext === null) return socket;
      phase = "agree on TLS";
      socket = openTls(to.secureContext, to.host, socket);
      await settled(socket, "secureConnect", "tls");
      setup.tlsMs = policy.monotonicMs() - connectedAt;
      return socket;
    };
    run().then((connected) => {
      clearTimeout(timer);
      resolve(connected);
    }, fail);
  });
}

function openTcp(to: { host: string; port: number }, addresses: readonly Checked[]): Socket {
  const answers = addresses.map(({ text, ip }) => ({ address: text, family: ip.version }));
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
  const isExpected = peer !== null && addresses.some(({ ip }) => sameIp(ip, peer));
  if (!isExpected || !judgeAddress(peer, policy.allowed).ok) {
    throw new DialError("blocked_address", `${to.host} may not be called: the connection reached another address`);
  }
}

function judged(policy: DialPolicy, host: string, address: string, port: number): IpAddress {
  const ip = parseIp(address);
  const verdict = ip === null ? null : judgeAddress(ip, policy.allowed);
  if (ip === null || verdict === null) throw new DialError("blocked_address", `${host} has an unreadable address`);
  if (!verdict.ok) throw new DialError("blocked_address", `${host} may not be called: ${verdict.message}`);
  if (policy.isRefused(address, port))
    throw new DialError("blocked_address", `${host} may not be called: it is Overwatch itself`);
  return ip;
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
