import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CONFIG_KEYS } from "../src/config.ts";
import { ERRORS } from "../src/core/errors.ts";
import { EVENT_TYPES } from "../src/core/event.ts";
import { FAILURE_REASONS } from "../src/core/failure-reason.ts";
import { PLATFORM_NAMES } from "../src/platforms/platform.ts";
import { METRICS } from "../src/runtime/metrics.ts";

const ROOT = join(import.meta.dirname, "../..");
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

/** The first cells of a document's table rows that hold a name in backticks. */
function namesInTables(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1] ?? "").filter((name) => pattern.test(name));
}

describe("the docs and the code agree", () => {
  test("on every configuration key, with its default and its meaning", () => {
    const text = read("docs/configuration.md");
    expect(namesInTables(text, /^[A-Z_]+$/).sort()).toEqual(CONFIG_KEYS.map((key) => key.name).sort());
    for (const key of CONFIG_KEYS) {
      const row = text.split("\n").find((line) => line.startsWith(`| \`${key.name}\``)) ?? "";
      expect(row.replaceAll("`", ""), key.name).toContain(key.about);
      expect(row.includes("*secret*"), `${key.name} marked as secret`).toBe(key.isSecret);
      if (key.default !== "") expect(row).toContain(`\`${key.default}\``);
    }
  });

  test("on every metric, with its kind and labels", () => {
    const text = read("docs/metrics.md");
    expect(namesInTables(text, /^[a-z_]+$/).sort()).toEqual(Object.keys(METRICS).sort());
    for (const [name, metric] of Object.entries(METRICS)) {
      const labels = metric.labels.map((label) => `\`${label}\``).join(", ");
      const row = text.split("\n").find((line) => line.startsWith(`| \`${name}\` |`)) ?? "";
      expect(row).toContain(`| ${metric.kind} | ${labels}`);
      expect(row.replaceAll("`", "")).toContain(metric.about);
    }
  });

  test("on every error code, with its status", () => {
    const text = read("docs/errors.md");
    expect([...new Set(namesInTables(text, /^[A-Z_]+$/))].sort()).toEqual(Object.keys(ERRORS).sort());
    for (const [code, { status }] of Object.entries(ERRORS)) {
      const row = text.split("\n").find((line) => line.startsWith(`| \`${code}\``)) ?? "";
      expect(row, code).toContain(String(status));
    }
  });

  test("on every event type and every failure reason", () => {
    const text = read("docs/deliveries.md");
    for (const type of EVENT_TYPES) expect(text).toContain(`\`${type}\``);
    const reasons = namesInTables(text.slice(text.indexOf("| reason of a failed attempt")), /^[a-z_]+$/);
    for (const reason of FAILURE_REASONS) expect(reasons).toContain(reason);
  });

  test("on every platform: each has a set-up page that the overview links to", () => {
    const text = read("docs/platforms/README.md");
    for (const name of PLATFORM_NAMES) {
      expect(text).toContain(`server/src/platforms/${name}/README.md`);
      expect(read(`server/src/platforms/${name}/README.md`).length).toBeGreaterThan(1_000);
    }
  });

  test("on dependencies: each has its line with reason, keeper and exit", () => {
    const text = read("docs/dependencies.md");
    const manifests = ["package.json", "server/package.json", "web/package.json", "tools/runtime/package.json"].map(
      (path) => JSON.parse(read(path)) as Record<string, Record<string, string> | undefined>,
    );
    const used = manifests.flatMap((manifest) =>
      ["dependencies", "devDependencies", "optionalDependencies"].flatMap((kind) =>
        Object.entries(manifest[kind] ?? {}),
      ),
    );
    for (const [name, version] of used) {
      expect(text, name).toContain(`\`${name}\``);
      expect(version, `${name} is pinned`).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
    }
    const known = new Set(used.map(([name]) => name));
    const listed = text
      .split("\n")
      .filter((line) => line.startsWith("| `"))
      .flatMap((line) => [...(line.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ""));
    expect(listed.filter((name) => !known.has(name))).toEqual([]);
  });

  test("on links: every relative link of every document leads to a file", () => {
    const pages = [
      "README.md",
      "CONTRIBUTING.md",
      "SECURITY.md",
      "CHANGELOG.md",
      ...markdownIn("docs"),
      ...markdownIn("examples"),
      ...markdownIn("server/src/platforms"),
    ];
    const broken: string[] = [];
    for (const page of pages) {
      for (const match of read(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)) {
        const target = join(ROOT, page, "..", match[1] ?? "");
        try {
          readdirSync(target);
        } catch (error) {
          if (error instanceof Error && "code" in error && error.code === "ENOENT") broken.push(`${page}: ${match[1]}`);
        }
      }
    }
    expect(broken).toEqual([]);
  });
});

function markdownIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name));
}
