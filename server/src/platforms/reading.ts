import { isObject, type JsonValue } from "../core/json.ts";
import type { Reading } from "../core/signal.ts";
import { sanitizeText } from "../core/text.ts";

/** The most alerts that are read from one payload; the rest is left out with a warning. */
export const MAX_ALERTS = 5_000;

/** Thrown by the decoding functions below where a payload does not have the shape that it must have. */
export class UnreadableError extends Error {
  readonly path: string;

  constructor(path: string, message: string) {
    super(message);
    this.name = "UnreadableError";
    this.path = path;
  }
}

/** A place in a payload: its JSON path and what stands there, `undefined` where nothing does. */
export type Spot = { readonly path: string; readonly value: JsonValue | undefined };

/** Runs a decoder over a payload; a thrown `UnreadableError` becomes an `unreadable` reading. */
export function readPayload(payload: JsonValue, decode: (root: Spot) => Reading): Reading {
  try {
    return decode({ path: "$", value: payload });
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    return { kind: "unreadable", path: error.path, message: error.message };
  }
}

/** The place of a member; only own members count, so `__proto__` and `constructor` are never inherited. */
export function member(spot: Spot, key: string): Spot {
  return {
    path: spot.path + stepTo(key),
    value: isObject(spot.value) && Object.hasOwn(spot.value, key) ? spot.value[key] : undefined,
  };
}

const steps = new Map<string, string>();

/** How a path names a member. Readers ask for the same few names again and again, so they are remembered. */
function stepTo(key: string): string {
  let step = steps.get(key);
  if (step === undefined) {
    step = /^[A-Za-z_$][\w$-]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
    if (steps.size < 1_000) steps.set(key, step);
  }
  return step;
}

/** The place at the end of a chain of members. */
export function memberAt(spot: Spot, ...keys: readonly string[]): Spot {
  return keys.reduce(member, spot);
}

/** The places of an array's elements, none when it is no array. */
export function elements(spot: Spot): readonly Spot[] {
  if (!Array.isArray(spot.value)) return [];
  return spot.value.map((value: JsonValue, index) => ({ path: `${spot.path}[${index}]`, value }));
}

/** True when nothing or null stands at the place. */
export function isMissing(spot: Spot): boolean {
  return spot.value === undefined || spot.value === null;
}

/** The same place, which must hold an object. */
export function requireObject(spot: Spot): Spot {
  if (!isObject(spot.value)) throw new UnreadableError(spot.path, `${spot.path} must be an object, is ${kindOf(spot)}`);
  return spot;
}

/** The places of at most `MAX_ALERTS` elements of what must be an array, and a warning when it holds more. */
export function requireAlerts(spot: Spot): { readonly alerts: readonly Spot[]; readonly warnings: readonly string[] } {
  if (!Array.isArray(spot.value)) {
    throw new UnreadableError(spot.path, `${spot.path} must be an array, is ${kindOf(spot)}`);
  }
  const alerts = elements({ path: spot.path, value: spot.value.slice(0, MAX_ALERTS) });
  const left = spot.value.length - alerts.length;
  return { alerts, warnings: left > 0 ? [`${spot.path} holds ${left} alerts more than the ${MAX_ALERTS} read`] : [] };
}

/** The text at the place, trimmed and sanitized; numbers and booleans count as text; null for all else and for "". */
export function textAt(spot: Spot): string | null {
  const { value } = spot;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value !== "string") return null;
  const text = sanitizeText(value).trim();
  return text === "" ? null : text;
}

/** The text at the first of the places that has any, else null. */
export function firstText(...spots: readonly Spot[]): string | null {
  for (const spot of spots) {
    const text = textAt(spot);
    if (text !== null) return text;
  }
  return null;
}

/** The text at the place, which must have one. */
export function requireText(spot: Spot): string {
  const text = textAt(spot);
  if (text === null) throw new UnreadableError(spot.path, `${spot.path} must be a text, is ${kindOf(spot)}`);
  return text;
}

/** What stands at a place, in words for a message. */
export function kindOf(spot: Spot): string {
  const { value } = spot;
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") return "an object";
  return value === "" ? "empty" : `a ${typeof value}`;
}

/** The entries of the object at the place, none when it is no object. */
export function entriesAt(spot: Spot): readonly (readonly [string, JsonValue])[] {
  return isObject(spot.value) ? Object.entries(spot.value) : [];
}
