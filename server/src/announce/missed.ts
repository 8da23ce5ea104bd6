import type { Selection } from "../core/bulk-run.ts";
import type { Endpoint } from "../core/endpoint.ts";
import { EVENT_TYPES, type EventType, isSubscribed } from "../core/event.ts";
import { wireTime } from "../core/incident-view.ts";
import type { MissedEvent, MissedFilter } from "../store/missed-events.ts";
import { judgeSubscriber } from "./subscription.ts";

/** The types of events that an endpoint hears by its present subscription; a test was only ever for the one it was made for. */
export function heardTypes(endpoint: Endpoint, wanted: string | null): readonly EventType[] {
  return EVENT_TYPES.filter(
    (type) => type !== "test.ping" && isSubscribed(endpoint.events, type) && (wanted === null || wanted === type),
  );
}

/** What to ask the events for on behalf of an endpoint. */
export function missedFilter(endpoint: Endpoint, selection: Selection): MissedFilter {
  return {
    organizationId: endpoint.organizationId,
    endpointId: endpoint.id,
    types: heardTypes(endpoint, selection.eventType),
    selection: { ...selection, integrationId: endpoint.integrationId ?? selection.integrationId },
  };
}

/** Whether an endpoint would hear an event that it has missed, whether or not it is enabled now. */
export function hearsMissed(endpoint: Endpoint, event: MissedEvent): "heard" | "not_heard" | "failed" {
  const subscriber = { ...endpoint, isEnabled: true, isOrdered: true, collapses: false, fallbackId: null };
  const context = {
    ...event.payload,
    event: { id: event.id, type: event.type, created_at: wireTime(event.createdAt) },
  };
  const hearing = judgeSubscriber(subscriber, event, context);
  if (hearing.matched) return "heard";
  return hearing.isFailure ? "failed" : "not_heard";
}
