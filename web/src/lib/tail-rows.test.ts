import { expect, it } from "vitest";
import { addChanges, addLook, mergeTail, readChanges } from "./tail-rows.ts";

type Row = { readonly id: string; readonly state: string };

const row = (id: string, state = "queued"): Row => ({ id, state });
const known = (...rows: readonly Row[]): ReadonlyMap<string, Row> => new Map(rows.map((one) => [one.id, one]));
const NOTHING = { rows: known(), hasGap: false };

it("puts what is newer on top and gives known rows their newest state", () => {
  const { rows, waiting } = mergeTail([row("b"), row("a")], known(row("b", "processed"), row("c"), row("d")), null);
  expect(rows).toEqual([row("d"), row("c"), row("b", "processed"), row("a")]);
  expect(waiting).toBe(0);
});

it("holds back what is newer than the cut and counts it", () => {
  const { rows, waiting } = mergeTail([row("b")], known(row("c"), row("d"), row("e")), "c");
  expect(rows.map(({ id }) => id)).toEqual(["c", "b"]);
  expect(waiting).toBe(2);
});

it("never shows what is older than what was read, which belongs to later pages", () => {
  expect(mergeTail([row("m")], known(row("c")), null).rows).toEqual([row("m")]);
});

it("notices when more came between two looks than a look shows", () => {
  const first = addLook(NOTHING, [row("c"), row("b")], 2, "b");
  expect(first.hasGap).toBe(false);
  expect([...first.rows.keys()].sort()).toEqual(["b", "c"]);
  expect(addLook(first, [row("d"), row("c")], 2, "b").hasGap).toBe(false);
  expect(addLook(first, [row("f"), row("e")], 2, "b").hasGap).toBe(true);
  expect(addLook(NOTHING, [row("f")], 2, "").hasGap).toBe(false);
});

it("lays what the stream tells over rows that were read or seen, and over no others", () => {
  const seen = { rows: known(row("c")), hasGap: false };
  const changes = [
    { id: "a", state: "processed" },
    { id: "c", state: "ignored" },
    { id: "x", state: "processed" },
  ];
  const { rows } = addChanges(seen, [row("b"), row("a")], changes);
  expect(mergeTail([row("b"), row("a")], rows, null).rows).toEqual([
    row("c", "ignored"),
    row("b"),
    row("a", "processed"),
  ]);
  expect(rows.has("x")).toBe(false);
});

it("takes a bare count, and a message that something is missing, as a call to look again", () => {
  expect(readChanges('{"count":1,"is_exact":true,"rows":[{"id":"a","status":"queued"}]}')).toHaveLength(1);
  expect(readChanges('{"count":400,"is_exact":true,"rows":[]}')).toBeNull();
  expect(readChanges('{"count":1,"is_exact":true,"rows":[{"id":"a"}],"is_missing_some":true}')).toBeNull();
});
