import { describe, expect, test } from "vitest";
import { createNodeClock } from "./clock.ts";

const DATABASE_NOW = Date.UTC(2026, 10, 23, 12);
const HOUR = 3_600_000;

describe("the clock of a node", () => {
  test.each([HOUR, -HOUR])("F41: is the database's, although the machine's is %i ms off", (offMs) => {
    let monotonic = 5_000;
    const clock = createNodeClock(
      () => DATABASE_NOW + offMs,
      () => monotonic,
    );
    clock.adjust(DATABASE_NOW, 20);
    expect(clock.now()).toBe(DATABASE_NOW + 10);
    monotonic += 30_000;
    expect(clock.now()).toBe(DATABASE_NOW + 30_010);
  });

  test.each([HOUR, -HOUR])("F41: does not follow a jump of the machine's by %i ms", (jumpMs) => {
    let wall = DATABASE_NOW;
    let monotonic = 0;
    const clock = createNodeClock(
      () => wall,
      () => monotonic,
    );
    clock.adjust(DATABASE_NOW, 0);
    wall += jumpMs;
    monotonic += 1_000;
    expect(clock.now()).toBe(DATABASE_NOW + 1_000);
  });
});
