/** What every row of a tail has: ids sort by time. */
type Row = { readonly id: string };

/** The rows of a tail and how many wait. */
export type TailRows<R extends Row> = {
  readonly rows: readonly R[];
  /** How many newer ones are known and not shown. */
  readonly waiting: number;
};

/**
 * Lays what was polled over what was read: known rows take their newest state, newer ones stand on top up to `cut`, the
 * newest id that may be shown; null shows all.
 */
export function mergeTail<R extends Row>(
  read: readonly R[],
  polled: ReadonlyMap<string, R>,
  cut: string | null,
): TailRows<R> {
  const newest = read[0]?.id ?? "";
  const newer = [...polled.values()].filter(({ id }) => id > newest).sort((one, other) => (one.id < other.id ? 1 : -1));
  const shown = cut === null ? newer : newer.filter(({ id }) => id <= cut);
  return {
    rows: [...shown, ...read.map((row) => polled.get(row.id) ?? row)],
    waiting: newer.length - shown.length,
  };
}

/** What was polled so far. */
export type Polled<R extends Row> = {
  readonly rows: ReadonlyMap<string, R>;
  /** True when more came between two looks than a look shows, or when it is time to begin again: read the list anew. */
  readonly hasGap: boolean;
};

const MOST_KEPT = 1_000;

/** Adds a look at the newest rows, newest first and at most `limit`; `newestRead` is the newest row of the list. */
export function addPolled<R extends Row>(
  before: Polled<R>,
  look: readonly R[],
  limit: number,
  newestRead: string,
): Polled<R> {
  const newestKnown = [newestRead, ...before.rows.keys()].sort().at(-1) ?? "";
  const oldestSeen = look.at(-1)?.id ?? "";
  const rows = new Map(before.rows);
  for (const row of look) rows.set(row.id, row);
  const isMissed = look.length === limit && oldestSeen > newestKnown;
  return { rows, hasGap: before.hasGap || isMissed || rows.size > MOST_KEPT };
}
