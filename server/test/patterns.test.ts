import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

// Regular expressions that users write run on RE2. Those of the program itself run on Node's engine, which can take a time
// that grows with the square of the text or worse: each is fed with repetitions that bring that out.

const SOURCES = join(import.meta.dirname, "../src");

/** Patterns that grow with the square of what they read, and what bounds it. */
const BOUNDED: Readonly<Record<string, string>> = {
  "api/mask.ts": "a header's value or an expression has at most 8,192 characters",
  "cli/connection.ts": "the address that the person at the terminal gave",
  "config.ts": "the operator's own settings",
  "platforms/datadog/title.ts": "a bracket of a title is read up to 2,048 characters",
  "runtime/schema-dump.ts": "the program's own schema",
};

const LITERAL =
  /(?<=[=(,:;!&|?[\s])\/(?![*/])((?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+)\/([dgimsuvy]*)(?=[\s.,;)\]:?])/g;
const REPEATED = [
  ...` a0-./{="\\\t_:%&<(#é,;@|+*'\n[A`,
  ..."{{ {% a. a= '' a@ 0. %7 ://".split(" "),
  "a ",
  "{{ ",
  '\\"',
];
const LENGTH = 10_000;
// A linear pass over so much takes less than one millisecond.
const MOST_MS = 12;

function sources(folder = ""): readonly string[] {
  return readdirSync(join(SOURCES, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return sources(path);
    return path.endsWith(".ts") && !path.endsWith(".test.ts") ? [path] : [];
  });
}

function patternsOf(path: string): readonly RegExp[] {
  const lines = readFileSync(join(SOURCES, path), "utf8").split("\n");
  const code = lines.filter((line) => !/^\s*(\/\/|\*|\/\*)/.test(line)).join("\n");
  return [...code.matchAll(LITERAL)].flatMap(([, source = "", flags = ""]) => {
    try {
      return [new RegExp(source, flags.replace("y", ""))];
    } catch {
      // A division that looks like a pattern.
      return [];
    }
  });
}

function cpuMs(run: () => void): number {
  const before = process.cpuUsage().user;
  run();
  return (process.cpuUsage().user - before) / 1_000;
}

function isSlow(pattern: RegExp): boolean {
  return REPEATED.some((piece) =>
    [`${piece.repeat(LENGTH / piece.length)}\0`, `{{ ${piece.repeat(LENGTH / piece.length)}`].some((text) => {
      const pass = (): number => cpuMs(() => void text.replace(pattern, ""));
      // Once more, since the machine may have been busy with something else.
      return pass() > MOST_MS && pass() > MOST_MS && pass() > MOST_MS;
    }),
  );
}

test("no pattern of the program takes a time that grows with the square of what strangers send", {
  timeout: 60_000,
}, () => {
  const found = sources().flatMap((path) => patternsOf(path).map((pattern) => ({ path, pattern })));
  expect(found.length).toBeGreaterThan(100);
  const slow = found.filter(({ path, pattern }) => !(path in BOUNDED) && isSlow(pattern));
  expect(slow.map(({ path, pattern }) => `${path} ${pattern.source}`)).toEqual([]);
});

test("the look-out finds patterns that are known to be slow", () => {
  expect(isSlow(/\s+$/)).toBe(true);
  expect(isSlow(/^a+b/)).toBe(false);
});
