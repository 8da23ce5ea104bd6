import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { JsonValue } from "../../core/json.ts";
import { readWordTable } from "../word-table.ts";
import { datadog } from "./datadog.ts";
import { tagLabels } from "./tags.ts";
import { SEVERITY_WORDS, STATUS_WORDS, splitTitle } from "./title.ts";

const page = readFileSync(join(import.meta.dirname, "README.md"), "utf8");
const context = { receivedAt: 1_795_176_000_000, headers: {} };

function signal(payload: JsonValue) {
  const reading = datadog.read(payload, context);
  if (reading.kind !== "signals") throw new Error(JSON.stringify(reading));
  return reading.signals[0];
}

test("the set-up page lists exactly the status and severity words that the code reads", () => {
  expect(readWordTable(page, "### Status")).toEqual(STATUS_WORDS);
  expect(readWordTable(page, "### Severity")).toEqual(SEVERITY_WORDS);
});

test("the payload to paste, with every variable left unresolved, still names what is missing", () => {
  const [, text = ""] = /```json\n([\s\S]*?)```/.exec(page) ?? [];
  const template: Record<string, string> = JSON.parse(text);
  expect(datadog.read(template, context)).toMatchObject({ kind: "unreadable", path: "$.alert_cycle_key" });
  const cycle = { ...template, alert_cycle_key: "77", alert_transition: "Triggered" };
  expect(signal(cycle)).toMatchObject({ dedupKey: "77", labels: {}, links: [], description: "" });
});

test("every member of the payload to paste is the lower-case name of its variable", () => {
  const [, text = ""] = /```json\n([\s\S]*?)```/.exec(page) ?? [];
  for (const [member, variable] of Object.entries(JSON.parse(text))) {
    expect(variable).toBe(`$${member.toUpperCase()}`);
  }
});

test.each([
  ["[Triggered] CPU", "triggered", "", null, false, "CPU"],
  ["[P1] [Re-No Data on {host:a,env:b}] CPU [x]", "re-no data", "host:a,env:b", "P1", false, "CPU [x]"],
  ["[Prod] [Triggered] CPU", null, "", null, false, "[Prod] [Triggered] CPU"],
  ["[p5] [TEST] [recovered]", "recovered", "", "P5", true, ""],
  ["[] CPU", null, "", null, false, "[] CPU"],
  ["[constructor] CPU", null, "", null, false, "[constructor] CPU"],
])("the title %j is split into its brackets", (title, transition, scope, priority, isTest, text) => {
  expect(splitTitle(title)).toEqual({ transition, scope, priority, isTest, text });
});

test("hostile titles and tags of a megabyte are cut before anything looks at them", () => {
  expect(splitTitle("[P1] ".repeat(200_000))).toMatchObject({
    priority: "P1",
    text: expect.stringMatching(/^.{0,9}$/),
  });
  expect(splitTitle(`[${"a on {".repeat(200_000)}]`).text).toHaveLength(4_096);
  const tags = Array.from({ length: 100_000 }, (_, i) => `k:${i}`).join(",");
  expect(tagLabels({ path: "$", value: tags })).toEqual([["k", Array.from({ length: 1_000 }, (_, i) => i).join(",")]]);
});

test("tags come as text or as an array, and a repeated key keeps all its values", () => {
  const expected = [
    ["env", "prod"],
    ["team", "a,b"],
    ["url", "http://x:1"],
    ["bare", "true"],
  ];
  const tags = ["env:prod", "team:a", "team:b", "team:a", "url:http://x:1", "bare", "*", "", 7];
  expect(tagLabels({ path: "$", value: tags.slice(0, -1) })).toEqual(expected);
  expect(tagLabels({ path: "$", value: tags.slice(0, -1).join(",") })).toEqual(expected);
  expect(tagLabels({ path: "$", value: "$TAGS" })).toEqual([]);
});

test("a warning lowers the monitor's priority by one step, and info stays info", () => {
  const of = (alert_priority: string, alert_transition: string) =>
    signal({ alert_cycle_key: "1", alert_priority, alert_transition })?.severity;
  expect([of("P1", "Triggered"), of("P1", "Warn"), of("P4", "Re-Warn"), of("P5", "Warn")]).toEqual([
    "critical",
    "high",
    "info",
    "info",
  ]);
});

test.each([
  ["https://app.datadoghq.eu/monitors/4242?group=x"],
  ["https://app.datadoghq.com/monitors#status/4242"],
  ["https://app.datadoghq.com/monitors#4242/edit"],
  ["https://acme.datadoghq.com/monitors?id=4242"],
])("the monitor's number is found in %s", (url) => {
  expect(signal({ title: "CPU", body: `see [Monitor Status](${url})` })?.labels).toMatchObject({ monitor_id: "4242" });
});
