import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { utf8Length } from "../core/hash.ts";
import { isObject, type JsonValue } from "../core/json.ts";
import { SEVERITIES } from "../core/severity.ts";
import type { Reading, Signal } from "../core/signal.ts";
import { PLATFORM_NAMES, type Platform } from "./platform.ts";
import { findPlatform, platforms } from "./registry.ts";
import { LIMITS } from "./signal-draft.ts";

const RECEIVED_AT = Date.UTC(2026, 10, 20, 12, 0, 0);
const STATUSES = ["firing", "acknowledged", "unacknowledged", "resolved", "noted"];
const KINDS = [...STATUSES, "test", "heartbeat", "ignored", "malformed"];
const HEADINGS = [
  "## Set it up",
  "## Verification",
  "## How payloads are read",
  "### Dedup key",
  "### Status",
  "### Severity",
  "## Quirks",
  "## Troubleshooting",
];

/** One case: a payload and the part of the reading that it must give. */
type Fixture = {
  readonly file: string;
  readonly name: string;
  readonly variant: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: JsonValue;
  readonly expect: Readonly<Record<string, unknown>>;
  readonly pair?: string;
};

function folderOf(platform: Platform): string {
  return join(import.meta.dirname, platform.name);
}

function fixturesOf(platform: Platform): readonly Fixture[] {
  const folder = join(folderOf(platform), "fixtures");
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file) => ({ file, ...JSON.parse(readFileSync(join(folder, file), "utf8")) }));
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    Object.freeze(value);
    for (const one of Object.values(value)) deepFreeze(one);
  }
  return value;
}

function read(platform: Platform, payload: JsonValue, headers: Readonly<Record<string, string>> = {}): Reading {
  return platform.read(deepFreeze(payload), deepFreeze({ receivedAt: RECEIVED_AT, headers }));
}

function signalsOf(reading: Reading): readonly Signal[] {
  return reading.kind === "signals" ? reading.signals : [];
}

/** Fails unless the reading is well formed, whatever the payload was. */
function checkLimits(reading: Reading): void {
  expect(faultsOf(reading)).toEqual([]);
}

/** What is wrong with a reading; gathered first and asserted once, as an assertion costs more than a check. */
function faultsOf(reading: Reading): readonly string[] {
  const faults = textsIn(reading).filter((text) => !text.isWellFormed() || text.includes("\0"));
  if (!isDeepStrictEqual(JSON.parse(JSON.stringify(reading)), reading)) faults.push("is no plain JSON");
  if (reading.kind === "unreadable" && !reading.path.startsWith("$")) faults.push(`path ${reading.path}`);
  if (reading.kind !== "signals" && reading.message === "") faults.push("no message");
  return [...faults, ...signalsOf(reading).flatMap(faultsOfSignal)];
}

function faultsOfSignal(signal: Signal): readonly string[] {
  const length = (text: string) => Array.from(text).length;
  const labels = Object.entries(signal.labels);
  const rules: Readonly<Record<string, boolean>> = {
    "dedup key": signal.dedupKey !== "" && utf8Length(signal.dedupKey) <= LIMITS.dedupKey,
    "dedup key from": signal.dedupKeyFrom.length > 0,
    status: STATUSES.includes(signal.status),
    severity: SEVERITIES.includes(signal.severity),
    title: length(signal.title) <= LIMITS.title,
    description: length(signal.description) <= LIMITS.description,
    "source time": Number.isSafeInteger(signal.sourceTime),
    labels: labels.length <= LIMITS.labels,
    label: labels.every(([key, value]) => length(key) <= LIMITS.labelKey && length(value) <= LIMITS.labelValue),
    links: signal.links.every((link) => /^https?:\/\//i.test(link.href)),
    note: (signal.note === null) === (signal.status !== "noted"),
  };
  return Object.keys(rules).filter((rule) => !rules[rule]);
}

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => [key, ...textsIn(one)]);
}

test("the registry lists every platform once, in the order of the names, and finds it by name", () => {
  expect(platforms.map((platform) => platform.name)).toEqual([...PLATFORM_NAMES]);
  for (const platform of platforms) expect(findPlatform(platform.name)).toBe(platform);
  expect(findPlatform("nagios")).toBeNull();
  expect(findPlatform("__proto__")).toBeNull();
});

test("the table of the documentation says of every platform where its page is and how it behaves", () => {
  const table = readFileSync(join(import.meta.dirname, "../../../docs/platforms/README.md"), "utf8");
  const rows = table.split("\n").filter((line) => line.startsWith("| `"));
  const cells = rows.map((row) => row.split("|").map((cell) => cell.trim()));
  expect(cells.map((row) => row[1])).toEqual(PLATFORM_NAMES.map((name) => `\`${name}\``));
  for (const [index, platform] of platforms.entries()) {
    expect(cells[index]?.[2]).toContain(`](../../server/src/platforms/${platform.name}/README.md)`);
    if (platform.name !== "custom") expect(cells[index]?.[3]).toMatch(platform.canSign ? /^yes/ : /^no/);
    expect(cells[index]?.[6]).toBe(String(platform.overloadStatus));
  }
});

describe.each(platforms.map((platform) => [platform.name, platform] as const))("%s", (_name, platform) => {
  const fixtures = fixturesOf(platform);

  test.each(fixtures.map((fixture) => [fixture.file, fixture] as const))("%s reads as it says", (_file, fixture) => {
    const reading = read(platform, fixture.payload, fixture.headers);
    expect(reading).toMatchObject(fixture.expect);
    if (reading.kind !== "unreadable") expect(reading.variant).toBe(fixture.variant);
    if (reading.kind === "signals") expect(reading.signals).toHaveLength((fixture.expect.signals as Signal[]).length);
    checkLimits(reading);
  });

  test("a fixture's file name states what it shows", () => {
    for (const fixture of fixtures) {
      const [kind = ""] = fixture.file.split("-");
      expect(KINDS, fixture.file).toContain(kind);
      const statuses = signalsOf(read(platform, fixture.payload, fixture.headers)).map((signal) => signal.status);
      if (STATUSES.includes(kind)) expect(statuses, fixture.file).toContain(kind);
      if (kind === "test") expect(fixture.expect, fixture.file).toMatchObject({ kind: "ignored", reason: "test" });
      if (kind === "ignored") expect(fixture.expect.kind, fixture.file).toBe("ignored");
      if (kind === "malformed") expect(fixture.expect.kind, fixture.file).toBe("unreadable");
    }
  });

  test("reading is pure: twice the same payload gives twice the same reading", () => {
    for (const fixture of fixtures) {
      const copy: JsonValue = JSON.parse(JSON.stringify(fixture.payload));
      expect(read(platform, copy, fixture.headers)).toEqual(read(platform, fixture.payload, fixture.headers));
      expect(copy).toEqual(fixture.payload);
    }
  });

  test("the signals of one condition share their dedup key, and none is older than its firing", () => {
    const pairs = Map.groupBy(
      fixtures.filter((fixture) => fixture.pair !== undefined),
      (fixture) => fixture.pair ?? "",
    );
    expect(pairs.size).toBeGreaterThan(0);
    for (const [pair, members] of pairs) {
      const signals = members.flatMap((fixture) => signalsOf(read(platform, fixture.payload, fixture.headers)));
      expect(members.length, pair).toBeGreaterThan(1);
      expect(new Set(signals.map((signal) => signal.dedupKey)).size, pair).toBe(1);
      const firings = signals.filter((signal) => signal.status === "firing").map((signal) => signal.sourceTime);
      for (const signal of signals.filter((one) => one.status === "resolved")) {
        expect(signal.sourceTime, pair).toBeGreaterThanOrEqual(Math.min(...firings));
      }
    }
  });

  test("the same condition read at another time of receipt keeps its dedup key", () => {
    for (const fixture of fixtures) {
      const later = platform.read(fixture.payload, { receivedAt: RECEIVED_AT + 86_400_000, headers: fixture.headers });
      const keys = signalsOf(read(platform, fixture.payload, fixture.headers)).map((signal) => signal.dedupKey);
      expect(signalsOf(later).map((signal) => signal.dedupKey)).toEqual(keys);
    }
  });

  test("there is a firing, a resolved and a malformed fixture", () => {
    const kinds = fixtures.map((fixture) => fixture.file.split("-")[0]);
    for (const kind of ["firing", "resolved", "malformed"]) expect(kinds).toContain(kind);
  });

  test("the set-up page has every chapter", () => {
    const page = join(folderOf(platform), "README.md");
    expect(existsSync(page)).toBe(true);
    const lines = readFileSync(page, "utf8").split("\n");
    expect(HEADINGS.filter((heading) => !lines.includes(heading))).toEqual([]);
  });

  test("arbitrary JSON gives a reading within the limits and never an exception", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        checkLimits(read(platform, JSON.parse(JSON.stringify(value))));
      }),
      { numRuns: 200 },
    );
  }, 60_000);

  test("a payload of the platform with anything in any place gives a reading within the limits", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...fixtures.map((fixture) => fixture.payload)),
        fc.nat(400),
        fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.string({ unit: "binary" }), fc.constantFrom(...HOSTILE)),
        (payload, place, value) => {
          checkLimits(read(platform, replaceAt(payload, place, JSON.parse(JSON.stringify(value)))));
        },
      ),
      { numRuns: 400 },
    );
  }, 60_000);

  test("a payload cannot reach a prototype", () => {
    for (const fixture of fixtures) {
      const text = JSON.stringify(fixture.payload).replace(/^\{/, '{"__proto__":{"polluted":"yes"},"constructor":{},');
      checkLimits(read(platform, JSON.parse(text), fixture.headers));
    }
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });
});

const HOSTILE: readonly JsonValue[] = [
  "\0\ud800",
  "😀".repeat(3_000),
  "javascript:alert(1)",
  "9".repeat(400),
  "0001-01-01T00:00:00Z",
  -1,
  1e308,
  JSON.parse('{"__proto__": {"x": 1}, "constructor": null}'),
  [[[[[[[[[[[[]]]]]]]]]]]],
];

/** A copy of the payload in which the nth value, counted depth first and around, is another. */
function replaceAt(payload: JsonValue, nth: number, value: JsonValue): JsonValue {
  const copy: JsonValue = JSON.parse(JSON.stringify(payload));
  const places: (() => void)[] = [];
  const visit = (node: JsonValue) => {
    if (!isObject(node) && !Array.isArray(node)) return;
    const slots = node as Record<string, JsonValue>;
    for (const [key, one] of Object.entries(slots)) {
      places.push(() => {
        slots[key] = value;
      });
      visit(one);
    }
  };
  visit(copy);
  places[nth % Math.max(places.length, 1)]?.();
  return copy;
}
