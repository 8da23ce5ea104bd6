import ipaddr from "ipaddr.js";
import { expect, test } from "vitest";
import { parseCidrs } from "../../core/cidr.ts";
import { STANDARD_REFUSED_PORTS } from "../../core/refused-ports.ts";
import { isLocalName, judgeTarget as judgeBy, type TargetRules } from "./target.ts";

const list = parseCidrs(["127.0.0.0/8"]);
const LOOPBACK = list.ok ? list.cidrs : [];
const judgeTarget = (url: string, allowed: TargetRules["allowed"], more: Partial<TargetRules> = {}) =>
  judgeBy(url, { allowed, refusedPorts: STANDARD_REFUSED_PORTS, isHttpsOnly: false, ...more });
const reasonOf = (url: string): string => {
  const verdict = judgeTarget(url, []);
  return verdict.ok ? "ok" : verdict.reason;
};

/** The spellings of an IPv4 address that browsers and the WHATWG URL standard accept. */
function spellings(ipv4: string): readonly string[] {
  const octets = ipaddr.IPv4.parse(ipv4).octets;
  const [a = 0, b = 0, c = 0, d = 0] = octets;
  const whole = ((a * 256 + b) * 256 + c) * 256 + d;
  const wide = (text: string) => text.replace(/[0-9]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0));
  return [
    ipv4,
    `${ipv4}.`,
    String(whole),
    `0x${whole.toString(16)}`,
    `0X${whole.toString(16).toUpperCase()}`,
    `0${whole.toString(8)}`,
    octets.map((octet) => `0x${octet.toString(16)}`).join("."),
    octets.map((octet) => `0${octet.toString(8)}`).join("."),
    `${a}.${(b * 256 + c) * 256 + d}`,
    `${a}.${b}.${c * 256 + d}`,
    `0x${a.toString(16)}.${b}.0${c.toString(8)}.${d}`,
    wide(ipv4),
    ipv4.replaceAll(".", "。"),
    ipv4.replaceAll(".", "%2E"),
    `%${a.toString(10).charCodeAt(0).toString(16)}${ipv4.slice(1)}`,
    `[::ffff:${ipv4}]`,
    `[::${ipv4}]`,
    `[0:0:0:0:0:FFFF:${ipv4}]`,
    `[64:ff9b::${ipv4}]`,
    `[::ffff:0:${ipv4}]`,
  ];
}

test("every spelling of an internal address is refused, by both classifiers", () => {
  for (const ipv4 of [
    "127.0.0.1",
    "10.0.0.1",
    "169.254.169.254",
    "192.168.0.1",
    "172.16.0.1",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
  ]) {
    for (const spelling of spellings(ipv4)) {
      const url = `http://${spelling}/path`;
      expect(reasonOf(url), url).toBe("blocked_address");
      const host = new URL(url).hostname.replace(/^\[|\]$|\.$/g, "");
      const isIpv4Compatible = spelling === `[::${ipv4}]`;
      if (!isIpv4Compatible) expect(ipaddr.process(host).range(), url).not.toBe("unicast");
    }
  }
});

test("every spelling of a public address is read as that address", () => {
  for (const spelling of spellings("93.184.216.34").filter((text) => !text.startsWith("[") || text.includes("fff:9"))) {
    const verdict = judgeTarget(`https://${spelling}/`, []);
    expect(verdict.ok && verdict.target.ip?.groups, spelling).toEqual([0x5db8, 0xd822]);
  }
});

test("only http and https are called, without credentials and not on ports of other protocols", () => {
  for (const url of [
    "file:///etc/passwd",
    "gopher://x.com",
    "ftp://x.com",
    "data:,x",
    "unix:/run/x",
    "javascript:1",
    "ws://x.com",
  ]) {
    expect(reasonOf(url), url).toBe("scheme");
  }
  for (const url of ["http://user@example.com", "http://user:pw@example.com", "https://:pw@example.com"]) {
    expect(reasonOf(url), url).toBe("credentials");
  }
  for (const port of [0, 22, 25, 5432, 6379, 6667, 11211, 27017])
    expect(reasonOf(`http://example.com:${port}`)).toBe("port");
  for (const port of [80, 443, 8000, 8080, 8443, 9093, 50_000])
    expect(reasonOf(`http://example.com:${port}`)).toBe("ok");
});

test("the operator chooses the ports that are refused and whether plain HTTP is", () => {
  const refusedPorts = new Set([8443]);
  expect(judgeTarget("https://example.com:8443", [], { refusedPorts }).ok).toBe(false);
  expect(judgeTarget("https://example.com:6379", [], { refusedPorts }).ok).toBe(true);
  expect(judgeTarget("http://example.com", [], { isHttpsOnly: true })).toMatchObject({ ok: false, reason: "scheme" });
  expect(judgeTarget("https://example.com", [], { isHttpsOnly: true }).ok).toBe(true);
});

test("a port of another protocol stays refused where the operator allows the address", () => {
  const verdict = judgeTarget("http://127.0.0.1:6379", LOOPBACK);
  expect(verdict.ok).toBe(false);
  expect(judgeTarget("http://2130706433:9000", LOOPBACK).ok).toBe(true);
});

test("text that the URL parser would silently change is refused", () => {
  const urls = [
    "",
    "example.com",
    "http://",
    "http://exa mple.com",
    "http://example.com/\tx",
    "http://example.com/\r\nX: y",
    "http:\\\\example.com",
    "http://example.com\\@10.0.0.1",
    " http://example.com",
    "http://example.com\n",
    "http://[::1",
    "http://[fe80::1%25eth0]/",
    "http://1.2.3.4.5",
    "http://256.1.1.1",
    "http://.example.com",
    "http://example..com",
    `http://example.com/${"x".repeat(8_192)}`,
  ];
  for (const url of urls) expect(reasonOf(url), JSON.stringify(url)).toBe("invalid_url");
});

test("a look-alike host is shown as punycode", () => {
  const verdict = judgeTarget("https://exаmple.com/hook", []);
  expect(verdict.ok && verdict.target.host).toBe("xn--exmple-4nf.com");
});

test("the parts of a URL are taken apart for the request", () => {
  const verdict = judgeTarget("https://example.com./a/b?c=d#e", []);
  expect(verdict.ok && verdict.target).toEqual({
    origin: "https://example.com.",
    path: "/a/b?c=d",
    host: "example.com",
    port: 443,
    ip: null,
    isLocalName: false,
  });
});

test("names that only mean something inside a network are known as such", () => {
  for (const host of [
    "localhost",
    "api.localhost",
    "receiver",
    "metadata.google.internal",
    "metadata.goog",
    "printer.local",
    "nas.lan",
  ]) {
    expect(isLocalName(host), host).toBe(true);
  }
  for (const host of ["example.com", "internal.example.com", "localhost.example.com"])
    expect(isLocalName(host), host).toBe(false);
});
