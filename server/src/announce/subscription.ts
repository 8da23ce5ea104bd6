import { type EventType, isSubscribed } from "../core/event.ts";
import { compileFilter, type Filter, matchesFilter } from "../expression/filter.ts";
import type { Subscriber } from "../store/subscribers.ts";

/** Whether an endpoint hears an event, and why. */
export type Hearing = {
  readonly endpointId: string;
  readonly name: string;
  readonly matched: boolean;
  readonly why: string;
  /** True when the filter could not be evaluated for this event. */
  readonly isFailure?: true;
};

/** The part of an event that subscriptions look at. */
export type Told = {
  readonly type: EventType;
  readonly integrationId: string | null;
  readonly endpointId: string | null;
};

const MOST_FILTERS = 2_000;
const filters = new Map<string, Filter | string>();

/**
 * Decides whether an endpoint hears an event. `context` holds what the filter may read: the event's payload and `event`.
 * A filter that cannot be evaluated does not match; the reason says so.
 */
export function judgeSubscriber(
  subscriber: Subscriber,
  event: Told,
  context: Readonly<Record<string, unknown>>,
): Hearing {
  const say = (matched: boolean, why: string): Hearing => ({
    endpointId: subscriber.id,
    name: subscriber.name,
    matched,
    why,
  });
  const failed = (why: string): Hearing => ({ ...say(false, why), isFailure: true });
  if (!subscriber.isEnabled) return say(false, "the endpoint is disabled");
  if (event.endpointId === subscriber.id) return say(false, "an endpoint is not told of itself");
  if (subscriber.integrationId !== null && subscriber.integrationId !== event.integrationId) {
    return say(false, "the endpoint hears another integration only");
  }
  if (!isSubscribed(subscriber.events, event.type)) {
    return say(false, `not subscribed: it wants ${subscriber.events.join(", ") || "nothing"}`);
  }
  if (subscriber.filter === null) return say(true, "subscribed, no filter");
  const filter = filterOf(subscriber.filter);
  if (typeof filter === "string") return failed(`the filter cannot be read: ${filter}`);
  const result = matchesFilter(filter, { ...context, endpoint: { id: subscriber.id, name: subscriber.name } });
  if (result.error !== undefined) return failed(`the filter failed: ${result.error}`);
  return say(result.matched, result.matched ? "subscribed, the filter matches" : "the filter does not match");
}

/** The compiled filter, remembered by its text, or what is wrong with it. */
function filterOf(source: string): Filter | string {
  const known = filters.get(source);
  if (known !== undefined) return known;
  const compiled = compileFilter(source);
  const filter = compiled.ok ? compiled.filter : compiled.error.message;
  if (filters.size >= MOST_FILTERS) filters.clear();
  filters.set(source, filter);
  return filter;
}
