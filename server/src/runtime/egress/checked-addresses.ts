import { type Cidr, cidrsContain, type IpAddress, parseIp, sameIp } from "../../core/cidr.ts";
import { judgeAddress } from "./addresses.ts";
import { DialError } from "./dial-error.ts";
import type { Resolve } from "./resolver.ts";
import { isLocalName } from "./target.ts";

/** An address that was judged, as it was written and as it was read. */
export type Checked = { readonly text: string; readonly ip: IpAddress };

/** A host and a port that are never called, whatever is allowed, such as the database of this program. */
export type RefusedHost = { readonly host: string; readonly port: number };

/** What addresses are judged by. */
export type AddressPolicy = {
  readonly allowed: readonly Cidr[];
  readonly resolve: Resolve;
  /** Asks the operating system too; for hosts that the operator named. */
  readonly resolveOwn: Resolve;
  /** Further addresses that are never called, such as this program's own listener. */
  readonly isRefused: (address: string, port: number) => boolean;
  readonly refusedHosts: readonly RefusedHost[];
};

/** The addresses of a host that may be dialled; throws a `DialError` when there are none or one of them is refused. */
export async function checkedAddresses(policy: AddressPolicy, host: string, port: number): Promise<readonly Checked[]> {
  const literal = parseIp(host);
  const resolution = literal === null ? await policy.resolve(host) : { ok: true as const, addresses: [host] };
  if (!resolution.ok) throw new DialError("dns", `${host}: ${resolution.message}`);
  const checked = resolution.addresses.map((text) => ({ text, ip: judged(policy, host, text, port) }));
  if (checked.length === 0) throw new DialError("dns", `${host}: the host name has no addresses`);
  if (literal === null && isLocalName(host)) {
    const outside = checked.find(({ ip }) => !cidrsContain(policy.allowed, ip));
    if (outside !== undefined) throw new DialError("blocked_address", `${host} may not be called: the name is local`);
  }
  for (const refused of policy.refusedHosts) {
    if (refused.port === port && (await meansOneOf(policy, refused.host, checked))) throw isOurs(host);
  }
  return checked;
}

/**
 * Judges a host that a proxy will look up and dial: the text and what the name means here. A name that means nothing here
 * is left to the proxy, unless it is local.
 */
export async function judgeForProxy(policy: AddressPolicy, host: string, port: number): Promise<void> {
  try {
    await checkedAddresses(policy, host, port);
  } catch (error) {
    const isUnknown = error instanceof DialError && error.reason === "dns";
    if (!isUnknown) throw error;
    if (isLocalName(host)) throw new DialError("blocked_address", `${host} may not be called: the name is local`);
  }
}

async function meansOneOf(policy: AddressPolicy, host: string, checked: readonly Checked[]): Promise<boolean> {
  const own = parseIp(host);
  const resolution = own === null ? await policy.resolveOwn(host) : { ok: true as const, addresses: [host] };
  if (!resolution.ok) return false;
  return resolution.addresses.some((text) => {
    const ip = parseIp(text);
    return ip !== null && checked.some((entry) => sameIp(entry.ip, ip));
  });
}

function judged(policy: AddressPolicy, host: string, address: string, port: number): IpAddress {
  const ip = parseIp(address);
  const verdict = ip === null ? null : judgeAddress(ip, policy.allowed);
  if (ip === null || verdict === null) throw new DialError("blocked_address", `${host} has an unreadable address`);
  if (!verdict.ok) throw new DialError("blocked_address", `${host} may not be called: ${verdict.message}`);
  if (policy.isRefused(address, port)) throw isOurs(host);
  return ip;
}

function isOurs(host: string): DialError {
  return new DialError("blocked_address", `${host} may not be called: it is Overwatch itself`);
}
