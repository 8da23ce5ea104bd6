import { type Cidr, cidrsContain, type IpAddress, parseIp } from "./cidr.ts";

/** Where a request came from; `ip` is null when the peer has no address that can be read. */
export type SourceAddress = {
  readonly ip: IpAddress | null;
  /** Dotted IPv4 or RFC 5952 IPv6; `unknown` without an address. */
  readonly text: string;
};

const MOST_HOPS = 32;
const UNKNOWN: SourceAddress = { ip: null, text: "unknown" };

/**
 * The address of the sender: the peer itself, or, when the peer is a trusted proxy, the rightmost entry of
 * `X-Forwarded-For` that is not one. Whatever is not a plain address (ports, brackets, tabs, `unknown`, nothing) ends
 * the walk at the last address that somebody trusted vouched for, and so does the thirty-third hop.
 */
export function findSourceAddress(
  peer: string | undefined,
  forwardedFor: string | undefined,
  trustedProxies: readonly Cidr[],
): SourceAddress {
  let current = peer === undefined ? null : parseIp(peer);
  if (current === null) return UNKNOWN;
  let rest: string | null = forwardedFor ?? null;
  for (let hop = 0; hop < MOST_HOPS && rest !== null && cidrsContain(trustedProxies, current); hop += 1) {
    const comma: number = rest.lastIndexOf(",");
    const entry = parseIp(trimSpaces(rest.slice(comma + 1)));
    if (entry === null) break;
    current = entry;
    rest = comma === -1 ? null : rest.slice(0, comma);
  }
  return { ip: current, text: formatIp(current) };
}

/** The text of an address: dotted decimal for IPv4, RFC 5952 for IPv6. */
export function formatIp(ip: IpAddress): string {
  if (ip.version === 4) return ip.groups.map((group) => `${group >> 8}.${group & 0xff}`).join(".");
  const run = longestZeroRun(ip.groups);
  const hex = ip.groups.map((group) => group.toString(16));
  if (run.length < 2) return hex.join(":");
  return `${hex.slice(0, run.start).join(":")}::${hex.slice(run.start + run.length).join(":")}`;
}

function longestZeroRun(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  for (const [index, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0;
    if (length > best.length) best = { start: index - length + 1, length };
  }
  return best;
}

// Only spaces: a tab inside the list is a sign that somebody plays with the parser.
function trimSpaces(text: string): string {
  return text.replace(/^ {1,8}| {1,8}$/g, "");
}
