import { expect, it } from "vitest";
import { refusalFacts } from "./refusal-facts.ts";

it("says what came and what was computed with which secret", () => {
  const facts = refusalFacts({
    header: "x-sig",
    received: "sha256=867b…",
    is_compressed: false,
    secrets: [
      { hint: "…3c", computed: "9f2a…", state: "present" },
      { hint: "…7d", computed: "11aa…", state: "previous" },
    ],
  });
  expect(facts).toEqual([
    { name: "Header", value: "x-sig" },
    { name: "What came", value: "sha256=867b…" },
    { name: "Computed with the secret that ends in 3c", value: "9f2a…" },
    { name: "Computed with the old secret that ends in 7d", value: "11aa…" },
  ]);
});

it("says nothing of what it does not know, and survives any shape", () => {
  expect(refusalFacts({ secrets: [null, "x", [1]], other: {} })).toEqual([]);
});
