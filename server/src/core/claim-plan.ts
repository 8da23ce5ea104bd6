/** An endpoint that has something due and may be sent to. */
export type Candidate = {
  readonly organizationId: string;
  readonly endpointId: string;
  /** How many more deliveries this node wants of it, by its share of the endpoint's limits. */
  readonly room: number;
  /** How many this node holds of it. */
  readonly held: number;
};

/** What a node holds, and how much it may. */
export type Holding = {
  /** The most deliveries that the node holds at a time. */
  readonly capacity: number;
  readonly held: number;
  readonly heldByOrganization: ReadonlyMap<string, number>;
  /** The most rows of one claim. */
  readonly mostRows: number;
};

/** How many deliveries to claim of which candidate, and how many candidates were considered before the rows ran out. */
export type ClaimPlan<C extends Candidate> = {
  readonly picks: readonly { readonly candidate: C; readonly rows: number }[];
  readonly considered: number;
};

/**
 * Divides a claim over the candidates, in the order given. Each gets its equal part of the rows that are left, and what it
 * does not use goes to those behind it. An organization holds no more than what is free beside it, an endpoint no more than
 * a quarter of that: however many of them are slow, one that comes anew finds room.
 */
export function planClaim<C extends Candidate>(candidates: readonly C[], holding: Holding): ClaimPlan<C> {
  const heldOf = new Map(holding.heldByOrganization);
  const picks: { candidate: C; rows: number }[] = [];
  let free = holding.capacity - holding.held;
  let left = Math.min(holding.mostRows, free);
  let considered = 0;
  for (const candidate of candidates) {
    if (left <= 0) break;
    considered += 1;
    const { organizationId } = candidate;
    const held = heldOf.get(organizationId) ?? 0;
    const freeBeside = Math.floor((free - held) / 2);
    // The last free places go to endpoints that hold nothing yet.
    const allowed = candidate.held === 0 ? Math.max(1, freeBeside / 4) : freeBeside / 4 - candidate.held;
    const part = Math.max(1, Math.floor(left / (candidates.length - considered + 1)));
    const rows = Math.min(candidate.room, part, Math.floor(allowed), freeBeside);
    if (rows <= 0) continue;
    picks.push({ candidate, rows });
    heldOf.set(organizationId, held + rows);
    free -= rows;
    left -= rows;
  }
  return { picks, considered };
}
