import { expect, test } from "vitest";
import { compileFilter, matchesFilter } from "./filter.ts";

function match(source: string, context: Readonly<Record<string, unknown>>) {
  const compiled = compileFilter(source);
  if (!compiled.ok) throw new Error(compiled.error.message);
  return matchesFilter(compiled.filter, context);
}

test("a filter matches when it is true, and only then", () => {
  const incident = { severity: "high", labels: { team: "a" } };
  expect(match("incident.severity == 'high' && incident.labels.team == 'a'", { incident })).toEqual({ matched: true });
  expect(match("incident.severity == 'low'", { incident })).toEqual({ matched: false });
});

test("a filter that reads what is missing does not match and says why", () => {
  expect(match("incident.labels.team != 'a'", { incident: { labels: {} } })).toEqual({
    matched: false,
    error: "No such key: team",
  });
  expect(match("incident.severity == 'high'", {})).toEqual({ matched: false, error: "No such key: severity" });
});

test("a filter that fails or is no bool does not match and says why", () => {
  expect(match("link.n > 1", { link: { n: "x" } })).toMatchObject({
    matched: false,
    error: expect.stringContaining("overload"),
  });
  expect(match("link.n", { link: { n: "true" } })).toMatchObject({
    matched: false,
    error: expect.stringContaining("true nor"),
  });
});

test("a filter must be true or false and knows no variables of endpoints", () => {
  expect(compileFilter("incident.title")).toMatchObject({ ok: false, error: { position: 0 } });
  expect(compileFilter("api_token == 'x'")).toMatchObject({ ok: false, error: { line: 1, column: 1 } });
});

test("one context serves many filters, and two contexts never mix", () => {
  const first = { incident: { title: "first" } };
  const second = { incident: { title: "second" } };
  for (const context of [first, second, first]) {
    expect(match(`incident.title == '${context.incident.title}'`, context)).toEqual({ matched: true });
    expect(match("incident.title == 'third'", context)).toEqual({ matched: false });
  }
});

test("a filter that used up its steps does not match, even where || would hide it", () => {
  const alerts = Array.from({ length: 256 }, () => ({ title: "t" }));
  const body = Array(6).fill("a.title + b.title == 'x'").join(" || ");
  expect(match(`alerts.exists(a, alerts.exists(b, ${body})) || true`, { alerts })).toEqual({
    matched: false,
    error: "the evaluation takes too many steps",
  });
});
