/** Names an endpoint. */
export type EndpointKey = { readonly organizationId: string; readonly endpointId: string };

/** Where a look begins: behind an organization, and within organizations behind an endpoint. */
export type WalkPosition = { readonly afterOrganization: string | null; readonly resume: readonly EndpointKey[] };

/** What a look over the endpoints with pending deliveries has come to. */
export type WalkLook = {
  /** The last endpoint looked at of each organization that has more behind it. */
  readonly cut: readonly EndpointKey[];
  /** The last organization looked at when there may be more behind it, else null. */
  readonly lastOrganization: string | null;
};

/** A walk over the endpoints with pending deliveries: some endpoints of every organization in each look. */
export type DueWalk = {
  position(): WalkPosition;
  /** Puts what a look found into the order of claiming: the organization that was considered longest ago comes first. */
  inTurn<Found extends EndpointKey>(found: readonly Found[]): readonly Found[];
  /**
   * Notes a look and which of the endpoints found were considered, in their order: the next look goes on behind those, so
   * that no endpoint is always the last.
   */
  note(look: WalkLook, considered: readonly EndpointKey[], leftOut: readonly EndpointKey[]): void;
  /** True when all endpoints were looked at since the walk began anew. */
  isAtEnd(): boolean;
};

/** A walk at its beginning. Ids are compared as texts: for UUIDs that is their order in the database. */
export function createDueWalk(): DueWalk {
  let afterOrganization: string | null = null;
  const resume = new Map<string, string>();
  const consideredIn = new Map<string, number>();
  let looks = 1;
  const isAtEnd = (): boolean => afterOrganization === null && resume.size === 0;
  const turnOf = ({ organizationId }: EndpointKey): number => consideredIn.get(organizationId) ?? 0;
  return {
    position: () => ({
      afterOrganization,
      resume: [...resume].map(([organizationId, endpointId]) => ({ organizationId, endpointId })),
    }),
    inTurn: (found) => found.toSorted((one, other) => turnOf(one) - turnOf(other)),
    note({ cut, lastOrganization }, considered, leftOut) {
      const before = new Map(resume);
      const isLookedAt = (id: string): boolean =>
        (afterOrganization === null || id > afterOrganization) && (lastOrganization === null || id <= lastOrganization);
      for (const id of before.keys()) if (isLookedAt(id)) resume.delete(id);
      for (const { organizationId, endpointId } of cut) resume.set(organizationId, endpointId);
      for (const { organizationId } of leftOut)
        resume.set(organizationId, before.get(organizationId) ?? FIRST_ENDPOINT);
      const isLeftOut = new Set(leftOut.map(({ organizationId }) => organizationId));
      for (const { organizationId, endpointId } of considered) {
        if (isLeftOut.has(organizationId)) resume.set(organizationId, endpointId);
        consideredIn.set(organizationId, looks);
      }
      looks += 1;
      afterOrganization = lastOrganization;
      if (isAtEnd()) consideredIn.clear();
    },
    isAtEnd,
  };
}

const FIRST_ENDPOINT = "00000000-0000-0000-0000-000000000000";
