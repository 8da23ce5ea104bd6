import { describe, expect, it } from "vitest";
import { collapse } from "./collapse.ts";
import type { EventType } from "./event.ts";

const waiting = (...types: readonly string[]) =>
  types.map((type, index) => ({ id: `${index + 1}`, eventType: `incident.${type}` as EventType }));
const pairs = (types: readonly string[], hasHeard: boolean) =>
  collapse(waiting(...types), hasHeard).map(({ id, replacedBy }) => `${id}→${replacedBy}`);

describe("collapse", () => {
  it("leaves alone what waits by itself or not at all", () => {
    expect(pairs([], false)).toEqual([]);
    expect(pairs(["updated"], true)).toEqual([]);
  });

  it("folds updates into the latest one", () => {
    expect(pairs(["updated", "escalated", "assigned", "updated"], true)).toEqual(["1→4", "2→4", "3→4"]);
  });

  it("keeps the first event until the receiver has heard of the incident", () => {
    expect(pairs(["created", "updated", "acknowledged", "resolved"], false)).toEqual(["2→4", "3→4"]);
    expect(pairs(["created", "updated", "acknowledged", "resolved"], true)).toEqual(["1→4", "2→4", "3→4"]);
  });

  it("keeps the latest change of state when something else was said after it", () => {
    expect(pairs(["updated", "resolved", "updated", "note_added"], true)).toEqual(["1→2", "3→4"]);
    expect(pairs(["resolved", "reopened", "resolved", "note_added"], true)).toEqual(["1→3", "2→3"]);
  });
});
