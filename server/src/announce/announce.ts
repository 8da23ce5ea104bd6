import type { EventType } from "../core/event.ts";
import { wireTime } from "../core/incident-view.ts";
import type { JsonObject } from "../core/json.ts";
import type { Queryable, Transaction } from "../runtime/database.ts";
import type { Ids } from "../runtime/id.ts";
import type { Metrics } from "../runtime/metrics.ts";
import type { NewDelivery } from "../store/deliveries.ts";
import { collapseTurns } from "../store/delivery-collapse.ts";
import { promoteNext, type Turn } from "../store/delivery-turns.ts";
import { insertEvents, type NewEvent } from "../store/events.ts";
import { readSubscribers, type Subscriber } from "../store/subscribers.ts";
import type { TimelineLine } from "../store/timeline.ts";
import { type Followable, followFailover } from "./follow-failover.ts";
import { type Hearing, judgeSubscriber } from "./subscription.ts";
import { takeTurns } from "./take-turns.ts";

/** An outgoing fact that has no id yet. */
export type Fact = {
  readonly type: EventType;
  readonly incidentId: string | null;
  readonly integrationId: string | null;
  readonly endpointId: string | null;
  /** Counts the events of an incident from 1; 0 for others. */
  readonly sequence: number;
  /** What templates, filters and receivers see, in wire format. */
  readonly payload: JsonObject;
  /** Epoch milliseconds. */
  readonly at: number;
  /** The event's id when it is fixed by what it speaks of, so that it cannot be made twice. */
  readonly id?: string;
};

/** An event that was made and who hears of it. */
export type Announcement = {
  readonly id: string;
  readonly type: EventType;
  readonly incidentId: string | null;
  readonly endpoints: readonly Hearing[];
};

/** What announcing needs. */
export type AnnounceDeps = { readonly ids: Ids; readonly metrics: Metrics };

/** Turns facts of one organization into events and deliveries, in the caller's transaction. */
export function announce(
  tx: Transaction,
  deps: AnnounceDeps,
  organizationId: string,
  facts: readonly Fact[],
): Promise<readonly Announcement[]> {
  return announceAll(
    tx,
    deps,
    facts.map((fact) => ({ ...fact, organizationId })),
  );
}

/**
 * Turns facts of several organizations into events and deliveries, in the caller's transaction and in their order: an
 * event and its deliveries exist together or not at all. The endpoints are read once, unless the caller has asked for
 * them. Lines of timelines are stored along with at least one fact.
 */
export async function announceAll(
  tx: Transaction,
  deps: AnnounceDeps,
  facts: readonly (Fact & { readonly organizationId: string })[],
  timeline: readonly TimelineLine[] = [],
  asked: Promise<readonly Subscriber[]> | null = null,
): Promise<readonly Announcement[]> {
  if (facts.length === 0) return [];
  const organizations = [...new Set(facts.map((fact) => fact.organizationId))];
  const subscribers = await (asked ?? readSubscribers(tx, organizations));
  const events: NewEvent[] = [];
  const deliveries: PlannedDelivery[] = [];
  const announcements: Announcement[] = [];
  for (const fact of facts) {
    const event = { ...fact, id: fact.id ?? deps.ids.next(), createdAt: fact.at };
    // The same objects go to every filter: their conversion is remembered.
    const context = { ...fact.payload, event: { id: event.id, type: event.type, created_at: wireTime(fact.at) } };
    const own = subscribers.filter((subscriber) => subscriber.organizationId === fact.organizationId);
    const endpoints = own.map((subscriber) => judgeSubscriber(subscriber, event, context));
    for (const [index, hearing] of endpoints.entries()) {
      if (!hearing.matched) continue;
      deliveries.push({
        organizationId: fact.organizationId,
        id: deps.ids.next(),
        eventId: event.id,
        eventType: event.type,
        eventAt: fact.at,
        endpointId: hearing.endpointId,
        incidentId: fact.incidentId,
        sequence: fact.sequence,
        createdAt: fact.at,
        isWaiting: false,
        canFailOver: (own[index]?.fallbackId ?? null) !== null,
        isOrdered: own[index]?.isOrdered ?? true,
        fallbackId: own[index]?.fallbackId ?? null,
        collapses: own[index]?.collapses ?? false,
      });
    }
    const matchedEndpointIds = endpoints.flatMap(({ matched, endpointId }) => (matched ? [endpointId] : []));
    events.push({ ...event, matchedEndpointIds });
    announcements.push({ id: event.id, type: event.type, incidentId: fact.incidentId, endpoints });
  }
  const placed = await takeTurns(tx, deliveries);
  insertEvents(tx, events, placed, timeline);
  const followable = deliveries.filter((one): one is PlannedDelivery & Followable => one.fallbackId !== null);
  if (followable.length > 0) await followFailover(tx, deps, followable);
  const folded = placed.flatMap(({ collapses, isWaiting, incidentId, ...turn }) =>
    collapses && isWaiting && incidentId !== null ? [{ ...turn, incidentId }] : [],
  );
  if (folded.length > 0) await foldTurns(tx, folded, Math.max(...facts.map((fact) => fact.at)));
  for (const event of events) deps.metrics.count("overwatch_incident_events_total", { type: event.type });
  return announcements;
}

type PlannedDelivery = NewDelivery & {
  readonly isOrdered: boolean;
  readonly collapses: boolean;
  readonly fallbackId: string | null;
};

/** Folds what waits with what has just been stored behind it; what it waited for may be among what is folded. */
async function foldTurns(tx: Queryable, turns: readonly Turn[], now: number): Promise<void> {
  if ((await collapseTurns(tx, turns, now)) > 0) await promoteNext(tx, turns, now);
}
