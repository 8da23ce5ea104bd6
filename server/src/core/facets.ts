/** A value of a facet, null for none, and how many have it. */
export type FacetCount<Value> = { readonly value: Value; readonly count: number };

type Counted = { readonly count: number };

/** A property that is counted by, with the values that are chosen of it; null chooses all. */
export type Facet<Row> = {
  readonly of: (row: Row) => string | null;
  readonly chosen: readonly (string | null)[] | null;
};

/**
 * Counts each facet under what is chosen of the others, so that the count beside a value says what choosing it too would
 * bring; most frequent first.
 */
export function countByFacet<Row extends Counted, Name extends string>(
  rows: readonly Row[],
  facets: Readonly<Record<Name, Facet<Row>>>,
): { readonly total: number; readonly counts: Readonly<Record<Name, readonly FacetCount<string | null>[]>> } {
  const names = Object.keys(facets) as Name[];
  const isChosen = (row: Row, name: Name): boolean => {
    const { of, chosen } = facets[name];
    return chosen === null || chosen.includes(of(row));
  };
  const counts = {} as Record<Name, readonly FacetCount<string | null>[]>;
  for (const name of names) {
    const sums = new Map<string | null, number>();
    for (const row of rows) {
      if (!names.every((other) => other === name || isChosen(row, other))) continue;
      const value = facets[name].of(row);
      sums.set(value, (sums.get(value) ?? 0) + row.count);
    }
    counts[name] = [...sums]
      .map(([value, count]) => ({ value, count }))
      .sort((one, other) => other.count - one.count || (String(one.value) < String(other.value) ? -1 : 1));
  }
  const total = rows.reduce((sum, row) => sum + (names.every((name) => isChosen(row, name)) ? row.count : 0), 0);
  return { total, counts };
}
