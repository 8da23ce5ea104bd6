import type { Endpoint } from "../core/endpoint.ts";
import type { EventType } from "../core/event.ts";
import { wireTime } from "../core/incident-view.ts";
import type { JsonObject } from "../core/json.ts";
import { settingsFor } from "../core/override.ts";
import { templateContext } from "../expression/context.ts";
import { compileTemplate, renderTemplate } from "../expression/template.ts";

/** An event as templates see it. */
export type RenderedEvent = {
  readonly id: string;
  readonly type: EventType;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly payload: JsonObject;
};

/** What stands for the values of an endpoint's variables wherever people look at rendered text. */
export const HIDDEN_VALUE = "***";

/** The context of an event for templates; variables are those given. */
export function contextOf(
  event: RenderedEvent,
  endpoint: Pick<Endpoint, "id" | "name">,
  variables: Readonly<Record<string, string>>,
  link: JsonObject = {},
): Readonly<Record<string, unknown>> {
  return {
    ...variables,
    ...event.payload,
    event: { id: event.id, type: event.type, created_at: wireTime(event.at) },
    endpoint: { id: endpoint.id, name: endpoint.name },
    link,
  };
}

/** The body of an endpoint without a template. */
export function defaultBody(event: RenderedEvent): string {
  const { alerts: _alerts, ...data } = event.payload;
  return JSON.stringify({ type: event.type, timestamp: wireTime(event.at), data });
}

/** The body that an endpoint would get for an event, its variables hidden, or null when it cannot be rendered. */
export function renderBodyFor(
  endpoint: Pick<Endpoint, "id" | "name" | "url" | "method" | "template" | "overrides">,
  variableNames: readonly string[],
  event: RenderedEvent,
): string | null {
  const { template: source } = settingsFor(endpoint, endpoint.overrides, event.type);
  if (source === null) return defaultBody(event);
  const context = templateContext(variableNames);
  if (!context.ok) return null;
  const template = compileTemplate(source, context.shape);
  if (!template.ok) return null;
  const hidden = Object.fromEntries(variableNames.map((name) => [name, HIDDEN_VALUE]));
  const rendered = renderTemplate(template.template, contextOf(event, endpoint, hidden));
  return rendered.ok ? rendered.body : null;
}
