import { describe, expect, test } from "vitest";
import { LEAST_TELLING_T, leakyVerifier, realVerifier, timingT } from "./support/timing.ts";

// `npm run soak` asks the same of a million samples.

const FIRST_SAMPLES = 30_000;
const ROUNDS = 4;

describe("the time that a wrong MAC takes (A20)", () => {
  test("does not tell where it differs from the right one", { timeout: 60_000 }, () => {
    // What leaks shows ever more clearly in ever more samples; what was chance does not come back.
    expect(smallestT(realVerifier())).toBeLessThan(LEAST_TELLING_T);
  });

  test("would tell it of a comparison that stops at the first difference", { timeout: 60_000 }, () => {
    expect(timingT(leakyVerifier(), 2 * FIRST_SAMPLES, Math.random)).toBeGreaterThan(LEAST_TELLING_T);
  });
});

/** The smallest t of rounds that each double the samples; ends at the first that tells nothing. */
function smallestT(verifier: ReturnType<typeof realVerifier>): number {
  let smallest = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS && smallest >= LEAST_TELLING_T; round += 1) {
    smallest = Math.min(smallest, timingT(verifier, FIRST_SAMPLES * 2 ** round, Math.random));
  }
  return smallest;
}
