import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { expect, test } from "vitest";
import { type Cidr, cidrContains, cidrsContain, parseCidr, parseCidrs, parseIp, sameIp } from "./cidr.ts";

function cidrOf(text: string): Cidr {
  const reading = parseCidr(text);
  if (!reading.ok) throw new Error(reading.message);
  return reading.cidr;
}

function contains(cidr: string, address: string): boolean {
  const ip = parseIp(address);
  if (ip === null) throw new Error(`not an address: ${address}`);
  return cidrContains(cidrOf(cidr), ip);
}

function same(left: string, right: string): boolean {
  const [a, b] = [parseIp(left), parseIp(right)];
  return a !== null && b !== null && sameIp(a, b);
}

const ipv4 = fc.ipV4();
const bytes16 = fc.uint8Array({ minLength: 16, maxLength: 16 });
const ipv6 = bytes16.map((bytes) => ipaddr.fromByteArray([...bytes]).toString());

test("a block holds exactly the addresses that an independent library says it holds", () => {
  const near = (base: string, other: string, useBase: boolean) => (useBase ? base : other);
  fc.assert(
    fc.property(ipv4, ipv4, fc.nat(32), fc.boolean(), (base, other, prefix, useBase) => {
      const address = near(base, other, useBase);
      expect(contains(`${base}/${prefix}`, address)).toBe(
        ipaddr.IPv4.parse(address).match(ipaddr.IPv4.parse(base), prefix),
      );
    }),
  );
  fc.assert(
    fc.property(bytes16, fc.nat(127), fc.nat(128), (bytes, flipped, prefix) => {
      const changed = Uint8Array.from(bytes);
      const at = flipped >> 3;
      changed[at] = (changed[at] ?? 0) ^ (0x80 >> (flipped & 7));
      changed[0] = bytes[0] = 0x20;
      const [base, address] = [ipaddr.fromByteArray([...bytes]), ipaddr.fromByteArray([...changed])];
      if (!(base instanceof ipaddr.IPv6) || !(address instanceof ipaddr.IPv6))
        throw new Error("sixteen bytes are IPv6");
      expect(contains(`${base.toString()}/${prefix}`, address.toString())).toBe(address.match(base, prefix));
    }),
  );
});

test("every spelling of an IPv6 address that the library writes is read as the same address", () => {
  fc.assert(
    fc.property(ipv6, (text) => {
      const parsed = ipaddr.IPv6.parse(text);
      for (const spelling of [
        parsed.toNormalizedString(),

        parsed.toRFC5952String(),
        text.toUpperCase(),
      ]) {
        expect(same(spelling, text)).toBe(true);
      }
    }),
  );
});

test("arbitrary text is never read as an address that the library does not know", () => {
  const alphabet = fc.constantFrom(..."0123456789abf:.x%/[ ]");
  fc.assert(
    fc.property(fc.string({ unit: alphabet, maxLength: 24 }), (text) => {
      if (parseIp(text) !== null) expect(ipaddr.isValid(text)).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

test("an IPv4-mapped address equals its IPv4 form in every spelling", () => {
  for (const mapped of ["::ffff:1.2.3.4", "::FFFF:102:304", "0:0:0:0:0:ffff:1.2.3.4", "0000:0000::ffff:0102:0304"]) {
    expect(same(mapped, "1.2.3.4")).toBe(true);
    expect(contains("1.2.3.0/24", mapped)).toBe(true);
    expect(contains(mapped, "1.2.3.4")).toBe(true);
  }
  expect(contains("::ffff:10.0.0.0/104", "10.200.0.1")).toBe(true);
  expect(contains("::ffff:10.0.0.0/104", "11.0.0.1")).toBe(false);
});

test("a mapped block that reaches beyond the mapped range is refused", () => {
  for (const text of ["::ffff:10.0.0.0/8", "::ffff:0:0/95", "::ffff:10.0.0.1/0"]) {
    expect(parseCidr(text)).toMatchObject({ ok: false, message: expect.stringContaining("IPv4-mapped") });
  }
  expect(parseCidr("::ffff:0:0/96").ok).toBe(true);
});

test("no IPv6 block holds an IPv4 address, not even the widest one", () => {
  expect(contains("::/0", "10.0.0.1")).toBe(false);
  expect(contains("::/0", "2001:db8::1")).toBe(true);
  expect(contains("0.0.0.0/0", "::1")).toBe(false);
  expect(contains("0.0.0.0/0", "255.255.255.255")).toBe(true);
});

test("addresses are compared as numbers, never as text", () => {
  expect(contains("1.1.1.1", "11.1.1.1")).toBe(false);
  expect(contains("1.1.1.1", "1.1.1.11")).toBe(false);
  expect(contains("10.0.0.77/8", "10.1.2.3")).toBe(true);
});

test("spellings that other programs read differently are not addresses here", () => {
  const refused = [
    "",
    " 1.2.3.4",
    "1.2.3.4 ",
    "1.2.3",
    "1.2.3.4.5",
    "01.2.3.4",
    "0x7f.0.0.1",
    "2130706433",
    "1.2.3.256",
    "1.2.3.4:80",
    "[::1]",
    "fe80::1%eth0",
    ":::",
    "::1::",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1::2:3:4:5:6:7:8",
    "12345::",
    "g::",
    "1.2.3.4::",
    "::1.2.3.4:5",
    "::01.2.3.4",
    ":1:2:3:4:5:6:7",
    "unknown",
    "１.2.3.4",
    `${"0".repeat(46)}::1`,
  ];
  for (const text of refused) expect(parseIp(text), text).toBeNull();
});

test("a block needs a whole prefix length within its family", () => {
  for (const text of [
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0.0/-1",
    "10.0.0.0/08",
    "10.0.0.0/8/8",
    "10.0.0.0/8 ",
    "::/129",
    "x/8",
    "/8",
  ]) {
    expect(parseCidr(text).ok, text).toBe(false);
  }
});

test("a list names every entry that is wrong, and is searched as a whole when all are right", () => {
  expect(parseCidrs(["10.0.0.0/8", "nonsense", "::/200"])).toMatchObject({ ok: false, messages: { length: 2 } });
  const list = parseCidrs(["10.0.0.0/8", "fd00::/8"]);
  const ip = parseIp("fd12::1");
  expect(list.ok && ip !== null && cidrsContain(list.cidrs, ip)).toBe(true);
});
