import fc from "fast-check";
import { expect, test } from "vitest";
import { parseRetryAfter } from "./retry-after.ts";

const NOW = Date.UTC(2026, 10, 23, 12, 0, 0);

test("whole seconds are honoured and held between 1 second and 24 hours", () => {
  expect(parseRetryAfter("120", NOW)).toBe(120_000);
  expect(parseRetryAfter(" 7 ", NOW)).toBe(7_000);
  expect(parseRetryAfter("0", NOW)).toBe(1_000);
  expect(parseRetryAfter("86400", NOW)).toBe(86_400_000);
  expect(parseRetryAfter("86401", NOW)).toBe(86_400_000);
  expect(parseRetryAfter("9".repeat(39), NOW)).toBe(86_400_000);
});

test("all three forms of an HTTP-date name the same moment", () => {
  for (const text of ["Mon, 23 Nov 2026 12:10:00 GMT", "Monday, 23-Nov-26 12:10:00 GMT", "Mon Nov 23 12:10:00 2026"]) {
    expect(parseRetryAfter(text, NOW), text).toBe(600_000);
  }
  expect(parseRetryAfter("Tue Dec  1 12:00:00 2026", NOW)).toBe(86_400_000);
  expect(parseRetryAfter("Mon Nov  2 12:00:00 2026", NOW)).toBe(1_000);
});

test("a date in the past waits the shortest time and a two-digit year is never far away", () => {
  expect(parseRetryAfter("Sun, 06 Nov 1994 08:49:37 GMT", NOW)).toBe(1_000);
  expect(parseRetryAfter("Sunday, 06-Nov-94 08:49:37 GMT", NOW)).toBe(1_000);
  expect(parseRetryAfter("Friday, 06-Nov-70 08:49:37 GMT", NOW)).toBe(86_400_000);
  const endOfCentury = Date.UTC(2099, 11, 31, 23, 59, 50);
  expect(parseRetryAfter("Friday, 01-Jan-00 00:00:00 GMT", endOfCentury)).toBe(10_000);
});

test("anything else is ignored", () => {
  const garbage = [
    undefined,
    "",
    "soon",
    "-1",
    "1.5",
    "1e3",
    "0x10",
    "+5",
    "120, 240",
    "120s",
    "１２０",
    "NaN",
    "Infinity",
    "Mon, 23 Nov 2026 12:10:00",
    "Mon, 23 Nov 2026 12:10:00 UTC",
    "mon, 23 nov 2026 12:10:00 gmt",
    "2026-11-23T12:10:00Z",
    "Tue, 31 Feb 2026 00:00:00 GMT",
    "Mon, 00 Nov 2026 12:10:00 GMT",
    "Mon, 23 Nov 2026 24:00:00 GMT",
    "Mon, 23 Nov 2026 12:60:00 GMT",
    "Mon, 23 Nov 2026 12:10:61 GMT",
    "9".repeat(41),
  ];
  for (const text of garbage) expect(parseRetryAfter(text, NOW), String(text)).toBeUndefined();
});

test("whatever a receiver writes, the wait is undefined or between 1 second and 24 hours", () => {
  const pieces = fc.constantFrom(..."0123456789:, -", "Mon", "Nov", "GMT", "2026", "Monday", "99");
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(pieces).map((parts) => parts.join("")),
      ),
      (text) => {
        const wait = parseRetryAfter(text, NOW);
        if (wait !== undefined) expect(wait >= 1_000 && wait <= 86_400_000).toBe(true);
      },
    ),
    { numRuns: 1_000 },
  );
});
