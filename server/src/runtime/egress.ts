import { type Cidr, parseCidrs } from "../core/cidr.ts";
import type { ClientCertificate } from "../core/endpoint-auth.ts";
import { DIRECT, type NamedProxies } from "../core/named-proxies.ts";
import { STANDARD_REFUSED_PORTS } from "../core/refused-ports.ts";
import { checkedAddresses, type RefusedHost } from "./egress/checked-addresses.ts";
import type { DialPolicy } from "./egress/dial.ts";
import { DialError } from "./egress/dial-error.ts";
import { createExchange, type Outcome } from "./egress/exchange.ts";
import { createIdentities } from "./egress/identity.ts";
import { createPools, type DialRoute, type PoolLimits } from "./egress/pools.ts";
import { readProxy } from "./egress/proxy.ts";
import { createResolver, type Resolve } from "./egress/resolver.ts";
import { judgeTarget, type Refusal, type TargetVerdict } from "./egress/target.ts";

/** One outgoing request. */
export type EgressRequest = {
  readonly url: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** `Accept-Encoding: identity` is added, and a `User-Agent` when there is none; what frames the message is refused. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string | undefined;
  /** From the call to the last byte of the answer. */
  readonly timeoutMs: number;
  /** One of the named forward proxies; what holds for all requests when absent. */
  readonly proxy?: string | undefined;
  /** Connections are shared only between requests of the same key, so that one endpoint cannot hold up another. */
  readonly poolKey?: string | undefined;
  /** Shown to a receiver that asks for it; connections are kept apart by it. */
  readonly clientCertificate?: ClientCertificate | undefined;
  /** How much of the answer to keep, 4 KiB unless said otherwise, 64 KiB at most. */
  readonly keepBytes?: number | undefined;
};

/** Whether a URL may be saved, with what is wrong when it may not. */
export type UrlVerdict = { readonly ok: true } | Refusal;

/** The one way out: judges addresses, keeps connections and sends. */
export type Egress = {
  /** Judges a URL when it is saved, by its text and by what its name means now; a name that does not resolve yet passes. */
  judgeUrl(url: string): Promise<UrlVerdict>;
  /** The same without DNS, for URLs whose name is not to be looked up. */
  judgeUrlText(url: string): UrlVerdict;
  /** Sends one request and follows no redirect; never throws. */
  send(request: EgressRequest): Promise<Outcome>;
  /** The number of origins with connections. */
  openPools(): number;
  /** Breaks what is under way and closes every connection; later sends fail. */
  close(): Promise<void>;
};

/** What an egress is made with; only `allowCidrs` is needed. */
export type EgressOptions = {
  /** Addresses that may be called although they are internal, as CIDRs. */
  readonly allowCidrs: readonly string[];
  readonly resolve?: Resolve | undefined;
  /** DNS servers as `address[:port]`; the system's when absent. */
  readonly dnsServers?: readonly string[] | undefined;
  readonly dnsTimeoutMs?: number | undefined;
  /** For name lookup, TCP and TLS together. */
  readonly connectTimeoutMs?: number | undefined;
  /** Certificate authorities in PEM that are trusted beside Node's. */
  readonly extraAuthorities?: readonly string[] | undefined;
  /** Addresses and ports that are never called, such as this program's own listener and database. */
  readonly isRefused?: ((address: string, port: number) => boolean) | undefined;
  /** The same for hosts by name; names are looked up when a request goes to their port. */
  readonly refusedHosts?: readonly RefusedHost[] | undefined;
  /** Ports that are never called; those of other protocols unless said otherwise. */
  readonly refusedPorts?: ReadonlySet<number> | undefined;
  /** Refuses plain HTTP. */
  readonly isHttpsOnly?: boolean | undefined;
  /** `http://[user:password@]host[:port]`: a forward proxy that everything goes through. */
  readonly proxy?: string | undefined;
  /** Forward proxies by name that a request may take instead. */
  readonly proxies?: NamedProxies | undefined;
  readonly limits?: Partial<PoolLimits> | undefined;
  readonly userAgent?: string | undefined;
  /** Epoch milliseconds, for dates in `Retry-After`. */
  readonly now?: (() => number) | undefined;
  readonly monotonicMs?: (() => number) | undefined;
};

const KEEP_BYTES = 4_096;
const REMEMBERED_URLS = 1_000;
const DEFAULT_LIMITS: PoolLimits = { mostPools: 512, connectionsPerPool: 256, idleMs: 4_000, longestUseMs: 300_000 };
const FRAMING_HEADERS: ReadonlySet<string> = new Set([
  "host",
  "content-length",
  "transfer-encoding",
  "connection",
  "keep-alive",
  "upgrade",
  "te",
  "trailer",
  "expect",
  "accept-encoding",
  "proxy-authorization",
  "proxy-connection",
]);

/**
 * Builds the egress. Proxy variables of the environment are ignored. Throws a plain `Error` that lists every entry of
 * `allowCidrs` that is not a CIDR.
 */
export function createEgress(options: EgressOptions): Egress {
  const policy = policyOf(options);
  const identities = createIdentities(options.extraAuthorities ?? []);
  const routes = routesOf(policy, options.proxies ?? {});
  const pools = createPools({ ...DEFAULT_LIMITS, ...options.limits });
  const now = options.now ?? Date.now;
  const userAgent = options.userAgent ?? "Overwatch";
  const targets = new Map<string, TargetVerdict>();
  let isClosed = false;

  // The verdict on a URL's text depends on nothing that changes, and most requests repeat a URL.
  function targetOf(url: string): TargetVerdict {
    const known = targets.get(url);
    if (known !== undefined) return known;
    if (targets.size >= REMEMBERED_URLS) targets.clear();
    const verdict = judgeTarget(url, policy);
    targets.set(url, verdict);
    return verdict;
  }

  return {
    judgeUrlText(url) {
      const verdict = judgeTarget(url, policy);
      return verdict.ok ? { ok: true } : verdict;
    },
    judgeUrl: (url) => judgeUrl(policy, url),
    send(request) {
      const verdict = targetOf(request.url);
      if (!verdict.ok) return failed("blocked_address", verdict.message);
      if (isClosed) return failed("connect", "Overwatch is stopping");
      const headers = headersOf(request.headers, userAgent);
      if (headers === null) return failed("render", "A header of the request would change how the message is framed");
      const route = routes.get(request.proxy ?? "");
      if (route === undefined) {
        return failed("connect", `The proxy ${request.proxy} is not among OVERWATCH_EGRESS_PROXIES of this node`);
      }
      const { origin } = verdict.target;
      const { path, proxyHeaders } = lineFor(route.policy, verdict.target);
      const identity = identities.of(request.clientCertificate);
      if (identity === null) return failed("tls", "The client certificate and its key cannot be used together");
      const entry = pools.begin(request.poolKey ?? "", origin, route, identity);
      return new Promise((resolve) => {
        const exchange = createExchange({
          timeoutMs: request.timeoutMs,
          keepBytes: request.keepBytes ?? KEEP_BYTES,
          monotonicMs: policy.monotonicMs,
          now,
          settle(outcome) {
            pools.end(entry);
            resolve(outcome);
          },
        });
        entry.pool.dispatch(
          { path, method: request.method, headers: { ...headers, ...proxyHeaders }, body: request.body ?? null },
          exchange,
        );
      });
    },
    openPools: pools.size,
    async close() {
      isClosed = true;
      await pools.destroy();
    },
  };
}

async function judgeUrl(policy: DialPolicy, url: string): Promise<UrlVerdict> {
  const verdict = judgeTarget(url, policy);
  if (!verdict.ok) return verdict;
  const { host, port, isLocalName } = verdict.target;
  try {
    await checkedAddresses(policy, host, port);
    return { ok: true };
  } catch (error) {
    if (!(error instanceof DialError)) throw error;
    if (error.reason !== "dns") return { ok: false, reason: "blocked_address", message: error.message };
    // DNS can be away, or the name be made later: every dial judges again. A local name has no such excuse.
    if (!isLocalName) return { ok: true };
    return { ok: false, reason: "blocked_address", message: `${host} may not be called: the name is local` };
  }
}

function policyOf(options: EgressOptions): DialPolicy {
  const list = parseCidrs(options.allowCidrs);
  if (!list.ok) throw new Error(`OVERWATCH_EGRESS_ALLOW_CIDRS: ${list.messages.join("; ")}`);
  const allowed: readonly Cidr[] = list.cidrs;
  const resolver = (withSystemNames: boolean): Resolve =>
    options.resolve ??
    createResolver({ timeoutMs: options.dnsTimeoutMs ?? 5_000, withSystemNames, servers: options.dnsServers });
  return {
    allowed,
    resolve: resolver(allowed.length > 0),
    resolveOwn: resolver(true),
    refusedHosts: options.refusedHosts ?? [],
    refusedPorts: options.refusedPorts ?? STANDARD_REFUSED_PORTS,
    isHttpsOnly: options.isHttpsOnly ?? false,
    proxy: options.proxy === undefined ? null : readProxy(options.proxy, "OVERWATCH_EGRESS_PROXY"),
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
    isRefused: options.isRefused ?? (() => false),
    monotonicMs: options.monotonicMs ?? (() => performance.now()),
  };
}

/** The ways out by the name of their proxy; the empty name is what holds where none is named. */
function routesOf(policy: DialPolicy, proxies: NamedProxies): ReadonlyMap<string, DialRoute> {
  const routes = new Map<string, DialRoute>([["", { name: "", policy }]]);
  for (const [name, url] of Object.entries(proxies)) {
    const proxy = url === DIRECT ? null : readProxy(url, `OVERWATCH_EGRESS_PROXIES (${name})`);
    routes.set(name, { name, policy: { ...policy, proxy } });
  }
  return routes;
}

/** What a request's first line names: the path, or before a proxy that forwards plain HTTP the whole URL. */
function lineFor(
  { proxy }: DialPolicy,
  target: { readonly origin: string; readonly path: string },
): { readonly path: string; readonly proxyHeaders: Readonly<Record<string, string>> } {
  if (proxy === null || !target.origin.startsWith("http:")) return { path: target.path, proxyHeaders: {} };
  const proxyHeaders = proxy.authorization === null ? {} : { "proxy-authorization": proxy.authorization };
  return { path: target.origin + target.path, proxyHeaders };
}

function headersOf(given: Readonly<Record<string, string>>, userAgent: string): Record<string, string> | null {
  const headers: Record<string, string> = { "accept-encoding": "identity" };
  let hasUserAgent = false;
  for (const name in given) {
    const value = given[name];
    if (value === undefined) continue;
    const lower = name.toLowerCase();
    if (lower === "user-agent") hasUserAgent = true;
    if (lower === "accept-encoding") continue;
    if (FRAMING_HEADERS.has(lower)) return null;
    headers[name] = value;
  }
  if (!hasUserAgent) headers["user-agent"] = userAgent;
  return headers;
}

function failed(reason: "blocked_address" | "connect" | "render" | "tls", message: string): Promise<Outcome> {
  const timing = { dns_ms: null, connect_ms: null, tls_ms: null, first_byte_ms: null, total_ms: 0 };
  return Promise.resolve({ ok: false, reason, message, timing });
}
