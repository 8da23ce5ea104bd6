import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isObject, type JsonObject } from "../core/json.ts";
import { compileExpression, evaluate } from "./cel.ts";
import { FILTER_CONTEXT, templateContext } from "./context.ts";
import { FUNCTIONS } from "./functions.ts";
import { compileHeaders, renderHeaders } from "./header.ts";
import { LIMITS } from "./limits.ts";
import { compileMapping, runMapping } from "./mapping.ts";
import { RECORDS } from "./records.ts";
import { compileTemplate, renderTemplate } from "./template.ts";
import { compileUrl, renderUrl } from "./url.ts";

const guide = readFileSync(new URL("../../../docs/templates.md", import.meta.url), "utf8");

const blocks = [...guide.matchAll(/^```(\w+)(?: (\w+))?\n(.*?)^```$/gms)].map((match) => ({
  language: match[1] ?? "",
  role: match[2] ?? "",
  body: match[3] ?? "",
}));

const context = jsonObject(blocks.find((block) => block.role === "context")?.body ?? "");
const variables = templateContext(["api_token"]);
if (!variables.ok) throw new Error("api_token is a fine name");
const shape = variables.shape;

function jsonObject(text: string): JsonObject {
  const value: unknown = JSON.parse(text);
  if (!isObject(value)) throw new Error("the guide's block is no object");
  return value;
}

function resultOf(index: number): string {
  const found = blocks.slice(index + 1).find((block) => block.role !== "mapping");
  if (found?.role !== "output") throw new Error("an example is not followed by its output");
  return found.body;
}

describe("the examples of the guide", () => {
  const expressions = blocks
    .filter((block) => block.language === "cel")
    .flatMap((block) => block.body.trim().split("\n"))
    .map((line) => [line.slice(0, line.lastIndexOf("  //")).trim(), line.slice(line.lastIndexOf("// ") + 3)] as const);

  test.each(expressions)("the expression %s gives what stands behind it", (source, expected) => {
    const compiled = compileExpression(source, FILTER_CONTEXT);
    if (!compiled.ok) throw new Error(compiled.error.message);
    expect(evaluate(compiled.expression, context)).toEqual({ ok: true, value: JSON.parse(expected) });
  });

  const examples = blocks.flatMap((block, index) =>
    ["template", "headers", "url", "payload"].includes(block.role) ? [[block.role, index] as const] : [],
  );

  test.each(examples)("the %s of block %i gives the output below it", (role, index) => {
    const body = blocks[index]?.body ?? "";
    if (role === "template") expectTemplate(blocks[index]?.language ?? "", body, resultOf(index));
    if (role === "headers") expectHeaders(body, resultOf(index));
    if (role === "url") expectUrl(body, resultOf(index));
    if (role === "payload") expectMapping(body, blocks[index + 1]?.body ?? "", resultOf(index));
  });

  test("there are examples of every kind, so that none is skipped for its spelling", () => {
    expect(expressions.length).toBeGreaterThan(45);
    expect(examples.map(([role]) => role).sort()).toEqual([
      "headers",
      "payload",
      "template",
      "template",
      "template",
      "url",
    ]);
  });
});

function expectTemplate(language: string, body: string, expected: string): void {
  const compiled = compileTemplate(language === "json" ? jsonObject(body) : body, shape);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.errors));
  const rendered = renderTemplate(compiled.template, context);
  if (!rendered.ok) throw new Error(rendered.error.message);
  if (language === "json") expect(JSON.parse(rendered.body)).toEqual(JSON.parse(expected));
  else expect(rendered.body).toBe(expected);
}

function expectHeaders(body: string, expected: string): void {
  const compiled = compileHeaders(jsonObject(body), shape);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.errors));
  expect(renderHeaders(compiled.headers, context)).toEqual({ ok: true, headers: jsonObject(expected), warnings: [] });
}

function expectUrl(body: string, expected: string): void {
  const compiled = compileUrl(body.trim(), shape);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.errors));
  expect(renderUrl(compiled.url, context)).toEqual({ ok: true, url: expected.trim() });
}

function expectMapping(payload: string, mapping: string, expected: string): void {
  const compiled = compileMapping(jsonObject(mapping));
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.errors));
  const mapped = runMapping(compiled.mapping, jsonObject(payload), Date.parse("2026-11-23T10:00:00Z"));
  expect(mapped).toEqual({ ok: true, elements: JSON.parse(expected) });
}

describe("what the guide says of names and numbers", () => {
  test("every function beyond CEL's own is shown, and every field of every record is listed", () => {
    for (const { signature } of FUNCTIONS) {
      const name = /(?:\w+\.)?(\w+)\(/.exec(signature.replace("google.protobuf.", ""))?.[1] ?? "";
      expect(guide, signature).toMatch(new RegExp(`\\b${name}\\(`));
    }
    for (const record of ["Incident", "Alert", "Event", "Integration", "Endpoint", "Failover"] as const) {
      expect(guide).toContain(Object.keys(RECORDS[record]).join(" "));
    }
  });

  test("every limit is stated with its number", () => {
    const unstated = ["valueDepth", "valueNodes", "warnings"];
    for (const [name, value] of Object.entries(LIMITS)) {
      if (!unstated.includes(name)) expect(guide, name).toContain(value.toLocaleString("en-US"));
    }
  });
});
