import fc from "fast-check";
import { expect, it } from "vitest";
import { wireTime } from "./incident-view.ts";

it("writes any time as RFC 3339 in UTC with milliseconds, whatever was written before it", () => {
  fc.assert(
    fc.property(
      fc.array(fc.date({ noInvalidDate: true }).map((date) => date.getTime())),
      fc.nat(2_000),
      (times, step) => {
        for (const ms of times.flatMap((time) => [time, time + step, time])) {
          if (Math.abs(ms) <= 8.64e15) expect(wireTime(ms)).toBe(new Date(ms).toISOString());
        }
      },
    ),
  );
  expect(wireTime(null)).toBeNull();
});
