import { expect, it } from "vitest";
import { fallbackProblem } from "./fallback.ts";

const following = (chain: string) => (id: string) => chain[chain.indexOf(id) + 1] ?? null;

it("a fallback may have a fallback, a few times", () => {
  expect(fallbackProblem("a", "b", following("bcd"))).toBeNull();
  expect(fallbackProblem("a", "b", following("bcdefghi"))).toMatch(/at most 5/);
});

it("a fallback never leads back to where it began", () => {
  expect(fallbackProblem("a", "a", following(""))).toMatch(/itself/);
  expect(fallbackProblem("a", "b", following("bca"))).toMatch(/leads back/);
  expect(fallbackProblem("a", "b", (id) => (id === "b" ? "c" : "b"))).toMatch(/at most 5/);
});
