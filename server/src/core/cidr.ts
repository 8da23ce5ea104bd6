/**
 * An IP address as 16-bit groups: two for IPv4, eight for IPv6. An IPv4-mapped IPv6 address (`::ffff:a.b.c.d`, RFC 4291
 * section 2.5.5.2) is always held as IPv4, so that both spellings are equal.
 */
export type IpAddress = { readonly version: 4 | 6; readonly groups: readonly number[] };

/** A block of addresses: the first one, and how many leading bits all of them share. */
export type Cidr = { readonly first: IpAddress; readonly prefix: number };

/** The outcome of reading a CIDR; the message is a sentence for whoever wrote it. */
export type CidrReading = { readonly ok: true; readonly cidr: Cidr } | { readonly ok: false; readonly message: string };

const IPV4 = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;
const HEX_GROUP = /^[0-9a-f]{1,4}$/i;
const MAPPED_BITS = 96;
const LONGEST_IP = 45;

/**
 * Reads an address in its standard spelling: dotted decimal without leading zeros, or RFC 4291 text. Zones (`%eth0`),
 * brackets, ports, spaces and the octal, hexadecimal and short spellings of IPv4 give null.
 */
export function parseIp(text: string): IpAddress | null {
  if (text.length > LONGEST_IP) return null;
  const groups = text.includes(":") ? parseIpv6(text) : parseIpv4(text);
  if (groups === null) return null;
  return groups.length === 2 ? { version: 4, groups } : unmap(groups);
}

/** True when both are the same address, mapped forms included. */
export function sameIp(left: IpAddress, right: IpAddress): boolean {
  return left.version === right.version && left.groups.every((group, index) => group === right.groups[index]);
}

/**
 * Reads `address/prefix`, or a bare address as a block of one. Bits after the prefix are ignored, as PostgreSQL's `inet`
 * and nginx do. A mapped block is held as IPv4; one that reaches beyond the mapped range (prefix under 96) is refused,
 * because libraries that accept it end up trusting the whole internet.
 */
export function parseCidr(text: string): CidrReading {
  const slash = text.indexOf("/");
  const address = slash === -1 ? text : text.slice(0, slash);
  const ip = parseIp(address);
  if (ip === null) return { ok: false, message: `"${cut(text)}" does not start with an IPv4 or IPv6 address` };
  const wide = address.includes(":") ? 128 : 32;
  const suffix = slash === -1 ? String(wide) : text.slice(slash + 1);
  const bits = /^(0|[1-9]\d{0,2})$/.test(suffix) ? Number(suffix) : Number.NaN;
  if (!(bits <= wide)) {
    return { ok: false, message: `"${cut(text)}" needs a prefix length of 0 to ${wide} after the slash` };
  }
  if (ip.version === 4 && wide === 128) {
    if (bits < MAPPED_BITS) {
      return { ok: false, message: `"${cut(text)}" reaches beyond the IPv4-mapped range; write it as an IPv4 block` };
    }
    return { ok: true, cidr: blockOf(ip, bits - MAPPED_BITS) };
  }
  return { ok: true, cidr: blockOf(ip, bits) };
}

/** True when the address lies in the block; an IPv6 block, `::/0` included, never holds an IPv4 address. */
export function cidrContains(cidr: Cidr, ip: IpAddress): boolean {
  if (cidr.first.version !== ip.version) return false;
  for (let index = 0; index * 16 < cidr.prefix; index += 1) {
    if (((ip.groups[index] ?? 0) & maskOf(cidr.prefix, index)) !== cidr.first.groups[index]) return false;
  }
  return true;
}

/** True when one of the blocks holds the address. */
export function cidrsContain(cidrs: readonly Cidr[], ip: IpAddress): boolean {
  return cidrs.some((cidr) => cidrContains(cidr, ip));
}

/** Reads a list of CIDRs; the messages name every entry that is not one. */
export function parseCidrs(
  texts: readonly string[],
):
  | { readonly ok: true; readonly cidrs: readonly Cidr[] }
  | { readonly ok: false; readonly messages: readonly string[] } {
  const readings = texts.map(parseCidr);
  const messages = readings.flatMap((reading) => (reading.ok ? [] : [reading.message]));
  if (messages.length > 0) return { ok: false, messages };
  return { ok: true, cidrs: readings.flatMap((reading) => (reading.ok ? [reading.cidr] : [])) };
}

function parseIpv4(text: string): readonly [number, number] | null {
  const match = IPV4.exec(text);
  if (match === null) return null;
  const [a = 256, b = 256, c = 256, d = 256] = match.slice(1).map(Number);
  return Math.max(a, b, c, d) > 255 ? null : [a * 256 + b, c * 256 + d];
}

function parseIpv6(text: string): readonly number[] | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const [head = "", tail] = halves;
  const before = parseGroups(head, tail === undefined);
  const after = tail === undefined ? [] : parseGroups(tail, true);
  if (before === null || after === null) return null;
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  return [...before, ...new Array<number>(missing).fill(0), ...after];
}

function parseGroups(text: string, mayEndInIpv4: boolean): readonly number[] | null {
  if (text === "") return [];
  const parts = text.split(":");
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    const ipv4 = mayEndInIpv4 && index === parts.length - 1 && part.includes(".") ? parseIpv4(part) : null;
    if (ipv4 !== null) groups.push(...ipv4);
    else if (HEX_GROUP.test(part)) groups.push(Number.parseInt(part, 16));
    else return null;
  }
  return groups;
}

function unmap(groups: readonly number[]): IpAddress {
  const isMapped = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
  return isMapped ? { version: 4, groups: groups.slice(6) } : { version: 6, groups };
}

function blockOf(ip: IpAddress, prefix: number): Cidr {
  const groups = ip.groups.map((group, index) => group & maskOf(prefix, index));
  return { first: { version: ip.version, groups }, prefix };
}

function maskOf(prefix: number, index: number): number {
  const bits = Math.min(16, Math.max(0, prefix - index * 16));
  return (0xffff << (16 - bits)) & 0xffff;
}

function cut(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
