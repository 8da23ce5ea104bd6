import { Optional } from "@marcbachmann/cel-js";
import { Duration, UnsignedInt } from "@marcbachmann/cel-js/evaluator";
import type { JsonValue } from "../core/json.ts";
import { LIMITS } from "./limits.ts";
import { ExpressionFault, spend } from "./meter.ts";

const RECORD = Symbol("record");

/** Marks the prototype of a context record, so that results can tell it from a foreign object. */
export function markRecord(prototype: object): void {
  Object.defineProperty(prototype, RECORD, { value: true });
}

/**
 * Makes a JSON value readable for CEL. Objects stay as they are, except those with a key named `constructor`: the
 * library tells types by that property, so they become a Map. Deeper than 64 levels is a fault.
 */
export function toCelValue(value: unknown, depth = 0): unknown {
  if (value === undefined || typeof value === "function" || typeof value === "symbol") return null;
  if (typeof value !== "object" || value === null) return value;
  if (depth >= LIMITS.valueDepth) throw new ExpressionFault("limit", `values nest deeper than ${LIMITS.valueDepth}`);
  if (value instanceof Date) return value;
  if (Array.isArray(value)) {
    const made = value.map((element) => toCelValue(element, depth + 1));
    return made.some((element, index) => element !== value[index]) ? made : value;
  }
  return toCelMap(value, depth);
}

function toCelMap(value: object, depth: number): unknown {
  const entries = Object.entries(value);
  const made = entries.map(([key, element]): [string, unknown] => [key, toCelValue(element, depth + 1)]);
  const isPlain = Object.getPrototypeOf(value) === Object.prototype && !Object.hasOwn(value, "constructor");
  const isUnchanged = made.every(([, element], index) => element === entries[index]?.[1]);
  return isPlain && isUnchanged ? value : new Map(made);
}

/**
 * Turns a CEL result into plain JSON: integers beyond 2^53 become strings, bytes base64, timestamps RFC 3339, durations
 * text such as `90s`, an empty optional, NaN and infinities null. Throws an `ExpressionFault` when the result is too
 * deep or too large.
 */
export function toJson(value: unknown): JsonValue {
  return convert(value, 0, { left: LIMITS.valueNodes });
}

function convert(value: unknown, depth: number, nodes: { left: number }): JsonValue {
  spend(1);
  nodes.left -= 1;
  if (nodes.left < 0) throw new ExpressionFault("limit", `a result has more than ${LIMITS.valueNodes} values`);
  if (depth > LIMITS.valueDepth) throw new ExpressionFault("limit", `a result nests deeper than ${LIMITS.valueDepth}`);
  switch (typeof value) {
    case "string":
      spend(value.length >> 6);
      return value;
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : null;
    case "bigint":
      return integer(value);
    case "object":
      return value === null ? null : convertObject(value, depth, nodes);
    default:
      return null;
  }
}

function integer(value: bigint): number | string {
  const asNumber = Number(value);
  return Number.isSafeInteger(asNumber) ? asNumber : String(value);
}

function convertObject(value: object, depth: number, nodes: { left: number }): JsonValue {
  if (Array.isArray(value) || value instanceof Set) {
    return [...value].map((element) => convert(element, depth + 1, nodes));
  }
  if (value instanceof Map) return convertEntries(value, depth, nodes);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Optional) return value.hasValue() ? convert(value.value(), depth, nodes) : null;
  if (value instanceof UnsignedInt) return integer(value.value);
  if (value instanceof Duration) return value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return convertEntries(Object.entries(value), depth, nodes);
  if (RECORD in value) return convertRecord(value, depth, nodes);
  // What is left is a CEL type, the result of `type(x)`.
  return "name" in value && typeof value.name === "string" ? value.name : null;
}

function convertRecord(value: object, depth: number, nodes: { left: number }): JsonValue {
  const entries = Object.entries(value).filter(([, element]) => element !== undefined);
  return entries.length === 0 ? null : convertEntries(entries, depth, nodes);
}

function convertEntries(entries: Iterable<[unknown, unknown]>, depth: number, nodes: { left: number }): JsonValue {
  const pairs: [string, JsonValue][] = [];
  for (const [key, element] of entries) {
    spend(1);
    pairs.push([String(key), convert(element, depth + 1, nodes)]);
  }
  // fromEntries defines properties, so a key named `__proto__` stays a key.
  return Object.fromEntries(pairs);
}

/** The text of a value inside other text: null is empty, lists and maps are JSON. */
export function toText(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  const json = toJson(value);
  if (json === null) return "";
  return typeof json === "string" ? json : JSON.stringify(json);
}
