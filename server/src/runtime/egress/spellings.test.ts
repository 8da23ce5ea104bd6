import ipaddr from "ipaddr.js";
import { expect, test } from "vitest";
import { STANDARD_REFUSED_PORTS } from "../../core/refused-ports.ts";
import { judgeTarget } from "./target.ts";

// Some ten thousand spellings of internal addresses from a seed, judged by the guard and by a second reader that shares no
// code with it: neither the URL parser nor the tables of blocks nor the way in which embedded addresses are found.

const SEED = 20_261_123;

const INTERNAL_V4 = [
  ..."0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24".split(" "),
  ..."192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4".split(" "),
  ..."127.0.0.1/32 169.254.169.254/32 100.100.100.200/32 10.0.0.1/32 192.168.1.1/32 0.0.0.0/32 255.255.255.255/32".split(
    " ",
  ),
];
const INTERNAL_V6 = [
  ..."::1 :: fe80::1 fe81::1 febf::1 fec0::1 fc00::1 fd00:ec2::254 fdff::1 ff02::1 ff0e::1 2001:db8::1".split(" "),
  ..."3fff::1 100::1 2001:10::1 2001:20::1 5f00::1 4000::1 1::1 e000::1".split(" "),
];
const PUBLIC_V4 =
  "1.1.1.1 8.8.8.8 93.184.216.34 9.9.9.9 100.63.255.255 100.128.0.1 172.15.255.255 172.32.0.1 11.0.0.1".split(" ");
const PUBLIC_V6 = "2606:4700:4700::1111 2a00:1450:4001:82a::200e 2001:4860:4860::8888 2400:cb00::1 2003::1".split(" ");

/** A small generator of pseudo-random numbers (mulberry32): the same table in every run. */
function randomFrom(seed: number) {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  return { below, pick, chance: (share: number): boolean => next() < share };
}
type Chance = ReturnType<typeof randomFrom>;

function addressIn(block: string, random: Chance): number {
  const [base, bits] = ipaddr.IPv4.parseCIDR(block);
  const first = base.toByteArray().reduce((sum, byte) => sum * 256 + byte, 0);
  const size = 2 ** (32 - bits);
  return first + random.pick([0, size - 1, random.below(size)]);
}

/** A number in decimal, octal or hexadecimal, with leading zeros where the radix knows them. */
function spellNumber(value: number, random: Chance): string {
  const radix = random.pick([10, 8, 16]);
  if (radix === 10) return String(value);
  const zeros = "0".repeat(random.below(4));
  if (radix === 8) return `0${zeros}${value.toString(8)}`;
  const digits = random.chance(0.5) ? value.toString(16) : value.toString(16).toUpperCase();
  return `${random.pick(["0x", "0X"])}${zeros}${digits}`;
}

/** An IPv4 address in one to four parts of any radix, then disguised. */
function spellIpv4(value: number, random: Chance): string {
  const count = 1 + random.below(4);
  const parts: number[] = [];
  for (let index = 0; index < count - 1; index += 1) parts.push(Math.floor(value / 2 ** (24 - 8 * index)) % 256);
  parts.push(value % 2 ** (32 - 8 * (count - 1)));
  const text = parts.map((part) => spellNumber(part, random)).join(".") + (random.chance(0.2) ? "." : "");
  return disguise(text, random);
}

/** Full-width characters, other full stops, and percent encoding, one character at a time. */
function disguise(text: string, random: Chance): string {
  const share = random.pick([0, 0, 0.3, 1]);
  return [...text]
    .map((letter) => {
      if (!random.chance(share)) return letter;
      if (letter === ".") return random.pick([".", "。", "．", "｡", "%2e", "%2E"]);
      const wide = String.fromCharCode(letter.charCodeAt(0) + 0xfee0);
      return random.pick([wide, `%${letter.charCodeAt(0).toString(16)}`]);
    })
    .join("");
}

/** An IPv6 address with groups of any case and length, with or without `::`, and perhaps with a dotted end. */
function spellIpv6(groups: readonly number[], random: Chance): string {
  const spelled = groups.map((group) => {
    const padded = group.toString(16).padStart(1 + random.below(4), "0");
    return random.chance(0.5) ? padded : padded.toUpperCase();
  });
  const [high = 0, low = 0] = groups.slice(6);
  const end = random.chance(0.4) ? [`${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`] : spelled.slice(6);
  const whole = [...spelled.slice(0, 6), ...end].join(":");
  return `[${random.chance(0.6) ? compress(spelled.slice(0, 6), end) : whole}]`;
}

function compress(head: readonly string[], end: readonly string[]): string {
  const first = head.findIndex((group) => /^0+$/.test(group));
  if (first === -1) return [...head, ...end].join(":");
  let last = first;
  while (last + 1 < head.length && /^0+$/.test(head[last + 1] ?? "")) last += 1;
  return `${head.slice(0, first).join(":")}::${[...head.slice(last + 1), ...end].join(":")}`;
}

/** IPv6 addresses that carry an IPv4 address, by every scheme, around random bits where a scheme has room for them. */
function carriers(value: number, random: Chance): readonly (readonly number[])[] {
  const [high, low] = [Math.floor(value / 65_536), value % 65_536];
  const noise = (): number => random.below(65_536);
  const bytes = [high >> 8, high & 255, low >> 8, low & 255] as const;
  return [
    [0, 0, 0, 0, 0, 0xffff, high, low],
    [0, 0, 0, 0, 0, 0, high, low],
    [0, 0, 0, 0, 0xffff, 0, high, low],
    [0x64, 0xff9b, 0, 0, 0, 0, high, low],
    [0x64, 0xff9b, 1, high, bytes[2], bytes[3] << 8, 0, 0],
    [0x64, 0xff9b, 1, noise(), noise(), noise(), high, low],
    [0x2002, high, low, noise(), noise(), noise(), noise(), noise()],
    [0x2001, 0, high, low, 0, noise(), noise(), noise()],
    [0x2001, 0, noise(), noise(), 0, noise(), high ^ 0xffff, low ^ 0xffff],
    [0x2606, noise(), noise(), noise(), random.pick([0, 0x200]), 0x5efe, high, low],
    [0xfe80, 0, 0, 0, random.pick([0, 0x200]), 0x5efe, high, low],
  ];
}

const groupsOf = (text: string): readonly number[] => ipaddr.IPv6.parse(text).parts;

function around(host: string, random: Chance): string {
  const port = random.pick(["", "", ":80", ":8080", ":443"]);
  const tail = random.pick(["", "/", "/a/b?c=d", "?x", "#y"]);
  return `${random.pick(["http", "https", "HTTP", "hTTps"])}://${host}${port}${tail}`;
}

function internalUrls(): readonly string[] {
  const random = randomFrom(SEED);
  const urls = new Set<string>();
  for (let round = 0; round < 24; round += 1) {
    for (const block of INTERNAL_V4) {
      const value = addressIn(block, random);
      for (let repeat = 0; repeat < 8; repeat += 1) urls.add(around(spellIpv4(value, random), random));
      for (const groups of carriers(value, random)) urls.add(around(spellIpv6(groups, random), random));
      const host = spellIpv4(value, random);
      urls.add(around(random.pick([`user@${host}`, `:pw@${host}`, `a:b@${host}`, `example.com\\@${host}`]), random));
    }
    for (const text of INTERNAL_V6) {
      urls.add(around(spellIpv6(groupsOf(text), random), random));
      urls.add(
        around(spellIpv6(groupsOf(text), random).replace("]", random.pick(["%25eth0]", "%eth0]", "%251]"])), random),
      );
    }
  }
  return [...urls];
}

function publicUrls(): readonly string[] {
  const random = randomFrom(SEED + 1);
  const urls = new Set<string>();
  for (let round = 0; round < 40; round += 1) {
    for (const text of PUBLIC_V4) {
      const value = addressIn(`${text}/32`, random);
      urls.add(around(spellIpv4(value, random), random));
      const [mapped = []] = carriers(value, random);
      urls.add(around(spellIpv6(mapped, random), random));
    }
    for (const text of PUBLIC_V6) urls.add(around(spellIpv6(groupsOf(text), random), random));
  }
  return [...urls];
}

const isPublicByGuard = (url: string): boolean =>
  judgeTarget(url, { allowed: [], refusedPorts: STANDARD_REFUSED_PORTS, isHttpsOnly: false }).ok;

/** The second reader: takes the text apart by itself and asks ipaddr.js. What it cannot read is not public. */
function isPublicByOracle(url: string): boolean {
  const authority = /^https?:\/\/([^/?#]*)/i.exec(url)?.[1] ?? "";
  if (/[@\\\s]/.test(authority)) return false;
  const host = authority.replace(/:\d+$/, "");
  const bare = host.startsWith("[") ? host.slice(1, -1) : readName(host);
  if (bare.includes("%") || !ipaddr.isValid(bare)) return false;
  const address = ipaddr.process(bare);
  if (address.range() !== "unicast") return false;
  const bytes = address.toByteArray();
  if (address.kind() === "ipv4") return bytes.join(".") !== "168.63.129.16";
  return isGlobal(bytes) && carriedBy(bytes).every((inner) => isPublicByOracle(`http://${inner.join(".")}`));
}

/** A host without brackets after percent decoding and Unicode's mappings. */
function readName(host: string): string {
  return decodeURIComponent(host).normalize("NFKC").replace(/[。｡]/g, ".").replace(/\.$/, "").toLowerCase();
}

const isGlobal = ([first = 0]: readonly number[]): boolean => first >= 0x20 && first < 0x40;

/** Of the schemes that ipaddr.js has no block for, ISATAP lies in the global space: its mark is 5e fe before the address. */
function carriedBy(bytes: readonly number[]): readonly (readonly number[])[] {
  const mark = Buffer.from(bytes.slice(8, 12)).toString("hex");
  return mark === "00005efe" || mark === "02005efe" ? [bytes.slice(12)] : [];
}

test("the guard and a second reader refuse every spelling of an internal address", () => {
  const urls = internalUrls();
  expect(urls.length).toBeGreaterThan(10_000);
  expect(urls.filter((url) => isPublicByGuard(url))).toEqual([]);
  expect(urls.filter((url) => isPublicByOracle(url))).toEqual([]);
});

test("both let every spelling of a public address pass", () => {
  const urls = publicUrls();
  expect(urls.length).toBeGreaterThan(500);
  expect(urls.filter((url) => !isPublicByGuard(url))).toEqual([]);
  expect(urls.filter((url) => !isPublicByOracle(url))).toEqual([]);
});

test("both say the same of addresses taken at random, however they are spelled", () => {
  const random = randomFrom(SEED + 2);
  const urls = Array.from({ length: 5_000 }, () => {
    if (random.chance(0.5)) return around(spellIpv4(random.below(2 ** 32), random), random);
    const groups = Array.from({ length: 8 }, () => random.pick([0, 1, 0xffff, 0x2001, 0x5efe, random.below(65_536)]));
    return around(spellIpv6(groups, random), random);
  });
  const verdicts = urls.map((url) => ({ url, byGuard: isPublicByGuard(url), byOracle: isPublicByOracle(url) }));
  expect(verdicts.filter(({ byGuard, byOracle }) => byGuard !== byOracle)).toEqual([]);
  expect(new Set(verdicts.map(({ byGuard }) => byGuard)).size).toBe(2);
});
