/** Says whether an integration may put one more receipt into quarantine. */
export type QuarantineRoom = {
  /** Takes a place; false when the limit is reached. Rejects when the database cannot be asked. */
  take(integration: {
    readonly organizationId: string;
    readonly id: string;
    readonly quarantineLimit: number;
  }): Promise<boolean>;
};

type Count = { readonly countedAt: number; takenAt: number; known: number };

const FRESH_MS = 5_000;
// Receipts that were let in must be read by triage before the database counts them.
const UNREAD_MS = 30_000;
const MOST_COUNTS = 10_000;

/**
 * Counts from the database every five seconds and by itself in between. The bound is therefore exact on one node that
 * keeps up, and can be exceeded by what other nodes let in within those seconds.
 */
export function createQuarantineRoom(deps: {
  readonly count: (organizationId: string, integrationId: string, limit: number) => Promise<number>;
  readonly monotonicNow: () => number;
}): QuarantineRoom {
  const counts = new Map<string, Count>();
  const pending = new Map<string, Promise<Count>>();

  const refresh = async (organizationId: string, id: string, limit: number): Promise<Count> => {
    const before = counts.get(id);
    const counted = await deps.count(organizationId, id, limit);
    const now = deps.monotonicNow();
    const isUnread = before !== undefined && now - before.takenAt < UNREAD_MS;
    const known = isUnread ? Math.max(counted, before.known) : counted;
    const fresh: Count = { countedAt: now, takenAt: before?.takenAt ?? Number.NEGATIVE_INFINITY, known };
    if (counts.size >= MOST_COUNTS) counts.clear();
    counts.set(id, fresh);
    return fresh;
  };

  const current = async (organizationId: string, id: string, limit: number): Promise<Count> => {
    const present = counts.get(id);
    if (present !== undefined && deps.monotonicNow() - present.countedAt < FRESH_MS) return present;
    const asked = pending.get(id) ?? refresh(organizationId, id, limit).finally(() => pending.delete(id));
    pending.set(id, asked);
    return asked;
  };

  return {
    async take({ organizationId, id, quarantineLimit }) {
      if (quarantineLimit === 0) return false;
      const count = await current(organizationId, id, quarantineLimit);
      if (count.known >= quarantineLimit) return false;
      count.known += 1;
      count.takenAt = deps.monotonicNow();
      return true;
    },
  };
}
