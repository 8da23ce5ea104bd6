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
