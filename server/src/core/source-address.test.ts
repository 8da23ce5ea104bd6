import ipaddr from "ipaddr.js";
import { describe, expect, test } from "vitest";
import { parseCidrs, parseIp } from "./cidr.ts";
import { findSourceAddress, formatIp } from "./source-address.ts";

function cidrs(...texts: string[]) {
  const reading = parseCidrs(texts);
  if (!reading.ok) throw new Error(reading.messages.join());
  return reading.cidrs;
}
const PROXIES = cidrs("10.0.0.0/8", "fd00::/8");
const find = (peer: string | undefined, forwarded: string | undefined, trusted = PROXIES): string =>
  findSourceAddress(peer, forwarded, trusted).text;

describe("the source of a request", () => {
  test("is the peer when the peer is no trusted proxy, whatever it claims (B01)", () => {
    expect(find("203.0.113.9", "198.51.100.1")).toBe("203.0.113.9");
    expect(find("10.0.0.1", "198.51.100.1", [])).toBe("10.0.0.1");
  });

  test("is the rightmost entry that is no proxy itself (B02)", () => {
    expect(find("10.0.0.1", "6.6.6.6, 198.51.100.1")).toBe("198.51.100.1");
    expect(find("10.0.0.1", "6.6.6.6, 198.51.100.1, 10.9.9.9,10.1.1.1")).toBe("198.51.100.1");
    expect(find("fd00::1", "2001:db8::5")).toBe("2001:db8::5");
  });

  test("is the outermost proxy when there are only proxies, and the peer when nothing was forwarded", () => {
    expect(find("10.0.0.1", "10.0.0.3, 10.0.0.2")).toBe("10.0.0.3");
    expect(find("10.0.0.1", undefined)).toBe("10.0.0.1");
  });

  test.each([
    ["a tab", "198.51.100.1,\t6.6.6.6"],
    ["a port", "198.51.100.1, 6.6.6.6:443"],
    ["brackets", "198.51.100.1, [2001:db8::1]"],
    ["the word unknown", "198.51.100.1, unknown"],
    ["an empty part", "198.51.100.1, "],
    ["nothing at all", ""],
    ["a zone", "198.51.100.1, fe80::1%eth0"],
    ["octal", "198.51.100.1, 0306.6.6.6"],
    ["a text of a megabyte", `198.51.100.1, ${"x".repeat(1_000_000)}`],
  ])("stays at the proxy when the entry before it is not an address: %s (B04)", (_name, forwarded) => {
    expect(find("10.0.0.1", forwarded)).toBe("10.0.0.1");
  });

  test("is not looked for beyond 32 hops (B04)", () => {
    expect(find("10.0.0.1", `6.6.6.6,${Array.from({ length: 10_000 }, () => "10.0.0.2").join(",")}`)).toBe("10.0.0.2");
  });

  test("reads a mapped IPv6 address as the IPv4 address it is (B05)", () => {
    expect(find("::ffff:203.0.113.9", undefined)).toBe("203.0.113.9");
    expect(find("::ffff:10.0.0.1", "::ffff:198.51.100.1")).toBe("198.51.100.1");
  });

  test("is unknown without a peer", () => {
    expect(findSourceAddress(undefined, "198.51.100.1", PROXIES)).toEqual({ ip: null, text: "unknown" });
    expect(find("not an address", undefined)).toBe("unknown");
  });
});

test("addresses are written as RFC 5952 wants them", () => {
  const spellings = [
    "::",
    "::1",
    "2001:db8::1",
    "2001:0:0:1:0:0:0:1",
    "1:0:2:0:3:0:4:0",
    "2001:db8:0:0:1:0:0:1",
    "fe80::",
    "1:2:3:4:5:6:7:8",
  ];
  for (const text of spellings) {
    const ip = parseIp(text);
    if (ip === null) throw new Error(text);
    expect(formatIp(ip)).toBe(ipaddr.IPv6.parse(text).toRFC5952String());
  }
});
