import type { Fallback } from "./fallback.ts";
import type { JsonObject, JsonValue } from "./json.ts";
import type { Method } from "./method.ts";
import type { Overrides } from "./override.ts";

/** An outgoing URL with its settings, without its secrets. */
export type Endpoint = {
  readonly organizationId: string;
  readonly id: string;
  /** Set when it came as an integration's `webhook_config`: then it hears only that integration's incidents. */
  readonly integrationId: string | null;
  readonly name: string;
  readonly url: string;
  readonly method: Method;
  /** Event types and wildcards. */
  readonly events: readonly string[];
  /** A CEL expression, or null for everything. */
  readonly filter: string | null;
  readonly template: JsonValue;
  readonly enabled: boolean;
  readonly timeoutSeconds: number;
  /** The retry policy as the user wrote it; defaults apply to what is absent. */
  readonly retry: JsonObject;
  readonly circuit: JsonObject;
  readonly rateLimit: { readonly requests: number; readonly per_seconds: number } | null;
  readonly maxInFlight: number;
  readonly order: "incident" | "none";
  /** The name of the operator's forward proxy that its requests take; null for what holds for all. */
  readonly proxy: string | null;
  /** True folds what waits of an incident into its latest state. */
  readonly collapse: boolean;
  readonly capture: Readonly<Record<string, string>> | null;
  /** What is different for some events, by event type or wildcard. */
  readonly overrides: Overrides;
  /** Who hears in its place while it cannot be reached, or null. */
  readonly fallback: Fallback | null;
  readonly version: number;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly updatedAt: number;
};
