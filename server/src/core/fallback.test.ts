import { expect, it } from "vitest";
import { fallbackProblem, isStoodInFor } from "./fallback.ts";

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

it("a fallback stands in after its minutes, and at once for an endpoint that is disabled", () => {
  const fallback = { endpoint_id: "b", after_minutes: 5, originals: "keep" } as const;
  const endpoint = { enabled: true, fallback };
  const open = (state: string) => ({ state, openedAt: 1_000 });
  expect(isStoodInFor(endpoint, open("open"), 300_999)).toBe(false);
  expect(isStoodInFor(endpoint, open("open"), 301_000)).toBe(true);
  expect(isStoodInFor(endpoint, open("half_open"), 301_000)).toBe(true);
  expect(isStoodInFor(endpoint, { state: "closed", openedAt: null }, 301_000)).toBe(false);
  expect(isStoodInFor(endpoint, open("disabled"), 1_000)).toBe(true);
  expect(isStoodInFor({ ...endpoint, enabled: false }, null, 0)).toBe(true);
  expect(isStoodInFor({ enabled: false, fallback: null }, null, 0)).toBe(false);
});
