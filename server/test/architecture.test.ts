import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findViolations, ROOMS, type SourceFile } from "./support/architecture.ts";

const SOURCES = join(import.meta.dirname, "../src");

function readSources(folder = ""): readonly SourceFile[] {
  return readdirSync(join(SOURCES, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return readSources(path);
    return path.endsWith(".ts") ? [{ path, text: readFileSync(join(SOURCES, path), "utf8") }] : [];
  });
}

const one = (path: string, text: string) => findViolations([{ path, text }]);

describe("the architecture", () => {
  it("holds in every source file", () => {
    const sources = readSources();
    expect(sources.length).toBeGreaterThan(50);
    expect(findViolations(sources)).toEqual([]);
  });

  it("names every room that exists", () => {
    expect(readdirSync(SOURCES).filter((name) => !(name in ROOMS))).toEqual([]);
  });
});

describe("the checker", () => {
  it.each([
    ["a stage that imports a stage", "triage/claim.ts", 'import type { X } from "../receive/verify.ts";'],
    ["deliver that knows platforms", "deliver/send.ts", 'import { findPlatform } from "../platforms/registry.ts";'],
    ["a platform that imports its sibling", "platforms/grafana/x.ts", 'import { a } from "../datadog/datadog.ts";'],
    [
      "a shared platform file that imports a platform",
      "platforms/text.ts",
      'import { a } from "./datadog/datadog.ts";',
    ],
    ["core that imports a shell room", "core/alert.ts", 'import { b } from "../store/alerts.ts";'],
    ["core that imports Node", "core/alert.ts", 'import { createHash } from "node:crypto";'],
    ["core that imports a package", "core/alert.ts", 'import { Type } from "typebox";'],
    ["a driver outside the store", "api/routes.ts", 'import pg from "pg";'],
    ["a dynamic import of a package", "triage/a.ts", 'const pg = await import("pg");'],
    ["somebody who imports the composition root", "api/routes.ts", 'import { createApp } from "../app.ts";'],
    ["a room that is not in the table", "plugins/a.ts", 'import { a } from "../core/a.ts";'],
    ["a way out of the sources", "api/a.ts", 'import { a } from "../../test/a.ts";'],
    ["the environment", "runtime/log.ts", "const level = process.env.LOG_LEVEL;"],
    ["the clock in core", "core/alert.ts", "const at = Date.now();"],
    ["today's date in core", "core/alert.ts", "const at = new Date();"],
    ["chance in core", "core/retry.ts", "const jitter = Math.random();"],
    ["the clock in a stage", "triage/triage.ts", "const at = Date.now();"],
    ["the process in core", "core/retry.ts", "process.exit(1);"],
    ["SQL in a stage", "triage/claim.ts", "const text = `select id from receipts where id = 1`;"],
    ["SQL over several lines", "api/a.ts", "const text = `\n  update\n    deliveries\n  set status = 1`;"],
    ["a fetch of a command", "cli/listen.ts", 'await fetch("http://example.com");'],
    ["a fetch", "api/a.ts", 'await fetch("http://example.com");'],
    ["an HTTP client outside egress", "runtime/health.ts", 'import { request } from "undici";'],
    ["a plain HTTP request", "deliver/send.ts", 'import { createServer, request } from "node:http";'],
    ["a barrel", "core/index.ts", ""],
    ["a name that says nothing", "core/utils.ts", ""],
    ["a name in camel case", "core/myThing.ts", ""],
    ["a file that is too long", "core/long.ts", "// line\n".repeat(401)],
    ["a test that is too long", "core/long.test.ts", "// line\n".repeat(401)],
  ])("finds %s", (_what, path, text) => {
    expect(one(path, text)).toHaveLength(1);
  });

  it("finds a cycle that only types make", () => {
    const files = [
      { path: "core/a.ts", text: 'import type { B } from "./b.ts";' },
      { path: "core/b.ts", text: 'import type { C } from "./c.ts";' },
      { path: "core/c.ts", text: 'export type { A } from "./a.ts";' },
    ];
    expect(findViolations(files)).toEqual(["a cycle: core/a.ts → core/b.ts → core/c.ts → core/a.ts"]);
  });

  it.each([
    [
      "a comment that mentions them",
      "core/a.ts",
      '// Date.now() is banned; so is import x from "pg"\n/* process.env */',
    ],
    ["a date of a given moment in core", "core/a.ts", "const day = new Date(ms).toISOString();"],
    ["English that resembles SQL", "api/a.ts", 'const help = "Select an endpoint, then update it";'],
    ["SQL in the store", "store/alerts.ts", "const text = `select id from alerts`;"],
    ["a fetch of the command line's client", "cli/http-client.ts", "await fetch(url);"],
    ["a server that listens", "api/server.ts", 'import { createServer } from "node:http";'],
    ["packages in a test", "core/a.test.ts", 'import { it } from "vitest"; const at = Date.now();'],
  ])("lets %s pass", (_what, path, text) => {
    expect(one(path, text)).toEqual([]);
  });
});
