import { promises as dnsPromises, lookup } from "node:dns";

/** The addresses of a name in the order in which to try them, or why there are none. Never throws. */
export type Resolution =
  | { readonly ok: true; readonly addresses: readonly string[] }
  | { readonly ok: false; readonly isUnknown: boolean; readonly message: string };

/** Looks a host name up. */
export type Resolve = (host: string) => Promise<Resolution>;

/** How names are looked up. */
export type ResolverOptions = {
  /** After so long a lookup has failed. */
  readonly timeoutMs: number;
  /** Also asks the operating system (hosts file, search domains, mDNS) for local names and names that DNS does not know. */
  readonly withSystemNames: boolean;
  /** DNS servers as `address[:port]`; the system's when absent. */
  readonly servers?: readonly string[] | undefined;
};

const MOST_ADDRESSES = 16;
const SYSTEM_LOOKUPS_AT_ONCE = 2;
const MOST_NAMES_AT_ONCE = 1_000;
const UNKNOWN_CODES: ReadonlySet<string> = new Set(["ENOTFOUND", "ENODATA"]);

/**
 * A resolver on c-ares, which waits on sockets of its own. The operating system's lookup holds one of the four threads
 * that files and cryptography need as well, so it is asked only where an operator allows internal addresses, and at most
 * twice at once. At most a thousand names are looked up at the same time, each once. `localhost` and names under it are this machine without a question (RFC 6761).
 */
export function createResolver(options: ResolverOptions): Resolve {
  const resolver = new dnsPromises.Resolver({ timeout: Math.ceil(options.timeoutMs / 3), tries: 2 });
  if (options.servers !== undefined) resolver.setServers([...options.servers]);
  const askSystem = createSystemLookup();

  async function askDns(host: string): Promise<Resolution> {
    const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    const addresses = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
    if (addresses.length > 0) return { ok: true, addresses: addresses.slice(0, MOST_ADDRESSES) };
    const codes = answers.map((answer) => (answer.status === "rejected" ? codeOf(answer.reason) : ""));
    const isUnknown = codes.every((code) => UNKNOWN_CODES.has(code));
    const failed = codes.find((code) => !UNKNOWN_CODES.has(code)) ?? "ENOTFOUND";
    return { ok: false, isUnknown, message: isUnknown ? "the host name does not resolve" : `DNS failed (${failed})` };
  }

  async function ask(host: string): Promise<Resolution> {
    if (host === "localhost" || host.endsWith(".localhost")) return { ok: true, addresses: ["127.0.0.1", "::1"] };
    if (!options.withSystemNames) return askDns(host);
    if (!host.includes(".")) {
      const local = await askSystem(host);
      return local.ok ? local : askDns(host);
    }
    const answer = await askDns(host);
    return answer.ok || !answer.isUnknown ? answer : askSystem(host);
  }

  // Connections that are opened at the same time share one answer; a later one asks again.
  const underWay = new Map<string, Promise<Resolution>>();
  return (host) => {
    const known = underWay.get(host);
    if (known !== undefined) return known;
    if (underWay.size >= MOST_NAMES_AT_ONCE) {
      return Promise.resolve({ ok: false, isUnknown: false, message: "too many names are being looked up" });
    }
    const asked = withDeadline(ask(host), options.timeoutMs).finally(() => underWay.delete(host));
    underWay.set(host, asked);
    return asked;
  };
}

function createSystemLookup(): Resolve {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (host) => {
    if (running >= SYSTEM_LOOKUPS_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    try {
      return await new Promise<Resolution>((resolve) => {
        lookup(host, { all: true, order: "ipv4first" }, (error, found) => {
          if (error !== null) resolve({ ok: false, isUnknown: true, message: "the host name does not resolve" });
          else resolve({ ok: true, addresses: found.slice(0, MOST_ADDRESSES).map((entry) => entry.address) });
        });
      });
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
}

function withDeadline(work: Promise<Resolution>, timeoutMs: number): Promise<Resolution> {
  return new Promise((resolve) => {
    const late: Resolution = { ok: false, isUnknown: false, message: `DNS did not answer within ${timeoutMs} ms` };
    const timer = setTimeout(() => resolve(late), timeoutMs);
    const settle = (resolution: Resolution): void => {
      clearTimeout(timer);
      resolve(resolution);
    };
    work.then(settle, (error: unknown) =>
      settle({ ok: false, isUnknown: false, message: `DNS failed (${codeOf(error)})` }),
    );
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown";
}
