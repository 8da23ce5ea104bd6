import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createDueWalk, type EndpointKey, type WalkLook, type WalkPosition } from "./due-walk.ts";

const key = (organization: number, endpoint: number): EndpointKey => ({
  organizationId: `o${String(organization).padStart(4, "0")}`,
  endpointId: `e${String(endpoint).padStart(6, "0")}`,
});

/** Endpoints by organization, in order. */
type World = ReadonlyMap<string, readonly EndpointKey[]>;

const worldOf = (sizes: readonly number[]): World =>
  new Map(
    sizes.map((size, organization) => [
      key(organization, 0).organizationId,
      Array.from({ length: size }, (_, endpoint) => key(organization, endpoint)),
    ]),
  );

type Limits = { readonly most: number; readonly mostOrganizations: number };

/** What the database answers: up to `mostOrganizations` behind the position, an equal part of `most` of each. */
function look(
  world: World,
  position: WalkPosition,
  limits: Limits,
): WalkLook & { readonly found: readonly EndpointKey[] } {
  const organizations = [...world]
    .filter(([id, endpoints]) => endpoints.length > 0 && id > (position.afterOrganization ?? ""))
    .slice(0, limits.mostOrganizations);
  const each = Math.max(1, Math.floor(limits.most / Math.max(1, organizations.length)));
  const resume = new Map(position.resume.map((one) => [one.organizationId, one.endpointId]));
  const visited = organizations.map(([id, endpoints]) =>
    endpoints.filter(({ endpointId }) => endpointId > (resume.get(id) ?? "")).slice(0, each),
  );
  return {
    found: visited.flat(),
    cut: visited.flatMap((endpoints) => (endpoints.length === each ? endpoints.slice(-1) : [])),
    lastOrganization: organizations.length === limits.mostOrganizations ? (organizations.at(-1)?.[0] ?? null) : null,
  };
}

const scene = fc.record({
  sizes: fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 10 }),
  most: fc.integer({ min: 1, max: 30 }),
  mostOrganizations: fc.integer({ min: 1, max: 5 }),
  considers: fc.integer({ min: 1, max: 30 }),
});

describe("a walk over the endpoints that have something due", () => {
  test("ends when all that was due is claimed, however few rows a claim takes", () => {
    fc.assert(
      fc.property(scene, ({ sizes, considers, ...limits }) => {
        const walk = createDueWalk();
        let world = worldOf(sizes);
        for (let looks = 0; looks === 0 || !walk.isAtEnd(); looks++) {
          expect(looks).toBeLessThan(2_000);
          const { found: all, ...result } = look(world, walk.position(), limits);
          const found = walk.inTurn(all);
          const considered = new Set(found.slice(0, considers));
          walk.note(result, [...considered], found.slice(considers));
          world = new Map([...world].map(([id, due]) => [id, due.filter((one) => !considered.has(one))]));
        }
        expect([...world.values()].flat()).toEqual([]);
      }),
    );
  });

  test("comes by every endpoint in time while each always has more", () => {
    fc.assert(
      fc.property(scene, ({ sizes, considers, ...limits }) => {
        const walk = createDueWalk();
        const world = worldOf(sizes);
        const missing = new Set([...world.values()].flat());
        const most = 2 * (missing.size + 2) * (sizes.length + 2);
        for (let looks = 0; looks < most && missing.size > 0; looks++) {
          const { found: all, ...result } = look(world, walk.position(), limits);
          const found = walk.inTurn(all);
          for (const one of found.slice(0, considers)) missing.delete(one);
          walk.note(result, found.slice(0, considers), found.slice(considers));
        }
        expect([...missing]).toEqual([]);
      }),
    );
  });

  test("F50: comes by an organization with one endpoint in every look, beside one with thousands", () => {
    const walk = createDueWalk();
    for (let round = 0; round < 20; round++) {
      const { found, ...result } = look(worldOf([5_000, 1]), walk.position(), { most: 256, mostOrganizations: 64 });
      expect(found).toContainEqual(key(1, 0));
      walk.note(result, found, []);
      expect(walk.isAtEnd()).toBe(false);
    }
  });
});
