import { expect, test } from "vitest";
import type { JsonValue } from "../core/json.ts";
import { capLabels, dedupKey, httpLink, LIMITS, makeSignal, severityOf } from "./signal-draft.ts";

test("at most 64 labels stay, the first ones", () => {
  const labels = capLabels(Array.from({ length: 70 }, (_, i) => [`k${i}`, "v"] as const));
  expect(Object.keys(labels)).toHaveLength(LIMITS.labels);
  expect(labels.k63).toBe("v");
});

test("label keys and values are cut by code point and sanitized", () => {
  const labels = capLabels([["😀".repeat(300), "é\0".repeat(2_000)]]);
  const [[key = "", value = ""] = []] = Object.entries(labels);
  expect(key).toBe("😀".repeat(256));
  expect(value).toBe("é\uFFFD".repeat(1_024));
});

test("label values that are no text are written as JSON, null is left out", () => {
  const value = { a: [1, "x"] };
  expect(
    capLabels([
      ["n", 1.5],
      ["b", true],
      ["o", value],
      ["z", null],
      ["", "x"],
    ]),
  ).toEqual({ n: "1.5", b: "true", o: '{"a":[1,"x"]}' });
});

test("a label cannot reach a prototype", () => {
  const labels = capLabels(Object.entries(JSON.parse('{"__proto__": {"polluted": "yes"}, "a": "b"}')));
  expect(Object.getPrototypeOf(labels)).toBe(Object.prototype);
  expect(Object.keys(labels)).toEqual(["a"]);
  const many = Array.from({ length: LIMITS.labels }, (_, i) => [`k${i}`, "v"] as const);
  expect(Object.keys(capLabels([["__proto__", "takes no place"], ...many]))).toHaveLength(LIMITS.labels);
});

test("nesting of any depth does not exhaust the stack", () => {
  let deep: JsonValue = 1;
  for (let i = 0; i < 200_000; i++) deep = [deep];
  expect(capLabels([["deep", deep]])).toEqual({ deep: '[[[[[[[["…"]]]]]]]]' });
});

test("a single plain part is the dedup key as it stands", () => {
  expect(dedupKey(["PT4KHLK"])).toBe("PT4KHLK");
});

test("different lists of parts never share a dedup key", () => {
  const parts = ["a", "|", "\\", "a|", "|a", "\\|", ""];
  const pairs = parts.flatMap((one) => parts.map((other) => [one, other]));
  const lists = [
    ...parts.map((one) => [one]),
    ...pairs,
    ...pairs.flatMap((pair) => parts.map((one) => [...pair, one])),
  ];
  expect(new Set(lists.map(dedupKey)).size).toBe(lists.length);
});

test("a dedup key over 255 bytes becomes a digest that still tells keys apart", () => {
  expect(dedupKey(["x".repeat(255)])).toBe("x".repeat(255));
  expect(dedupKey(["é".repeat(128)])).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(dedupKey(["é".repeat(128)])).not.toBe(dedupKey(["é".repeat(129)]));
});

test("only absolute http and https URLs become links", () => {
  expect(httpLink("https://a.example/x?y=1", "x")).toEqual({ href: "https://a.example/x?y=1", text: "x" });
  expect(httpLink("  HTTP://a.example ", "x")?.href).toBe("HTTP://a.example");
  for (const bad of [
    "/alerting/1",
    "javascript:alert(1)",
    "data:text/html,x",
    "https:x",
    "https://",
    "ftp://a",
    1,
    null,
  ]) {
    expect(httpLink(bad, "x")).toBeNull();
  }
  expect(httpLink(undefined, "x")).toBeNull();
  expect(httpLink(`https://a.example/${"x".repeat(2_048)}`, "x")).toBeNull();
});

test("a URL with blanks or line ends inside is kept in its parsed spelling", () => {
  expect(httpLink("https://a.example/a b\n<c>", "x")?.href).toBe("https://a.example/a%20b%3Cc%3E");
});

test("a platform's own severity words win over the common ones", () => {
  expect(severityOf("HIGH", { high: "medium" }).severity).toBe("medium");
  expect(severityOf("HIGH", {}).severity).toBe("high");
});

test("an unknown severity word is kept as a label and reported, a missing one is not", () => {
  expect(severityOf("purple", {}, [["a", "b"]])).toEqual({
    severity: "medium",
    labels: [
      ["source_severity", "purple"],
      ["a", "b"],
    ],
    warnings: ['unknown severity "purple" was read as medium'],
  });
  expect(severityOf(undefined, {})).toEqual({ severity: "medium", labels: [], warnings: [] });
  expect(severityOf("toString", {}).severity).toBe("medium");
});

test("a signal keeps its links once each and without the dropped ones", () => {
  const link = { href: "https://a.example", text: "a" };
  const signal = makeSignal({
    externalId: "1",
    dedup: [{ path: "$.id", text: "1" }],
    status: "firing",
    severity: "high",
    title: " t\0 ",
    links: [null, link, { ...link, text: "again" }],
    sourceTime: 5,
  });
  expect(signal).toEqual({
    externalId: "1",
    dedupKey: "1",
    dedupKeyFrom: ["$.id"],
    status: "firing",
    severity: "high",
    title: "t\uFFFD",
    description: "",
    labels: {},
    links: [link],
    sourceTime: 5,
    note: null,
  });
});
