import { createHash } from "node:crypto";
import { OverwatchError } from "../core/errors.ts";
import { isUuid } from "../runtime/id.ts";

/** Where a list goes on and how far. */
export type Page = { readonly before: string | null; readonly limit: number };

/** Where a list goes on whose order looks at more than ids. */
export type Place = { readonly id: string; readonly key: number };

/** A page as lists answer it. */
export type PageAnswer<Row> = { readonly data: readonly Row[]; readonly next_cursor: string | null };

type PageQuery = { readonly limit?: number; readonly cursor?: string };

const DEFAULT_LIMIT = 50;

/** Reads `limit` and `cursor`; a cursor that was made under other filters is refused. */
export function readPage(query: PageQuery & Readonly<Record<string, unknown>>): Page {
  const { after, limit } = readPlace(query);
  return { before: after?.id ?? null, limit };
}

/** The same for a list whose order looks at more than ids. */
export function readPlace(query: PageQuery & Readonly<Record<string, unknown>>): {
  readonly after: Place | null;
  readonly limit: number;
} {
  const limit = query.limit ?? DEFAULT_LIMIT;
  if (query.cursor === undefined) return { after: null, limit };
  const [id = "", mark = "", key = "0"] = Buffer.from(query.cursor, "base64url").toString("latin1").split("~");
  if (!isUuid(id) || !/^\d{1,15}$/.test(key)) throw invalidCursor("It is not a cursor of this API");
  if (mark !== markOf(query)) throw invalidCursor("It belongs to a list with other filters or another order");
  return { after: { id, key: Number(key) }, limit };
}

/** Answers a page from one row more than was asked for; `rows` come newest first. */
export function answerPage<Row extends { readonly id: string }, Wire>(
  query: PageQuery & Readonly<Record<string, unknown>>,
  limit: number,
  rows: readonly Row[],
  view: (row: Row) => Wire,
): PageAnswer<Wire> {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return answerPlace(query, last === undefined ? null : { id: last.id, key: 0 }, shown.map(view));
}

/** Answers a page that goes on at a place, or nowhere. */
export function answerPlace<Wire>(
  query: PageQuery & Readonly<Record<string, unknown>>,
  next: Place | null,
  data: readonly Wire[],
): PageAnswer<Wire> {
  const key = next === null || next.key === 0 ? "" : `~${next.key}`;
  const cursor = next === null ? null : Buffer.from(`${next.id}~${markOf(query)}${key}`).toString("base64url");
  return { data, next_cursor: cursor };
}

/** Epoch milliseconds of an RFC 3339 text in a query, or null when it is not given. */
export function readMoment(text: string | undefined, name: string): number | null {
  if (text === undefined) return null;
  const moment = Date.parse(text);
  if (!Number.isFinite(moment)) {
    throw new OverwatchError("VALIDATION_FAILED", { fields: [{ path: name, message: "is not a moment in time" }] });
  }
  return moment;
}

function markOf(query: Readonly<Record<string, unknown>>): string {
  const filters = Object.entries(query)
    .filter(([name, value]) => name !== "limit" && name !== "cursor" && value !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(filters)).digest("base64url").slice(0, 12);
}

function invalidCursor(why: string): OverwatchError {
  return new OverwatchError("INVALID_CURSOR", {}, `${why}; start again without it`);
}
