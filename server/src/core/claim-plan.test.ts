import fc from "fast-check";
import { expect, test } from "vitest";
import { type Candidate, planClaim } from "./claim-plan.ts";

const candidate = (endpointId: string, room: number, held = 0, organizationId = "own"): Candidate => ({
  organizationId,
  endpointId,
  room,
  held,
});
const EMPTY = { capacity: 2_000, held: 0, heldByOrganization: new Map<string, number>(), mostRows: 500 };
const rowsOf = (plan: ReturnType<typeof planClaim>): Record<string, number> =>
  Object.fromEntries(plan.picks.map(({ candidate: { endpointId }, rows }) => [endpointId, rows]));

test("an endpoint with a million waiting takes no more than its part beside the others", () => {
  const others = Array.from({ length: 9 }, (_, index) => candidate(`small-${index}`, 3));
  const rows = rowsOf(planClaim([candidate("large", 200), ...others], { ...EMPTY, mostRows: 100 }));
  expect(rows.large).toBe(10);
  for (const { endpointId } of others) expect(rows[endpointId]).toBe(3);
});

test("when the rows do not suffice, it says how far it came, so that the next claim goes on from there", () => {
  const all = Array.from({ length: 10 }, (_, index) => candidate(`e${index}`, 5));
  const first = planClaim(all, { ...EMPTY, mostRows: 4 });
  expect(rowsOf(first)).toEqual({ e0: 1, e1: 1, e2: 1, e3: 1 });
  expect(first.considered).toBe(4);
});

test("F50: an organization that could fill the node leaves room for one that comes with a single delivery", () => {
  const noisy = Array.from({ length: 2_000 }, (_, index) => candidate(`noisy-${index}`, 10, 0, "noisy"));
  let held = 0;
  const heldOf = new Map<string, number>();
  for (let round = 0; round < 200; round++) {
    const current = noisy.map((one) => ({ ...one, held: heldOf.get(one.endpointId) ?? 0 }));
    const plan = planClaim(current, { ...EMPTY, held, heldByOrganization: new Map([["noisy", held]]) });
    for (const { candidate: one, rows } of plan.picks) {
      heldOf.set(one.endpointId, (heldOf.get(one.endpointId) ?? 0) + rows);
      held += rows;
    }
  }
  expect(held).toBe(1_000);
  const next = [...noisy.slice(0, 100), candidate("quiet", 10, 0, "quiet")];
  const plan = planClaim(next, { ...EMPTY, held, heldByOrganization: new Map([["noisy", held]]) });
  expect(rowsOf(plan)).toEqual({ quiet: 10 });
});

test("five hundred endpoints that never answer leave room for one of their own organization that does", () => {
  const heldOf = new Map<string, number>();
  let held = 0;
  for (let round = 0; round < 200; round++) {
    const slow = Array.from({ length: 500 }, (_, index) => candidate(`s${index}`, 10, heldOf.get(`s${index}`) ?? 0));
    const plan = planClaim(slow, { ...EMPTY, held, heldByOrganization: new Map([["own", held]]) });
    for (const { candidate: one, rows } of plan.picks) {
      heldOf.set(one.endpointId, (heldOf.get(one.endpointId) ?? 0) + rows);
      held += rows;
    }
  }
  const plan = planClaim([candidate("healthy", 10)], { ...EMPTY, held, heldByOrganization: new Map([["own", held]]) });
  expect(rowsOf(plan).healthy).toBeGreaterThanOrEqual(1);
});

test("whatever is due, no more is planned than is free, wanted, or asked for, and nobody before the end is passed over", () => {
  const due = fc.record({
    organizationId: fc.constantFrom("a", "b", "c"),
    room: fc.integer({ min: 0, max: 200 }),
    held: fc.integer({ min: 0, max: 50 }),
  });
  fc.assert(
    fc.property(
      fc.array(due, { maxLength: 60 }),
      fc.integer({ min: 0, max: 2_000 }),
      fc.integer({ min: 1, max: 500 }),
      (list, heldElsewhere, mostRows) => {
        const all = list.map((one, index) => ({ ...one, endpointId: `e${index}` }));
        const heldByOrganization = new Map<string, number>();
        for (const one of all) {
          heldByOrganization.set(one.organizationId, (heldByOrganization.get(one.organizationId) ?? 0) + one.held);
        }
        const held = Math.min(2_000, heldElsewhere + all.reduce((sum, one) => sum + one.held, 0));
        const plan = planClaim(all, { capacity: 2_000, held, heldByOrganization, mostRows });
        const rows = plan.picks.reduce((sum, pick) => sum + pick.rows, 0);
        expect(rows).toBeLessThanOrEqual(Math.min(mostRows, 2_000 - held));
        for (const pick of plan.picks) {
          expect(pick.rows).toBeGreaterThanOrEqual(1);
          expect(pick.rows).toBeLessThanOrEqual(pick.candidate.room);
        }
        if (plan.considered < all.length) expect(rows).toBe(Math.min(mostRows, 2_000 - held));
      },
    ),
  );
});
