import fc from "fast-check";
import { expect, test } from "vitest";
import { type Limits, shareOf } from "./share.ts";

const endpointId = fc.uuid();
const limits = fc.record({
  inFlight: fc.integer({ min: 1, max: 1_000 }),
  perSecond: fc.option(fc.double({ min: 0.001, max: 5_000, noNaN: true })),
});
const parts = (whole: Limits, id: string, nodes: number): Limits[] =>
  Array.from({ length: nodes }, (_, rank) => shareOf(whole, id, { rank, nodes }));

test("the parts of all nodes add up to what the endpoint allows, and to no more", () => {
  fc.assert(
    fc.property(limits, endpointId, fc.integer({ min: 1, max: 20 }), (whole, id, nodes) => {
      const all = parts(whole, id, nodes);
      const senders = all.filter((part) => part.inFlight > 0);
      expect(senders.length).toBeGreaterThanOrEqual(1);
      expect(all.reduce((sum, part) => sum + part.inFlight, 0)).toBe(whole.inFlight);
      if (whole.perSecond === null) return;
      const perSecond = all.reduce((sum, part) => sum + (part.perSecond ?? 0), 0);
      expect(perSecond).toBeCloseTo(whole.perSecond, 6);
      // A node that may send nothing at a time may send nothing a second either.
      for (const part of all) expect(part.inFlight > 0).toBe((part.perSecond ?? 0) > 0);
    }),
  );
});

test("one request at a time, or one a minute, is one node's alone", () => {
  const id = "019abc00-0000-7000-8000-0000000000a1";
  expect(parts({ inFlight: 1, perSecond: null }, id, 3).filter((part) => part.inFlight > 0)).toHaveLength(1);
  expect(parts({ inFlight: 10, perSecond: 1 / 60 }, id, 3).filter((part) => part.inFlight > 0)).toEqual([
    { inFlight: 10, perSecond: 1 / 60 },
  ]);
});

test("not the same node has what cannot be divided, for every endpoint", () => {
  const owners = new Set<number>();
  for (let endpoint = 0; endpoint < 30; endpoint++) {
    const id = `019abc00-0000-7000-8000-${endpoint.toString(16).padStart(12, "0")}`;
    owners.add(parts({ inFlight: 1, perSecond: null }, id, 3).findIndex((part) => part.inFlight === 1));
  }
  expect(owners).toEqual(new Set([0, 1, 2]));
});
