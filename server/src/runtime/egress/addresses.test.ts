import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { expect, test } from "vitest";
import { type Cidr, parseCidrs, parseIp } from "../../core/cidr.ts";
import { embeddedIpv4, judgeAddress } from "./addresses.ts";

function allow(...texts: readonly string[]): readonly Cidr[] {
  const reading = parseCidrs(texts);
  if (!reading.ok) throw new Error(reading.messages.join("; "));
  return reading.cidrs;
}

function isAllowed(text: string, allowed: readonly Cidr[] = []): boolean {
  const ip = parseIp(text);
  if (ip === null) throw new Error(`not an address: ${text}`);
  return judgeAddress(ip, allowed).ok;
}

/** What ipaddr.js thinks: only plain unicast is public. */
function isPublicByOracle(text: string): boolean {
  return ipaddr.process(text).range() === "unicast";
}

/** Where we refuse more than the oracle: beyond 2000::/3, ISATAP with an internal address inside, and Azure's wire server. */
function isStricterByDesign(text: string): boolean {
  const ip = parseIp(text);
  if (ip === null || text === "168.63.129.16") return true;
  return ip.version === 6 && ((ip.groups[0] ?? 0) >> 13 !== 1 || ip.groups[5] === 0x5efe);
}

const BLOCKS_V4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.31.196.0/24",
  "192.52.193.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "192.175.48.0/24",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
];

/** The first and last address of a block and their neighbours outside. */
function edges(block: string): readonly string[] {
  const [base, bits] = ipaddr.IPv4.parseCIDR(block);
  const first = base.toByteArray().reduce((sum, byte) => sum * 256 + byte, 0);
  const last = first + 2 ** (32 - bits) - 1;
  return [first - 1, first, first + 1, last - 1, last, last + 1]
    .filter((value) => value >= 0 && value <= 0xffffffff)
    .map((value) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join("."));
}

/** IPv6 addresses that carry an IPv4 address, by every scheme. */
function carriers(ipv4: string): readonly string[] {
  const [a = 0, b = 0, c = 0, d = 0] = ipaddr.IPv4.parse(ipv4).octets;
  const high = ((a << 8) | b).toString(16);
  const low = ((c << 8) | d).toString(16);
  const inverted = `${((a << 8) | b) ^ 0xffff ? (((a << 8) | b) ^ 0xffff).toString(16) : "0"}:${(((c << 8) | d) ^ 0xffff).toString(16)}`;
  return [
    `::ffff:${ipv4}`,
    `::FFFF:${high}:${low}`,
    `0:0:0:0:0:ffff:${ipv4}`,
    `::${ipv4}`,
    `::ffff:0:${ipv4}`,
    `64:ff9b::${ipv4}`,
    `64:ff9b:1::${ipv4}`,
    `2002:${high}:${low}::1`,
    `2001::${inverted}`,
    `2001:0:${high}:${low}::`,
    `2606:4700::5efe:${ipv4}`,
    `2606:4700::200:5efe:${ipv4}`,
  ];
}

test("both classifiers agree at the edges of every special IPv4 block", () => {
  for (const text of BLOCKS_V4.flatMap(edges)) expect(isAllowed(text), text).toBe(isPublicByOracle(text));
});

test("both classifiers agree on arbitrary IPv4 addresses", () => {
  fc.assert(
    fc.property(fc.ipV4(), (text) => {
      if (!isStricterByDesign(text)) expect(isAllowed(text)).toBe(isPublicByOracle(text));
    }),
    { numRuns: 2_000 },
  );
});

test("on IPv6 we are never laxer than the oracle, and within global unicast we agree", () => {
  const prefixes = fc.constantFrom(
    0x2000,
    0x2001,
    0x2002,
    0x2606,
    0x2620,
    0x3fff,
    0x64,
    0x100,
    0x5f00,
    0xfc00,
    0xfe80,
    0xfec0,
    0xff02,
    0,
    0x4000,
  );
  const second = fc.constantFrom(0, 1, 2, 3, 4, 0x10, 0x20, 0x30, 0xdb8, 0x1ff, 0x200, 0x4f, 0xff9b, 0x0fff, 0x1000);
  const rest = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }), fc.constant(0x8000)), {
    minLength: 6,
    maxLength: 6,
  });
  fc.assert(
    fc.property(prefixes, second, rest, (first, next, others) => {
      const text = [first, next, ...others].map((group) => group.toString(16)).join(":");
      const ours = isAllowed(text);
      if (ours) expect(isPublicByOracle(text), text).toBe(true);
      if (!isStricterByDesign(text)) expect(ours, text).toBe(isPublicByOracle(text));
    }),
    { numRuns: 3_000 },
  );
});

test("every internal IPv4 address stays refused inside every IPv6 form that carries it", () => {
  for (const ipv4 of [
    "127.0.0.1",
    "10.0.0.1",
    "169.254.169.254",
    "192.168.1.1",
    "172.31.255.255",
    "100.64.0.1",
    "0.0.0.0",
  ]) {
    for (const text of carriers(ipv4)) expect(isAllowed(text), text).toBe(false);
  }
});

test("forms that other libraries read as public are refused", () => {
  for (const text of [
    "::127.0.0.1",
    "::7f00:1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "fe81::1",
    "febf::1",
    "fec0::1",
    "4000::1",
    "::",
    "::2",
  ]) {
    expect(isAllowed(text), text).toBe(false);
  }
});

test("public addresses may be called", () => {
  for (const text of [
    "1.1.1.1",
    "8.8.8.8",
    "93.184.216.34",
    "::ffff:8.8.8.8",
    "2606:4700:4700::1111",
    "2a00:1450:4001:81b::200e",
  ]) {
    expect(isAllowed(text), text).toBe(true);
  }
});

test("the operator's list opens what it names and nothing beside it", () => {
  const allowed = allow("10.1.0.0/16", "fd12:3456::/32", "::1");
  expect(["10.1.2.3", "::ffff:10.1.2.3", "fd12:3456::1", "::1"].map((text) => isAllowed(text, allowed))).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(["10.2.0.1", "fd12:3457::1", "127.0.0.1", "::10.1.2.3"].map((text) => isAllowed(text, allowed))).toEqual([
    false,
    false,
    false,
    false,
  ]);
});

test("an allowed translation prefix still does not open what is behind it", () => {
  const allowed = allow("64:ff9b::/96", "2002::/16");
  expect(isAllowed("64:ff9b::8.8.8.8", allowed)).toBe(true);
  expect(isAllowed("64:ff9b::10.0.0.1", allowed)).toBe(false);
  expect(isAllowed("2002:a00:1::", allowed)).toBe(false);
  expect(isAllowed("64:ff9b::10.0.0.1", allow("64:ff9b::/96", "10.0.0.0/8"))).toBe(true);
  expect(isAllowed("64:ff9b:1:a00:0:100::", allow("64:ff9b:1::/48"))).toBe(true);
});

test("metadata services stay refused even when everything is allowed, in every form", () => {
  const everything = allow("0.0.0.0/0", "::/0");
  expect(isAllowed("10.0.0.1", everything)).toBe(true);
  const services = ["169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16", "192.0.0.192"];
  for (const text of [...services, ...services.flatMap(carriers), "fd00:ec2::254", "fd20:ce::254"]) {
    expect(isAllowed(text, everything), text).toBe(false);
  }
  // 169.254.169.254 by RFC 6052 within a /48 and a /64 of the local NAT64 prefix.
  for (const text of ["64:ff9b:1:a9fe:a9:fe00::", "64:ff9b:1:0:a9:fea9:fe00:0"]) {
    expect(isAllowed(text, everything), text).toBe(false);
  }
});

test("plain IPv4 and native IPv6 addresses carry no other address", () => {
  for (const text of ["8.8.8.8", "2606:4700::1", "::1", "::", "fd00::1"]) {
    const ip = parseIp(text);
    expect(ip !== null && embeddedIpv4(ip)).toEqual([]);
  }
});
