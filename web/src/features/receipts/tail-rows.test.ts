import { expect, it } from "vitest";
import { addPolled, mergeTail } from "./tail-rows.ts";

type Row = { readonly id: string; readonly state: string };

const row = (id: string, state = "queued"): Row => ({ id, state });
const polled = (...rows: readonly Row[]): ReadonlyMap<string, Row> => new Map(rows.map((one) => [one.id, one]));

it("puts what is newer on top and gives known rows their newest state", () => {
  const { rows, waiting } = mergeTail([row("b"), row("a")], polled(row("b", "processed"), row("c"), row("d")), null);
  expect(rows).toEqual([row("d"), row("c"), row("b", "processed"), row("a")]);
  expect(waiting).toBe(0);
});

it("holds back what is newer than the cut and counts it", () => {
  const { rows, waiting } = mergeTail([row("b")], polled(row("c"), row("d"), row("e")), "c");
  expect(rows.map(({ id }) => id)).toEqual(["c", "b"]);
  expect(waiting).toBe(2);
});

it("never shows what is older than what was read, which belongs to later pages", () => {
  expect(mergeTail([row("m")], polled(row("c")), null).rows).toEqual([row("m")]);
});

it("notices when more came between two looks than a look shows", () => {
  const nothing = { rows: polled(), hasGap: false };
  const first = addPolled(nothing, [row("c"), row("b")], 2, "b");
  expect(first.hasGap).toBe(false);
  expect([...first.rows.keys()].sort()).toEqual(["b", "c"]);
  expect(addPolled(first, [row("d"), row("c")], 2, "b").hasGap).toBe(false);
  expect(addPolled(first, [row("f"), row("e")], 2, "b").hasGap).toBe(true);
  expect(addPolled(nothing, [row("f")], 2, "").hasGap).toBe(false);
});
