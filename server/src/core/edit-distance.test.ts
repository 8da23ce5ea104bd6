import fc from "fast-check";
import { expect, it } from "vitest";
import { editDistance, nearestTexts } from "./edit-distance.ts";

it("counts insertions, deletions and replacements", () => {
  expect(editDistance("kitten", "sitting")).toBe(3);
  expect(editDistance("", "abc")).toBe(3);
  expect(editDistance("abc", "abc")).toBe(0);
});

it("gives the bound for all that reaches it, and the exact distance below", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 8 });
  fc.assert(
    fc.property(word, word, fc.integer({ min: 1, max: 9 }), (one, other, bound) => {
      expect(editDistance(one, other, bound)).toBe(Math.min(bound, editDistance(one, other)));
      expect(editDistance(one, other)).toBe(editDistance(other, one));
    }),
  );
});

it("finds the nearest texts, nearest first", () => {
  const candidates = ["web-1/cpu", "db-2/disk", "db-1/disk", "cache", "db-1/disco"];
  expect(nearestTexts("db-1/disc", candidates, 3)).toEqual(["db-1/disk", "db-1/disco", "db-2/disk"]);
  expect(nearestTexts("x", [], 3)).toEqual([]);
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string(), { maxLength: 12 }), (text, given) => {
      const distances = nearestTexts(text, given, 3).map((found) => editDistance(text, found));
      const sorted = given.map((one) => editDistance(text, one)).sort((one, other) => one - other);
      expect(distances).toEqual(sorted.slice(0, 3));
    }),
  );
});
