import { describe, expect, it } from "vitest";
import { durationOf, nextStep } from "./bulk-run.ts";

describe("the pace of a bulk run", () => {
  it("takes about a second's worth at a time", () => {
    expect(nextStep(10, 1_000)).toEqual({ size: 10, durationMs: 1_000 });
    expect(nextStep(2.5, 1_000)).toEqual({ size: 2, durationMs: 800 });
    expect(nextStep(0.1, 1_000)).toEqual({ size: 1, durationMs: 10_000 });
  });

  it("takes no more than is left, and never so many that a transaction grows long", () => {
    expect(nextStep(10, 3)).toEqual({ size: 3, durationMs: 300 });
    expect(nextStep(1_000, 5_000)).toEqual({ size: 500, durationMs: 500 });
    expect(nextStep(null, 5_000)).toEqual({ size: 500, durationMs: 0 });
  });

  it("says how long it will take", () => {
    expect(durationOf(25, 10)).toBe(3);
    expect(durationOf(25, null)).toBeNull();
  });
});
