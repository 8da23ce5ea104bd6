import { useShortcut } from "../lib/shortcuts.ts";

/** Which rows are ticked. */
export type Selection = { readonly keys: ReadonlySet<string>; readonly change: (keys: ReadonlySet<string>) => void };

/** What the keyboard needs to know of a table. */
type RowKeys<Row> = {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly selection?: Selection;
  readonly onCurrent?: (row: Row | null) => void;
};

/** The row of each table, by its label, that the focus was in last. */
const lastFocused = new Map<string, string | null>();

/** To be called when the focus comes to a row of the table. */
export function rememberFocus(label: string): void {
  lastFocused.set(label, focusedRowKey());
}

/**
 * `j`, `k` and `x`: the focus moves over the links of the rows, so Enter and readers work as on any link. Whoever comes back
 * from what a row opened goes on from there.
 */
export function useRowKeys<Row>(table: RowKeys<Row>, reveal: (index: number) => void): void {
  const { label, rows, rowKey, selection, onCurrent } = table;
  const indexOf = (key: string | null | undefined): number =>
    key === null || key === undefined ? -1 : rows.findIndex((row) => rowKey(row) === key);
  const current = (): number => {
    const focused = focusedRowKey();
    if (focused !== null) return indexOf(focused);
    const last = lastFocused.get(label);
    // Not from one that has gone out of sight meanwhile.
    return typeof last === "string" && document.querySelector(rowSelector(last)) !== null ? indexOf(last) : -1;
  };
  const goTo = (index: number): void => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (row === undefined) return;
    reveal(rows.indexOf(row));
    // The row may only come to exist by being scrolled to.
    requestAnimationFrame(() => {
      document.querySelector<HTMLElement>(`${rowSelector(rowKey(row))} [data-main] :is(a, button)`)?.focus();
      onCurrent?.(row);
    });
  };
  useShortcut("j", "Lists", "Next row", () => goTo(current() + 1));
  useShortcut("k", "Lists", "Previous row", () => goTo(current() === -1 ? 0 : current() - 1));
  const tick = (): void => {
    const row = rows[indexOf(focusedRowKey())];
    if (row !== undefined) selection?.change(toggled(selection.keys, rowKey(row)));
  };
  useShortcut("x", "Lists", "Select the row", tick, selection !== undefined);
}

function rowSelector(key: string): string {
  return `[data-row="${CSS.escape(key)}"]`;
}

/** The key of the row that the focus is in, null when it is in none; for the shortcuts of a page. */
export function focusedRowKey(): string | null {
  return document.activeElement?.closest("[data-row]")?.getAttribute("data-row") ?? null;
}

/** The keys with this one added, or without it when it was there. */
export function toggled(keys: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const next = new Set(keys);
  if (!next.delete(key)) next.add(key);
  return next;
}
