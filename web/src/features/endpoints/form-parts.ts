import type { EndpointDraft } from "./endpoint-draft.ts";

/** What every part of the form of an endpoint works on. */
export type FormParts = {
  readonly draft: EndpointDraft;
  readonly set: (part: Partial<EndpointDraft>) => void;
  /** What the server says of a field, by its path in an endpoint. */
  readonly problemOf: (path: string) => string | undefined;
};

/** The fields that the form has places for. */
export const FORM_PATHS = [
  "name",
  "url",
  "method",
  "headers",
  "variables",
  "events",
  "filter",
  "template",
  "timeout_seconds",
  "retry",
  "circuit",
  "rate_limit",
  "max_in_flight",
  "order",
  "collapse",
  "capture",
  "overrides",
  "fallback",
  "proxy",
  "auth",
  "client_certificate",
] as const;
