import fc from "fast-check";
import { expect, test } from "vitest";
import { firstTime, readTime, readTimeOr } from "./source-time.ts";

const FALLBACK = 1_700_000_000_000;
const MOMENT = Date.UTC(2026, 9, 8, 12, 34, 56);

test.each([
  ["2026-10-08T12:34:56Z"],
  ["2026-10-08T12:34:56.000000000Z"],
  ["2026-10-08t14:34:56+02:00"],
  ["2026-10-08 07:04:56-0530"],
  ["2026-10-08 12:34:56 UTC"],
  ["2026-10-08T12:34:56"],
  [" 1791462896 "],
  ["1791462896000"],
  [1_791_462_896],
  [1_791_462_896_000],
  [1_791_462_896_000_000],
  ["1791462896000000000"],
])("%s is read as that moment", (value) => {
  expect(readTime(value, FALLBACK)).toBe(MOMENT);
});

test("fractions are kept to the millisecond", () => {
  expect(readTime("2026-10-08T12:34:56.739266876+00:00", FALLBACK)).toBe(MOMENT + 739);
  expect(readTime("2026-10-08T12:34:56.7Z", FALLBACK)).toBe(MOMENT + 700);
  expect(readTime(1_791_462_896.739, FALLBACK)).toBe(MOMENT + 739);
});

test("year 0001 means that it has not ended", () => {
  expect(readTime("0001-01-01T00:00:00Z", FALLBACK)).toBeNull();
  expect(readTimeOr("0001-01-01T00:00:00Z", FALLBACK)).toBe(FALLBACK);
});

test.each([
  [undefined],
  [null],
  [true],
  [{}],
  [[]],
  [""],
  ["soon"],
  ["2026-02-30T00:00:00Z"],
  ["2026-13-01T00:00:00Z"],
  ["2026-10-08"],
  ["1970-01-01T00:00:00Z"],
  ["9999-12-31T23:59:59Z"],
  [0],
  [-5],
  [Number.MAX_VALUE],
  ["$DATE"],
])("%j is nonsense and gives the fallback", (value) => {
  expect(readTime(value, FALLBACK)).toBe(FALLBACK);
});

test("the first time that makes sense wins", () => {
  expect(firstTime(["$LAST_UPDATED", "0001-01-01T00:00:00Z", 1_791_462_896, "2020-01-01T00:00:00Z"], FALLBACK)).toBe(
    MOMENT,
  );
  expect(firstTime([undefined, "x"], FALLBACK)).toBe(FALLBACK);
});

test("every moment that the runtime prints is read back exactly", () => {
  fc.assert(
    fc.property(fc.date({ min: new Date("2000-01-01"), max: new Date("2099-12-31"), noInvalidDate: true }), (date) => {
      expect(readTime(date.toISOString(), FALLBACK)).toBe(date.getTime());
    }),
  );
});
