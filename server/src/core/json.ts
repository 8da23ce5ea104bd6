/** Any value that JSON can carry. */
export type JsonValue = string | number | boolean | null | JsonArray | JsonObject;

/** A JSON array; never changed after it was parsed. */
export type JsonArray = readonly JsonValue[];

/** A JSON object; never changed after it was parsed. */
export type JsonObject = { readonly [key: string]: JsonValue };

/** True when the value is a JSON object, so neither null nor an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
