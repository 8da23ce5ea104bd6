import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MAX_ALERTS } from "../reading.ts";
import { readWordTable } from "../word-table.ts";
import { pagerduty } from "./pagerduty.ts";
import { SEVERITY_WORDS, STATUS_WORDS, severityWord, statusOf } from "./words.ts";

const page = readFileSync(join(import.meta.dirname, "README.md"), "utf8");
const context = { receivedAt: 1_795_176_000_000, headers: {} };

test("the set-up page lists exactly the status and severity words that the code reads", () => {
  expect(readWordTable(page, "### Status")).toEqual(STATUS_WORDS);
  expect(readWordTable(page, "### Severity")).toEqual(SEVERITY_WORDS);
});

test("the subscription to paste asks for every V3 event that changes a state", () => {
  for (const type of Object.keys(STATUS_WORDS).filter((word) => /(ed|reopened)$/.test(word))) {
    expect(page).toContain(`"${type}"`);
  }
});

test("no event type is mistaken for a member of a prototype", () => {
  expect(["constructor", "__proto__", "hasOwnProperty"].map(statusOf)).toEqual(["noted", "noted", "noted"]);
});

test.each([
  ["P1", "low", "P1"],
  ["SEV-2", "low", "SEV2"],
  ["sev 3", "high", "sev3"],
  ["Blocker", "high", "high"],
  [null, "low", "low"],
  ["Blocker", null, null],
])("priority %j with urgency %j is judged by %j", (priority, urgency, word) => {
  expect(severityWord(priority, urgency)).toBe(word);
});

test("messages about no incident beside one that is do not hide it", () => {
  const incident = { id: "P1", title: "down" };
  const messages = [{ event: "service.updated" }, { event: "incident.trigger", incident }, { event: "webhook.ping" }];
  expect(pagerduty.read({ messages }, context)).toMatchObject({
    kind: "signals",
    signals: [{ dedupKey: "P1", status: "firing" }],
  });
});

test("the first 5,000 messages are read and the rest is told of", () => {
  const messages = Array.from({ length: MAX_ALERTS + 1 }, (_, i) => ({
    event: "incident.trigger",
    incident: { id: `P${i}` },
  }));
  const reading = pagerduty.read({ messages }, context);
  if (reading.kind !== "signals") throw new Error(reading.message);
  expect(reading.signals).toHaveLength(MAX_ALERTS);
  expect(reading.warnings).toEqual(["$.messages holds 1 alerts more than the 5000 read"]);
});

test("a V2 state change without a time of its own never seems as old as its trigger", () => {
  const incident = { id: "P1", created_at: "2026-11-20T10:00:00Z" };
  const messages = ["incident.trigger", "incident.acknowledge", "incident.resolve"].map((event) => ({
    event,
    incident,
  }));
  const reading = pagerduty.read({ messages }, context);
  if (reading.kind !== "signals") throw new Error(reading.message);
  expect(reading.signals.map((signal) => signal.sourceTime)).toEqual([
    Date.UTC(2026, 10, 20, 10),
    context.receivedAt,
    context.receivedAt,
  ]);
});
