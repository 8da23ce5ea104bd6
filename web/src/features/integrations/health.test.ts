import { expect, it } from "vitest";
import { silentFor } from "./health.ts";

const NOW = Date.parse("2026-11-25T12:00:00.000Z");
const watched = {
  silent_after_seconds: 3_600,
  last_receipt_at: "2026-11-25T10:00:00.000Z",
  created_at: "2026-11-01T00:00:00.000Z",
};

it("is silent for as long as nothing came, once that is longer than it may be", () => {
  expect(silentFor(watched, NOW)).toBe(7_200_000);
  expect(silentFor({ ...watched, last_receipt_at: "2026-11-25T11:30:00.000Z" }, NOW)).toBeNull();
});

it("counts from its beginning where nothing ever came", () => {
  expect(silentFor({ ...watched, last_receipt_at: null, created_at: "2026-11-25T10:30:00.000Z" }, NOW)).toBe(5_400_000);
});

it("is never silent where nobody said how long it may be", () => {
  expect(silentFor({ ...watched, silent_after_seconds: null }, NOW)).toBeNull();
});
