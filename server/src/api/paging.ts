import { createHash } from "node:crypto";
import { OverwatchError } from "../core/errors.ts";
import { isUuid } from "../runtime/id.ts";

/** Where a list goes on and how far. */
export type Page = { readonly before: string | null; readonly limit: number };

/** A page as lists answer it. */
export type PageAnswer<Row> = { readonly data: readonly Row[]; readonly next_cursor: string | null };

type PageQuery = { readonly limit?: number; readonly cursor?: string };

const DEFAULT_LIMIT = 50;

/** Reads `limit` and `cursor`; a cursor that was made under other filters is refused. */
export function readPage(query: PageQuery & Readonly<Record<string, unknown>>): Page {
  const limit = query.limit ?? DEFAULT_LIMIT;
  if (query.cursor === undefined) return { before: null, limit };
  const [id = "", mark = ""] = Buffer.from(query.cursor, "base64url").toString("latin1").split("~");
  if (!isUuid(id)) throw invalidCursor("is not a cursor of this API");
  if (mark !== markOf(query)) throw invalidCursor("belongs to a list with other filters; start again without it");
  return { before: id, limit };
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
  const cursor = last === undefined ? null : Buffer.from(`${last.id}~${markOf(query)}`).toString("base64url");
  return { data: shown.map(view), next_cursor: cursor };
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

function invalidCursor(message: string): OverwatchError {
  return new OverwatchError("VALIDATION_FAILED", { fields: [{ path: "cursor", message }] });
}
