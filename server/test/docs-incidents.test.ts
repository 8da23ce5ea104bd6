import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { DEFAULT_TRIAGE_POLICY } from "../src/core/integration.ts";
import { TIMELINE_KINDS } from "../src/core/timeline.ts";
import { DECISIONS } from "../src/triage/explain.ts";

const page = readFileSync(new URL("../../docs/incidents.md", import.meta.url), "utf8");

/** The rows of the table whose first column has this heading, without the marks of code. */
function rowsOf(heading: string): readonly (readonly string[])[] {
  const lines = page.split("\n");
  const start = lines.findIndex((line) => line.startsWith(`| ${heading} |`));
  const rows: string[][] = [];
  for (const line of lines.slice(start + 2)) {
    if (start === -1 || !line.startsWith("|")) break;
    rows.push(
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll("`", "")),
    );
  }
  return rows;
}

it("the page about incidents names every decision and every kind of line, and none that does not exist", () => {
  expect(rowsOf("decision").map(([name]) => name)).toEqual([...DECISIONS]);
  expect(rowsOf("kind").map(([name]) => name)).toEqual([...TIMELINE_KINDS]);
});

it("the page about incidents states every setting with its default", () => {
  const stated = Object.fromEntries(rowsOf("setting").map(([name, value]) => [name, JSON.parse(value ?? "")]));
  expect(stated).toEqual(DEFAULT_TRIAGE_POLICY);
});
