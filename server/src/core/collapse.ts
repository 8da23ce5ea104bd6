import type { EventType } from "./event.ts";

/** A delivery that waits for its turn. */
export type Waiting = { readonly id: string; readonly eventType: EventType };

/** A delivery that need not go out, and the later one that speaks for it. */
export type Superseded = { readonly id: string; readonly replacedBy: string };

/** Events that tell a receiver what to do with what it keeps of the incident: make it, close it, open it again. */
export const STATE_EVENTS: ReadonlySet<EventType> = new Set<EventType>([
  "incident.created",
  "incident.acknowledged",
  "incident.unacknowledged",
  "incident.resolved",
  "incident.reopened",
  "incident.merged",
]);

/**
 * Folds what waits of one incident at one endpoint, in its order, into as few deliveries as tell the same: the latest one,
 * the latest one of a change of state when that is another, and the incident's first one as long as the receiver has not
 * heard of it, since what it makes is what the later ones change. Every payload shows the incident as of its event, so
 * the latest one shows the latest state.
 */
export function collapse(waiting: readonly Waiting[], hasHeard: boolean): readonly Superseded[] {
  const superseded: Superseded[] = [];
  let next: Waiting | null = null;
  let isStateTold = false;
  for (const delivery of waiting.toReversed()) {
    const isState = STATE_EVENTS.has(delivery.eventType);
    const isFirst = delivery.eventType === "incident.created" && !hasHeard;
    if (next !== null && !isFirst && (!isState || isStateTold)) {
      superseded.push({ id: delivery.id, replacedBy: next.id });
      continue;
    }
    next = delivery;
    isStateTold ||= isState;
  }
  return superseded.toReversed();
}
