import fc from "fast-check";
import { expect, it } from "vitest";
import { addStateChange, flappingEndsAt, isFlapping } from "./flapping.ts";

const policy = { flapping_changes: 4, flapping_window_seconds: 100 };

it("begins with so many changes within the window, and not with as many spread over more", () => {
  const within = [0, 30_000, 60_000, 90_000].reduce<readonly number[]>(
    (known, at) => addStateChange(known, policy, at),
    [],
  );
  expect(isFlapping(within, policy)).toBe(true);
  const spread = [0, 40_000, 80_000, 120_000].reduce<readonly number[]>(
    (known, at) => addStateChange(known, policy, at),
    [],
  );
  expect(isFlapping(spread, policy)).toBe(false);
});

it("ends once the window holds half of the changes that began it", () => {
  expect(flappingEndsAt([10_000, 20_000, 30_000, 40_000], policy)).toBe(120_000);
});

it("is off below two changes", () => {
  expect(isFlapping([1], { ...policy, flapping_changes: 1 })).toBe(false);
  expect(isFlapping([], { ...policy, flapping_changes: 0 })).toBe(false);
});

it("never remembers more changes than begin it, so that its memory is bounded and its end is later than now", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(50_000), { minLength: 1, maxLength: 50 }),
      fc.integer({ min: 2, max: 9 }),
      (steps, changes) => {
        let now = 0;
        let known: readonly number[] = [];
        const some = { ...policy, flapping_changes: changes };
        for (const step of steps) {
          now += step;
          known = addStateChange(known, some, now);
          expect(known.length).toBeLessThanOrEqual(changes);
          if (isFlapping(known, some)) expect(flappingEndsAt(known, some)).toBeGreaterThan(now);
        }
      },
    ),
  );
});
