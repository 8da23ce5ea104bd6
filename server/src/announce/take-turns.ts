import type { Queryable } from "../runtime/database.ts";
import type { NewDelivery } from "../store/deliveries.ts";
import { lockUnfinishedTurns, type Turn, turnName } from "../store/delivery-turns.ts";

/**
 * Marks the deliveries that have to wait: behind another of this batch, or behind one that has not ended. The latter is
 * locked, so that it cannot end unseen before this transaction does.
 */
export async function takeTurns<T extends NewDelivery>(
  tx: Queryable,
  deliveries: readonly (T & { readonly isOrdered: boolean })[],
): Promise<readonly T[]> {
  const turns = new Map<string, Turn & { readonly sequence: number }>();
  for (const { isOrdered, organizationId, endpointId, incidentId, sequence } of deliveries) {
    if (!isOrdered || incidentId === null) continue;
    const turn = { organizationId, endpointId, incidentId, sequence };
    if (!turns.has(turnName(turn))) turns.set(turnName(turn), turn);
  }
  // An incident's first event has nothing before it, and most events are first ones.
  const later = [...turns.values()].filter((turn) => turn.sequence !== 1);
  const taken = later.length === 0 ? new Set<string>() : new Set(await lockUnfinishedTurns(tx, later));
  return deliveries.map((delivery) => {
    if (!delivery.isOrdered || delivery.incidentId === null) return delivery;
    const name = turnName({ ...delivery, incidentId: delivery.incidentId });
    if (taken.has(name)) return { ...delivery, isWaiting: true };
    taken.add(name);
    return delivery;
  });
}
