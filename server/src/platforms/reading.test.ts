import { expect, test } from "vitest";
import type { JsonValue } from "../core/json.ts";
import {
  elements,
  entriesAt,
  firstText,
  isMissing,
  kindOf,
  MAX_ALERTS,
  member,
  memberAt,
  readPayload,
  requireAlerts,
  requireObject,
  requireText,
  textAt,
  UnreadableError,
} from "./reading.ts";

const root = (value: JsonValue) => ({ path: "$", value });

test("a failed requirement names the JSON path at which reading stopped", () => {
  const payload = { alerts: [{}, {}, {}, { labels: [] }] };
  const reading = readPayload(payload, (spot) => {
    const [, , , fourth = spot] = elements(member(spot, "alerts"));
    requireObject(member(fourth, "labels"));
    throw new Error("unreachable");
  });
  expect(reading).toEqual({
    kind: "unreadable",
    path: "$.alerts[3].labels",
    message: "$.alerts[3].labels must be an object, is an array",
  });
});

test("an error that is no reading failure is not swallowed", () => {
  const broken = () => {
    throw new RangeError("a bug");
  };
  expect(() => readPayload({}, broken)).toThrow(RangeError);
});

test("member names that are no identifiers are quoted in the path", () => {
  expect(memberAt(root({}), "a.b", "tags", 'x"y').path).toBe('$["a.b"].tags["x\\"y"]');
});

test("members are own members only", () => {
  for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
    expect(isMissing(member(root({}), name))).toBe(true);
  }
  expect(member(root(JSON.parse('{"__proto__": "own"}')), "__proto__").value).toBe("own");
  expect(member(root([1, 2]), "length").value).toBeUndefined();
  expect(member(root("text"), "length").value).toBeUndefined();
});

test("numbers and booleans are read as text, blank text and structures as nothing", () => {
  expect(textAt(root(12))).toBe("12");
  expect(textAt(root(false))).toBe("false");
  expect(textAt(root("  a\0 "))).toBe("a\uFFFD");
  for (const nothing of ["", "  ", null, [], {}]) expect(textAt(root(nothing))).toBeNull();
});

test("the first place that has a text wins", () => {
  const spot = root({ a: "", b: null, c: "third", d: "fourth" });
  expect(firstText(member(spot, "a"), member(spot, "b"), member(spot, "c"), member(spot, "d"))).toBe("third");
  expect(firstText(member(spot, "a"))).toBeNull();
});

test("a required text that is missing says what stands there instead", () => {
  expect(() => requireText(member(root({ id: {} }), "id"))).toThrow(
    new UnreadableError("$.id", "$.id must be a text, is an object"),
  );
});

test("every kind of value has words", () => {
  expect([null, [], {}, "", "a", 1, true].map((value) => kindOf(root(value)))).toEqual([
    "null",
    "an array",
    "an object",
    "empty",
    "a string",
    "a number",
    "a boolean",
  ]);
  expect(kindOf(member(root({}), "x"))).toBe("missing");
});

test("only the first 5,000 alerts are read, and the warning tells how many were left", () => {
  const { alerts, warnings } = requireAlerts(root(new Array(MAX_ALERTS + 2).fill(0)));
  expect(alerts).toHaveLength(MAX_ALERTS);
  expect(alerts.at(-1)?.path).toBe(`$[${MAX_ALERTS - 1}]`);
  expect(warnings).toEqual(["$ holds 2 alerts more than the 5000 read"]);
  expect(requireAlerts(root([])).warnings).toEqual([]);
  expect(() => requireAlerts(root({}))).toThrow("$ must be an array, is an object");
});

test("entries are those of objects alone", () => {
  expect(entriesAt(root({ a: 1 }))).toEqual([["a", 1]]);
  expect(entriesAt(root(["a"]))).toEqual([]);
});
