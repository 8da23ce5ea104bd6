import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CONFIG_KEYS, settingsInEffect } from "../src/config.ts";
import { type ApiKit, createApiKit } from "./support/api-kit.ts";

let kit: ApiKit;

beforeAll(async () => {
  kit = await createApiKit();
});
afterAll(() => kit.close());

describe("the state of the installation", () => {
  it("tells admins of database, queues, tables and settings", async () => {
    const reply = await kit.ask({ path: "/system" });
    expect(reply.body).toMatchObject({
      version: "0.0.0",
      node_version: process.versions.node,
      database: { is_embedded: true, synchronous_commit: "on" },
      queues: { receipts: 0, deliveries_pending: 0 },
      checks: [{ name: "database", ok: true }],
    });
    expect(reply.str("database.version")).toMatch(/^1[5-9]\./);
    expect(reply.at("database.size_bytes")).toBeGreaterThan(1_000_000);
    expect((reply.at("database.migrations") as string[])[0]).toContain("0001_foundation");
    const tables = reply.at("tables") as { name: string; partitions: number }[];
    expect(tables.find((one) => one.name === "receipts")?.partitions).toBeGreaterThan(2);
    expect(tables.find((one) => one.name === "incidents")?.partitions).toBe(0);
    expect(tables.some((one) => /_20\d{6}/.test(one.name))).toBe(false);
    const settings = reply.at("configuration") as { name: string }[];
    expect(settings.map((one) => one.name)).toEqual(CONFIG_KEYS.map((one) => one.name));
  });

  it("shows where settings come from and no secret", () => {
    const settings = settingsInEffect({
      OVERWATCH_SECRET_KEY_FILE: "/run/secrets/key",
      DATABASE_URL: "postgres://user:hunter2x@db/overwatch",
      LOG_LEVEL: "debug",
    });
    const of = (name: string) => settings.find((one) => one.name === name);
    expect(of("OVERWATCH_SECRET_KEY")).toMatchObject({ value: "***", source: "file" });
    expect(of("DATABASE_URL")).toMatchObject({ value: "***", source: "environment" });
    expect(of("LOG_LEVEL")).toMatchObject({ value: "debug", source: "environment" });
    expect(of("PORT")).toMatchObject({ value: "8000", source: "default" });
    expect(JSON.stringify(settings)).not.toContain("hunter2x");
  });

  it("goes into a file for support without secrets, addresses and places", async () => {
    const reply = await kit.ask({ path: "/system/support-bundle" });
    expect(reply.headers["content-disposition"]).toContain('filename="overwatch-support-2026-11-23T12-00-00.json"');
    expect(reply.at("database.place")).toBe("embedded");
    expect(reply.at("metrics")).toContain("# TYPE webhook_requests_total counter");
    for (const text of ["long enough", "inside.example", "/data/of/the/tests"]) expect(reply.text).not.toContain(text);
    const settings = reply.at("configuration") as { name: string; value: string }[];
    expect(settings.find((one) => one.name === "OVERWATCH_PUBLIC_URL")?.value).toBe("(set)");
  });

  it("is nothing for others", async () => {
    for (const path of ["/system", "/system/support-bundle"]) {
      expect((await kit.ask({ path, key: kit.home.keys.responder })).status).toBe(403);
    }
  });
});
