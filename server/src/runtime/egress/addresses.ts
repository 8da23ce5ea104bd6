import { type Cidr, cidrContains, cidrsContain, type IpAddress, parseCidr, parseIp, sameIp } from "../../core/cidr.ts";

/** Whether an address may be called; the message says what the address is, not what lives there. */
export type AddressVerdict = { readonly ok: true } | { readonly ok: false; readonly message: string };

// IANA's special-purpose registries (read 2026-11), and what ipaddr.js sets apart beside them. Blocks inside the global
// unicast space; everything outside 2000::/3 is refused as a whole.
const SPECIAL: readonly (readonly [string, string])[] = [
  ["0.0.0.0/8", "of this network"],
  ["10.0.0.0/8", "private"],
  ["100.64.0.0/10", "shared by a carrier"],
  ["127.0.0.0/8", "of this machine"],
  ["169.254.0.0/16", "link-local"],
  ["172.16.0.0/12", "private"],
  ["192.0.0.0/24", "reserved for protocols"],
  ["192.0.2.0/24", "for documentation"],
  ["192.31.196.0/24", "anycast of AS112"],
  ["192.52.193.0/24", "anycast of AMT"],
  ["192.88.99.0/24", "a retired 6to4 relay"],
  ["192.168.0.0/16", "private"],
  ["192.175.48.0/24", "anycast of AS112"],
  ["198.18.0.0/15", "for benchmarks"],
  ["198.51.100.0/24", "for documentation"],
  ["203.0.113.0/24", "for documentation"],
  ["224.0.0.0/4", "multicast"],
  ["240.0.0.0/4", "reserved"],
  ["::/128", "unspecified"],
  ["::1/128", "of this machine"],
  ["64:ff9b::/96", "translated (NAT64)"],
  ["64:ff9b:1::/48", "translated (local NAT64)"],
  ["100::/64", "discard-only"],
  ["2001::/23", "reserved for protocols (Teredo and others)"],
  ["2001:db8::/32", "for documentation"],
  ["2002::/16", "tunnelled (6to4)"],
  ["2620:4f:8000::/48", "anycast of AS112"],
  ["3fff::/20", "for documentation"],
  ["fc00::/7", "private (unique local)"],
  ["fe80::/10", "link-local"],
  ["fec0::/10", "site-local"],
  ["ff00::/8", "multicast"],
];

// Where clouds hand out credentials to whoever asks from the machine.
const METADATA = [
  "169.254.169.254", // AWS, Azure, Google Cloud, Oracle, OpenStack, DigitalOcean, Hetzner
  "169.254.169.253", // AWS DNS
  "169.254.170.2", // AWS ECS
  "169.254.170.23", // AWS EKS
  "169.254.0.23", // Tencent Cloud
  "169.254.42.42", // Scaleway
  "100.100.100.200", // Alibaba Cloud
  "168.63.129.16", // Azure wire server
  "192.0.0.192", // Oracle Cloud Classic
  "fd00:ec2::254", // AWS
  "fd00:ec2::253", // AWS DNS
  "fd00:ec2::23", // AWS EKS
  "fd20:ce::254", // Google Cloud
  "fd00:42::42", // Scaleway
  "fe80::a9fe:a9fe", // OpenStack
].map(ipOf);

const SPECIAL_BLOCKS = SPECIAL.map(([text, name]) => ({ cidr: cidrOf(text), name }));
const GLOBAL_UNICAST = cidrOf("2000::/3");
const LOCAL_NAT64 = cidrOf("64:ff9b:1::/48");

/**
 * Judges an address: only global unicast may be called, or what the operator's list holds. Every IPv4 address that an
 * IPv6 address embeds is judged, too; addresses of cloud metadata services are refused whatever the list says.
 */
export function judgeAddress(ip: IpAddress, allowed: readonly Cidr[]): AddressVerdict {
  const inside = embeddedIpv4(ip);
  for (const candidate of [ip, ...inside]) {
    if (METADATA.some((metadata) => sameIp(metadata, candidate))) return refused("a cloud metadata service");
  }
  // Which bits of a local NAT64 prefix hold the address is the operator's choice, so allowing one is trusting its translator.
  const behind = cidrContains(LOCAL_NAT64, ip) ? [] : inside;
  for (const candidate of [ip, ...behind]) {
    const special = specialNameOf(candidate);
    if (special !== null && !cidrsContain(allowed, candidate)) return refused(special);
  }
  return { ok: true };
}

/**
 * The IPv4 addresses that an IPv6 address stands for: IPv4-compatible (RFC 4291), translated (RFC 2765), NAT64 (RFC 6052,
 * 8215; every prefix length that fits), 6to4 (RFC 3056), Teredo (RFC 4380) and ISATAP (RFC 5214).
 */
export function embeddedIpv4(ip: IpAddress): readonly IpAddress[] {
  if (ip.version === 4) return [];
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = ip.groups;
  const startsWithZeros = a === 0 && b === 0 && c === 0 && d === 0;
  const isIsatap = (e === 0 || e === 0x0200) && f === 0x5efe;
  if (startsWithZeros && e === 0 && f === 0) return g === 0 && h <= 1 ? [] : [ipv4(g, h)];
  if (startsWithZeros && e === 0xffff && f === 0) return [ipv4(g, h)];
  if (a === 0x64 && b === 0xff9b && c === 0) return [ipv4(g, h)];
  if (a === 0x64 && b === 0xff9b && c === 1) {
    // Octet 8 (the high half of e) stays empty in RFC 6052, so the address goes around it.
    const by48 = ipv4(d, ((e & 0xff) << 8) | (f >> 8));
    const by56 = ipv4(((d & 0xff) << 8) | (e & 0xff), f);
    const by64 = ipv4(((e & 0xff) << 8) | (f >> 8), ((f & 0xff) << 8) | (g >> 8));
    return [by48, by56, by64, ipv4(g, h)];
  }
  if (a === 0x2002) return [ipv4(b, c)];
  if (a === 0x2001 && b === 0) return [ipv4(c, d), ipv4(g ^ 0xffff, h ^ 0xffff)];
  return isIsatap ? [ipv4(g, h)] : [];
}

function specialNameOf(ip: IpAddress): string | null {
  const special = SPECIAL_BLOCKS.find(({ cidr }) => cidrContains(cidr, ip));
  if (special !== undefined) return special.name;
  return ip.version === 6 && !cidrContains(GLOBAL_UNICAST, ip) ? "outside the global unicast space" : null;
}

function refused(what: string): AddressVerdict {
  return { ok: false, message: `the address is ${what}` };
}

function ipv4(high: number, low: number): IpAddress {
  return { version: 4, groups: [high, low] };
}

function cidrOf(text: string): Cidr {
  const reading = parseCidr(text);
  if (!reading.ok) throw new Error(reading.message);
  return reading.cidr;
}

function ipOf(text: string): IpAddress {
  const ip = parseIp(text);
  if (ip === null) throw new Error(`${text} is not an address`);
  return ip;
}
