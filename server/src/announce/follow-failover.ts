import type { Queryable } from "../runtime/database.ts";
import type { Ids } from "../runtime/id.ts";
import type { NewDelivery } from "../store/deliveries.ts";
import { type FollowedIncident, insertFailovers, readFollowed } from "../store/failovers.ts";
import { takeTurns } from "./take-turns.ts";

/** A delivery that was just stored, with the fallback of its endpoint. */
export type Followable = NewDelivery & { readonly fallbackId: string };

/**
 * Tells fallbacks the later events of incidents that they heard of in another endpoint's place, so that what they opened
 * is also closed there, whether or not that endpoint is back.
 */
export async function followFailover(
  tx: Queryable,
  deps: { readonly ids: Ids },
  deliveries: readonly Followable[],
): Promise<void> {
  const asked = new Map<string, FollowedIncident>();
  for (const { organizationId, endpointId, incidentId, fallbackId, sequence } of deliveries) {
    // Nobody has heard of an incident before its first event.
    if (incidentId === null || sequence === 1) continue;
    asked.set(`${endpointId} ${incidentId}`, { organizationId, endpointId, incidentId, fallbackId });
  }
  if (asked.size === 0) return;
  const followed = await readFollowed(tx, [...asked.values()]);
  const failovers = deliveries.flatMap((original) => {
    const told = followed.find((one) => isOf(one, original));
    if (told === undefined) return [];
    const { endpointName, fallbackId, isOrdered, canFailOver } = told;
    const failover = { delivery_id: original.id, endpoint_id: original.endpointId, endpoint_name: endpointName };
    return [{ ...original, id: deps.ids.next(), endpointId: fallbackId, isOrdered, canFailOver, failover }];
  });
  if (failovers.length === 0) return;
  const handled = failovers.map((one) => ({ organizationId: one.organizationId, id: one.failover.delivery_id }));
  const own = failovers.map((one) => ({ ...one, isWaiting: false }));
  await insertFailovers(tx, await takeTurns(tx, own), handled);
}

function isOf(followed: FollowedIncident, { organizationId, endpointId, incidentId }: NewDelivery): boolean {
  return (
    followed.organizationId === organizationId &&
    followed.endpointId === endpointId &&
    followed.incidentId === incidentId
  );
}
