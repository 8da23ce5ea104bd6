import type { JsonValue } from "./json.ts";
import type { Method } from "./method.ts";

/** What takes the place of an endpoint's own fields; what is absent is the endpoint's own. */
export type Override = {
  readonly url?: string;
  readonly method?: Method;
  /** Null is the default body. */
  readonly template?: JsonValue;
};

/** Overrides by event type, by wildcard such as `incident.*`, or by `*`. */
export type Overrides = Readonly<Record<string, Override>>;

/** The name of the override that holds for an event: its own type before its wildcard before `*`; null for none. */
export function overrideFor(names: { has(name: string): boolean }, eventType: string): string | null {
  const wildcard = `${eventType.slice(0, eventType.indexOf("."))}.*`;
  return [eventType, wildcard, "*"].find((name) => names.has(name)) ?? null;
}

/** Method, URL and template of an endpoint for an event. */
export function settingsFor<T extends Required<Override>>(endpoint: T, overrides: Overrides, eventType: string): T {
  const name = overrideFor(new Set(Object.keys(overrides)), eventType);
  return name === null ? endpoint : { ...endpoint, ...overrides[name] };
}
