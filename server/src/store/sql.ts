import sqlTag, { empty, join, raw, type Sql } from "sql-template-tag";

/** A statement with bound parameters; nested statements are fragments. */
export type { Sql };

/** Builds a statement: every `${value}` is a bound parameter, every nested statement is spliced in. */
export const sql = sqlTag;

/** No text at all: the fragment of a condition that is not asked for. */
export const nothing = empty;

/** Fragments with a separator between them; at least one. */
export const joined = (fragments: readonly Sql[], separator: string): Sql => join([...fragments], separator);

/** Trusted text, such as a partition's name that this program made itself; never anything that came from outside. */
export const trusted = (text: string): Sql => raw(text);

/** Epoch milliseconds as a timestamp parameter; null stays null. */
export const timestamp = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));

/** A JSON value as the text of a json or jsonb parameter. */
export const json = (value: unknown): string => JSON.stringify(value);
