/** The outgoing facts, in the order in which the docs list them. */
export const EVENT_TYPES = [
  "incident.created",
  "incident.updated",
  "incident.escalated",
  "incident.acknowledged",
  "incident.unacknowledged",
  "incident.assigned",
  "incident.note_added",
  "incident.resolved",
  "incident.reopened",
  "incident.merged",
  "endpoint.circuit_opened",
  "endpoint.circuit_closed",
  "endpoint.disabled",
  "integration.silent",
  "test.ping",
] as const;

/** The type of an outgoing fact. */
export type EventType = (typeof EVENT_TYPES)[number];

/** True for what a subscription may name: an event type, `incident.*`-like wildcards or `*`. */
export function isSubscription(value: string): boolean {
  if (value === "*") return true;
  if (value.endsWith(".*")) return EVENT_TYPES.some((type) => type.startsWith(value.slice(0, -1)));
  return (EVENT_TYPES as readonly string[]).includes(value);
}

/** True when one of the subscriptions covers the event type. */
export function isSubscribed(subscriptions: readonly string[], type: EventType): boolean {
  return subscriptions.some(
    (entry) => entry === "*" || entry === type || (entry.endsWith(".*") && type.startsWith(entry.slice(0, -1))),
  );
}
