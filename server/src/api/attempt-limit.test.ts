import { describe, expect, it } from "vitest";
import { createManualClock } from "../runtime/clock.ts";
import { createAttemptLimit } from "./attempt-limit.ts";

function limitOf(maxFailures: number) {
  const clock = createManualClock(1_000_000);
  return { clock, limit: createAttemptLimit(clock, maxFailures) };
}

describe("the limit of failed attempts", () => {
  it("lets a source try again when its minute is over, and not before", () => {
    const { clock, limit } = limitOf(2);
    limit.noteFailure("192.0.2.1");
    expect(limit.secondsUntilAllowed("192.0.2.1")).toBe(0);
    clock.advance(10_000);
    limit.noteFailure("192.0.2.1");
    expect(limit.secondsUntilAllowed("192.0.2.1")).toBe(50);
    expect(limit.secondsUntilAllowed("192.0.2.2")).toBe(0);
    clock.advance(49_999);
    expect(limit.secondsUntilAllowed("192.0.2.1")).toBe(1);
    clock.advance(1);
    expect(limit.secondsUntilAllowed("192.0.2.1")).toBe(0);
  });

  it.each([
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::1", true],
    ["2001:db8::1", "2001:db8:0:0:ffff::", true],
    ["2001:db8:1:2::1", "2001:db8:1:3::1", false],
    ["::ffff:192.0.2.1", "192.0.2.1", true],
    ["192.0.2.1", "192.0.2.11", false],
  ])("counts %s and %s as the same source: %s", (one, other, isSame) => {
    const { limit } = limitOf(1);
    limit.noteFailure(one);
    expect(limit.secondsUntilAllowed(other) > 0).toBe(isSame);
  });

  it("remembers so many sources only, the latest ones", () => {
    const { limit } = limitOf(1);
    for (let index = 0; index < 10_001; index++)
      limit.noteFailure(`10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`);
    expect(limit.secondsUntilAllowed("10.0.0.0")).toBe(0);
    expect(limit.secondsUntilAllowed("10.0.0.1")).toBeGreaterThan(0);
  });
});
