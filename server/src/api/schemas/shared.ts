import { type Static, type TProperties, type TSchema, Type } from "typebox";
import type { JsonObject, JsonValue } from "../../core/json.ts";

/** An object that takes no other fields than these. */
export const strict = <P extends TProperties>(properties: P, description?: string) =>
  Type.Object(properties, { additionalProperties: false, ...(description === undefined ? {} : { description }) });

/** One of a few words. */
export const oneOf = <const W extends readonly string[]>(words: W, description?: string) =>
  Type.Unsafe<W[number]>({
    type: "string",
    enum: [...words],
    ...(description === undefined ? {} : { description }),
  });

/** The schema or null. */
export const nullable = <S extends TSchema>(schema: S) =>
  Type.Unsafe<Static<S> | null>({ anyOf: [schema, { type: "null" }] });

/** Text of bounded length, at least one character. */
export const text = (maxLength: number, description?: string) =>
  Type.String({ minLength: 1, maxLength, ...(description === undefined ? {} : { description }) });

/** A whole number within bounds. */
export const whole = (minimum: number, maximum: number, description?: string) =>
  Type.Integer({ minimum, maximum, ...(description === undefined ? {} : { description }) });

/** A UUID in its canonical text. */
export const Uuid = Type.String({ format: "uuid" });

/** RFC 3339 in UTC with milliseconds. */
export const Timestamp = Type.String({ format: "date-time", examples: ["2026-11-23T14:20:00.000Z"] });

/** Any JSON value. */
export const AnyJson = Type.Unsafe<JsonValue>({});

/** Any JSON object. */
export const AnyObject = Type.Unsafe<JsonObject>({ type: "object", additionalProperties: true });

/** Text by name. */
export const TextMap = Type.Unsafe<Readonly<Record<string, string>>>({
  type: "object",
  additionalProperties: { type: "string" },
});

/** A rate: so many in so many seconds. */
export const Rate = strict({ requests: whole(1, 1_000_000), per_seconds: whole(1, 86_400) });

const splitAtCommas = new WeakSet<object>();

/** An optional parameter with several values, separated by commas or given several times. */
export const several = <S extends TSchema>(value: S, description?: string) => {
  const about = "Several separated by commas";
  const options = { description: description === undefined ? about : `${description}. ${about}` };
  const schema = Type.Optional(Type.Array(value, { minItems: 1, maxItems: 50, uniqueItems: true, ...options }));
  splitAtCommas.add(schema);
  return schema;
};

/** A parameter that can be given several times and whose value may hold commas. */
export const repeated = <S extends TSchema>(value: S, description: string) =>
  Type.Array(value, { minItems: 1, maxItems: 10, description });

/** True for the schema of a parameter whose one text holds several values. */
export function isSplitAtCommas(schema: object): boolean {
  return splitAtCommas.has(schema);
}

/** The parameters of every list, beside its filters. */
export const pageParameters = {
  limit: Type.Optional(whole(1, 200, "How many at most; 50 when not given")),
  cursor: Type.Optional(Type.String({ maxLength: 512, description: "`next_cursor` of the page before" })),
};

/** The parameters of a list by time. */
export const timeParameters = {
  since: Type.Optional(Type.String({ format: "date-time", description: "Not before this moment" })),
  until: Type.Optional(Type.String({ format: "date-time", description: "Before this moment" })),
};

/** A page of a list. */
export const pageOf = <S extends TSchema>(row: S) =>
  Type.Object({ data: Type.Array(row), next_cursor: nullable(Type.String()) }, { additionalProperties: false });

/** The body of an action that takes nothing. */
export const Nothing = strict({});

/** The shape of every error answer. */
export const ErrorAnswer = Type.Object({
  error: Type.Object({
    code: Type.String({ description: "A stable code of the table in docs/errors.md" }),
    message: Type.String(),
    details: AnyObject,
    request_id: Type.String(),
  }),
});
