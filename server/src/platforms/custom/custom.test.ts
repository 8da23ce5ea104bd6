import { describe, expect, test } from "vitest";
import type { JsonValue } from "../../core/json.ts";
import { MAPPED_FIELDS } from "../../core/mapped-element.ts";
import type { Signal } from "../../core/signal.ts";
import { custom, readMapped } from "./custom.ts";

const CONTEXT = { receivedAt: Date.UTC(2026, 10, 20, 12, 0, 0), headers: {} };

function signalOf(payload: JsonValue): Signal | undefined {
  const reading = custom.read(payload, CONTEXT);
  return reading.kind === "signals" ? reading.signals[0] : undefined;
}

describe("without a mapping", () => {
  test("nothing but the explicit key, or source and title, makes the dedup key", () => {
    const one = signalOf({ title: "Disk", host: "db-1", value: 1, note: "a", nested: { x: 1 }, status: "open" });
    const other = signalOf({ title: "Disk", host: "db-1", value: 2, note: "b", nested: { x: 2 }, status: "closed" });
    expect(other?.dedupKey).toBe(one?.dedupKey);
    expect(signalOf({ title: "Disk", host: "db-2" })?.dedupKey).not.toBe(one?.dedupKey);
  });

  test.each(["dedup_key", "dedupKey", "DedupKey", "dedup-key"])("%s is the dedup key however it is spelt", (name) => {
    expect(signalOf({ title: "Disk", id: "7", [name]: "k" })?.dedupKey).toBe("k");
  });

  test("fields that may hold a credential never become labels", () => {
    const secrets = { api_token: "s", "X-Api-Key": "s", password: "s", routing_key: "s", client_secret: "s" };
    expect(signalOf({ title: "Disk", zone: "a", ...secrets })?.labels).toEqual({ zone: "a" });
  });

  test("the routing key of an Events API v2 body is nowhere in what was read", () => {
    const event = { routing_key: "R0UT1NG", event_action: "trigger", payload: { summary: "x", source: "y" } };
    expect(JSON.stringify(custom.read(event, CONTEXT))).not.toContain("R0UT1NG");
  });

  test.each([
    ["[RESOLVED] Disk", "resolved", "Disk"],
    ["OK: Disk", "resolved", "Disk"],
    ["[FIRING:2] Disk", "firing", "Disk"],
    ["[prod] Disk", "firing", "[prod] Disk"],
    ["db-1: Disk", "firing", "db-1: Disk"],
    ["Disk ok", "firing", "Disk ok"],
  ])("the title %j says %s", (title, status, shown) => {
    expect(signalOf({ title })).toMatchObject({ status, title: shown });
  });

  test("a written status counts before a word in the title", () => {
    expect(signalOf({ title: "OK: Disk", status: "firing" })?.status).toBe("firing");
  });

  test("labels may be an object, texts with a colon, or pairs of key and value", () => {
    expect(signalOf({ title: "x", labels: { a: 1, b: [2] } })?.labels).toEqual({ a: "1", b: "[2]" });
    expect(signalOf({ title: "x", tags: "a:1, b=2,c" })?.labels).toEqual({ a: "1", b: "2", tags: "c" });
    expect(signalOf({ title: "x", tags: [{ key: "a", value: "1" }] })?.labels).toEqual({ a: "1" });
  });
});

describe("what a mapping made", () => {
  test("every field of an element reaches its signal", () => {
    const element = {
      dedup_key: "k",
      external_id: 17,
      title: "Disk",
      description: "97%",
      status: "Resolved",
      severity: "SEV1",
      source_time: 1_795_173_000,
      labels: { host: "db-1" },
      links: [{ href: "https://checks.example.com", text: "Check" }, "https://runbooks.example.com", "javascript:x"],
    };
    expect(Object.keys(element)).toEqual([...MAPPED_FIELDS]);
    expect(readMapped([element], CONTEXT)).toEqual({
      kind: "signals",
      variant: "mapped",
      heartbeat: false,
      warnings: [],
      signals: [
        {
          externalId: "17",
          dedupKey: "k",
          dedupKeyFrom: ["$mapped[0].dedup_key"],
          status: "resolved",
          severity: "critical",
          title: "Disk",
          description: "97%",
          labels: { host: "db-1" },
          links: [
            { href: "https://checks.example.com", text: "Check" },
            { href: "https://runbooks.example.com", text: "Source" },
          ],
          sourceTime: 1_795_173_000_000,
          note: null,
        },
      ],
    });
  });

  test("without a key the title and where it is named name the condition", () => {
    const read = (host: string) => readMapped([{ title: "Disk", labels: { host } }], CONTEXT);
    expect(read("db-1")).toMatchObject({ signals: [{ dedupKey: "db-1|Disk", status: "firing", severity: "medium" }] });
    expect(read("db-2")).toMatchObject({ signals: [{ dedupKey: "db-2|Disk" }] });
  });

  test("an element that nothing names makes the whole unreadable and says which it was", () => {
    const reading = readMapped([{ title: "Disk" }, { severity: "high", title: null }], CONTEXT);
    expect(reading).toMatchObject({ kind: "unreadable", path: "$mapped[1]" });
  });

  test("a mapping can sort messages out by their status", () => {
    expect(readMapped([{ status: "ignored" }], CONTEXT)).toMatchObject({ kind: "ignored", reason: "not_an_alert" });
    expect(readMapped([{ status: "test" }], CONTEXT)).toMatchObject({ kind: "ignored", reason: "test" });
    expect(readMapped([], CONTEXT)).toMatchObject({ kind: "ignored", reason: "not_an_alert" });
    const mixed = readMapped([{ status: "heartbeat" }, { title: "Disk" }], CONTEXT);
    expect(mixed).toMatchObject({ kind: "signals", heartbeat: true, signals: [{ title: "Disk" }] });
  });

  test("values of any kind in any field never throw", () => {
    const odd: readonly JsonValue[] = [null, true, -1, "", "\0", [], {}, [[{}]], JSON.parse('{"__proto__":{"a":1}}')];
    for (const field of MAPPED_FIELDS) {
      for (const value of odd) expect(readMapped([{ title: "x", [field]: value }], CONTEXT).kind).toBeTruthy();
    }
  });
});
