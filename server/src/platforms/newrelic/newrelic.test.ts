import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { JsonValue } from "../../core/json.ts";
import { readWordTable } from "../word-table.ts";
import { newrelic } from "./newrelic.ts";
import { SEVERITY_WORDS, STATUS_WORDS } from "./words.ts";

const page = readFileSync(join(import.meta.dirname, "README.md"), "utf8");
const RECEIVED_AT = 1_795_176_000_000;

function read(payload: JsonValue) {
  const reading = newrelic.read(payload, { receivedAt: RECEIVED_AT, headers: {} });
  if (reading.kind !== "signals") throw new Error(JSON.stringify(reading));
  return reading;
}

test("the set-up page lists exactly the status and severity words that the code reads", () => {
  expect(readWordTable(page, "### Status")).toEqual(STATUS_WORDS);
  expect(readWordTable(page, "### Severity")).toEqual(SEVERITY_WORDS);
});

test("the template to paste is JSON once New Relic has filled it in", () => {
  const [, template = ""] = /```handlebars\n([\s\S]*?)```/.exec(page) ?? [];
  const filled = template.replaceAll(/\{\{[^}]*(?:createdAt|updatedAt)\s*\}\}/g, "1795170000000");
  const reading = read(JSON.parse(filled.replaceAll(/\{\{[^}]*\}\}/g, '"x"')));
  expect(reading).toMatchObject({ variant: "workflow", signals: [{ dedupKey: "x", title: "x", description: "x" }] });
});

test("a state without a time of its own never seems as old as its firing", () => {
  const issue = { issueId: "1", createdAt: 1_696_768_800_000 };
  const times = ["OPEN", "ACKNOWLEDGED", "CLOSED"].map((state) => read({ ...issue, state }).signals[0]?.sourceTime);
  expect(times).toEqual([issue.createdAt, RECEIVED_AT, RECEIVED_AT]);
});

test("a closing that claims to be older than the creation takes the time of creation", () => {
  const issue = { id: "1", state: "CLOSED", createdAt: 1_795_170_000_000, updatedAt: 1_695_170_000_000 };
  expect(read(issue).signals[0]?.sourceTime).toBe(issue.createdAt);
});

test.each(["constructor", "__proto__", "toString", ""])("the state %j is not mistaken for a known one", (state) => {
  expect(read({ issueId: "1", state })).toMatchObject({
    signals: [{ status: "firing" }],
    warnings: [expect.any(String)],
  });
});

test.each([[{ current_state: "test" }], [{ current_state: "open", event_type: "NOTIFICATION" }]])(
  "%j is a channel test of the legacy kind",
  (payload) => {
    const reading = newrelic.read({ incident_id: 0, ...payload }, { receivedAt: RECEIVED_AT, headers: {} });
    expect(reading).toMatchObject({ kind: "ignored", reason: "test" });
  },
);
