import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { JsonValue } from "../core/json.ts";
import type { Reading } from "../core/signal.ts";
import { findPlatform } from "./registry.ts";

const CONTEXT = { receivedAt: Date.UTC(2026, 10, 20, 12, 0, 0), headers: {} };
const grouped = (word: string): JsonValue => ({
  version: "4",
  alerts: [{ status: "firing", labels: { alertname: "X", ruleId: "r", severity: word }, fingerprint: "f" }],
});

/** A smallest payload of the platform that says the severity word. */
const PAYLOADS: Readonly<Record<string, (word: string) => JsonValue>> = {
  prometheus: grouped,
  signoz: grouped,
  grafana: grouped,
  elasticsearch: (word) => ({
    rule_id: "r",
    ...(word.includes(".") ? { action_group: word } : { severity: word }),
  }),
  custom: (word) => ({ title: "X", severity: word }),
};

/** The rows of the tables below a heading: the words in the first cell and the second cell. */
function tableBelow(platform: string, heading: string): readonly (readonly [string, string])[] {
  const page = readFileSync(join(import.meta.dirname, platform, "README.md"), "utf8");
  const chapter = page.split(`\n${heading}\n`)[1]?.split(/\n##/)[0] ?? "";
  const rows = chapter.split("\n").filter((line) => line.startsWith("|"));
  return rows.flatMap((row) => {
    const [, words = "", meaning = ""] = row.split("|");
    return [...words.matchAll(/`([^`]+)`/g)].map((match) => [match[1] ?? "", meaning.trim()] as const);
  });
}

function read(platform: string, payload: JsonValue): Reading | undefined {
  return findPlatform(platform)?.read(payload, CONTEXT);
}

describe.each(Object.entries(PAYLOADS))("the set-up page of %s", (platform, payloadOf) => {
  test("every severity word of its table is read as the table says", () => {
    const rows = tableBelow(platform, "### Severity").filter(([word]) => word !== "source_severity");
    const known = rows.filter(([, severity]) => /^[a-z]+$/.test(severity));
    expect(known.length).toBeGreaterThan(5);
    for (const [word, severity] of known) {
      expect(read(platform, payloadOf(word)), word).toMatchObject({ signals: [{ severity }], warnings: [] });
    }
  });
});

test("every status word of the custom page is read as its table says", () => {
  const rows = tableBelow("custom", "### Status").filter(([, meaning]) => /^[a-z]+$/.test(meaning));
  expect(rows.length).toBeGreaterThan(20);
  for (const [word, status] of rows) {
    expect(read("custom", { title: "X", status: word }), word).toMatchObject({ signals: [{ status }], warnings: [] });
  }
});
