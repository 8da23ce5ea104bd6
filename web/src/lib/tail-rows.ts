/** What every row of a tail has: ids sort by time. */
export type TailRow = { readonly id: string };

/** The rows of a tail and how many wait. */
export type TailRows<R extends TailRow> = {
  readonly rows: readonly R[];
  /** How many newer ones are known and not shown. */
  readonly waiting: number;
};

/**
 * Lays what is known over what was read: known rows take their newest state, newer ones stand on top up to `cut`, the
 * newest id that may be shown; null shows all.
 */
export function mergeTail<R extends TailRow>(
  read: readonly R[],
  known: ReadonlyMap<string, R>,
  cut: string | null,
): TailRows<R> {
  const newest = read[0]?.id ?? "";
  const newer = [...known.values()].filter(({ id }) => id > newest).sort((one, other) => (one.id < other.id ? 1 : -1));
  const shown = cut === null ? newer : newer.filter(({ id }) => id <= cut);
  return {
    rows: [...shown, ...read.map((row) => known.get(row.id) ?? row)],
    waiting: newer.length - shown.length,
  };
}

/** What is known beyond what was read. */
export type Known<R extends TailRow> = {
  readonly rows: ReadonlyMap<string, R>;
  /** True when more came between two looks than a look shows, or when it is time to begin again: read the list anew. */
  readonly hasGap: boolean;
};

const MOST_KEPT = 1_000;

/** Adds a look at the newest rows, newest first and at most `limit`; `newestRead` is the newest row of the list. */
export function addLook<R extends TailRow>(
  before: Known<R>,
  look: readonly R[],
  limit: number,
  newestRead: string,
): Known<R> {
  const newestKnown = [newestRead, ...before.rows.keys()].sort().at(-1) ?? "";
  const oldestSeen = look.at(-1)?.id ?? "";
  const rows = new Map(before.rows);
  for (const row of look) rows.set(row.id, row);
  const isMissed = look.length === limit && oldestSeen > newestKnown;
  return { rows, hasGap: before.hasGap || isMissed || rows.size > MOST_KEPT };
}

/** What the stream tells of a row: its id and the fields that have changed. */
export type RowChange = TailRow & Readonly<Record<string, unknown>>;

/** Lays changes over rows that are known or were read; those of other rows are left out. */
export function addChanges<R extends TailRow>(
  before: Known<R>,
  read: readonly R[],
  changes: readonly RowChange[],
): Known<R> {
  const byId = new Map(read.map((row) => [row.id, row]));
  const rows = new Map(before.rows);
  for (const change of changes) {
    const row = rows.get(change.id) ?? byId.get(change.id);
    if (row !== undefined) rows.set(change.id, { ...row, ...change });
  }
  return { ...before, rows, hasGap: before.hasGap || rows.size > MOST_KEPT };
}

/** The rows in the data of a stream's message; null when it has none, since too many have changed or some are missing. */
export function readChanges(data: string): readonly RowChange[] | null {
  const told: unknown = JSON.parse(data);
  if (typeof told !== "object" || told === null || !("rows" in told) || !Array.isArray(told.rows)) return null;
  const rows = told.rows.filter((row): row is RowChange => typeof row === "object" && row !== null && "id" in row);
  return rows.length === 0 || "is_missing_some" in told ? null : rows;
}
