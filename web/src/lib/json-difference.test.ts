import { expect, it } from "vitest";
import { jsonDifferences } from "./json-difference.ts";

it("finds what was added, removed and changed, with its path", () => {
  const before = { status: "firing", labels: { host: "db-1", team: "infra" }, values: [1, 2] };
  const after = { status: "resolved", labels: { host: "db-1", "a b": "x" }, values: [1, 3, 4] };
  expect(jsonDifferences(before, after)).toEqual([
    { path: "$.status", before: "firing", after: "resolved" },
    { path: '$.labels["a b"]', before: undefined, after: "x" },
    { path: "$.labels.team", before: "infra", after: undefined },
    { path: "$.values[1]", before: 2, after: 3 },
    { path: "$.values[2]", before: undefined, after: 4 },
  ]);
});

it("finds nothing where nothing differs, whatever the order of the names", () => {
  expect(jsonDifferences({ a: [{ b: null }], c: 1 }, { c: 1, a: [{ b: null }] })).toEqual([]);
});

it("shows a value whole where its kind has changed", () => {
  expect(jsonDifferences({ a: [1] }, { a: { 0: 1 } })).toEqual([{ path: "$.a", before: [1], after: { 0: 1 } }]);
  expect(jsonDifferences({ a: null }, { a: {} })).toEqual([{ path: "$.a", before: null, after: {} }]);
});
