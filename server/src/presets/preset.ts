import type { EventType } from "../core/event.ts";
import type { JsonValue } from "../core/json.ts";
import type { Method } from "../core/method.ts";
import type { Overrides } from "../core/override.ts";

/** A value that the user has to bring, kept as a write-only variable of the endpoint. */
export type PresetVariable = { readonly name: string; readonly about: string };

/** One endpoint to make: the fields of `POST /endpoints` that do not depend on who makes it. */
export type PresetEndpoint = {
  /** What this endpoint does at the receiver, for people. */
  readonly title: string;
  /** The receiver's address with placeholders in capitals; the rest is used as it stands. */
  readonly urlHint: string;
  readonly method: Method;
  /** Values are templates. */
  readonly headers: Readonly<Record<string, string>>;
  readonly events: readonly EventType[];
  readonly template: JsonValue;
  /** Events that the receiver wants at another address, by another method or in another shape. */
  readonly overrides?: Overrides;
  /** What of the receiver's answers later deliveries need. */
  readonly capture?: Readonly<Record<string, string>>;
  /** The pace that the receiver documents or is known to take, or null where there is none to keep. */
  readonly rateLimit: { readonly requests: number; readonly per_seconds: number } | null;
};

/** A starting point for telling one kind of receiver; plain data that a user copies and changes. */
export type Preset = {
  /** Names it in the API and in docs/presets.md. */
  readonly name: string;
  readonly title: string;
  readonly variables: readonly PresetVariable[];
  /** One, or several where the receiver wants another address for another event. */
  readonly endpoints: readonly [PresetEndpoint, ...PresetEndpoint[]];
  /** What a person should know before using it, a sentence or two each. */
  readonly notes: readonly string[];
};

/** The headers of a body in JSON. */
export const JSON_HEADERS = { "Content-Type": "application/json" } as const;
