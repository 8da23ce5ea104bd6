import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { ArrowUp } from "lucide-react";
import {
  type CSSProperties,
  memo,
  type ReactNode,
  useCallback,
  useDeferredValue,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { usePreferences } from "../lib/preferences.ts";
import styles from "./data-table.module.css";
import { LoadMore } from "./load-more.tsx";
import { rememberFocus, type Selection, toggled, useRowKeys } from "./row-keys.ts";
import { TickBox } from "./tick-box.tsx";

/** A column. Exactly one column of a table is `isMain`: it holds the row's link and heads its card. */
export type Column<Row> = {
  readonly id: string;
  readonly header: string;
  readonly cell: (row: Row) => ReactNode;
  /**
   * A track of a CSS grid. What a fixed one such as `120px` shows fits by itself; an elastic one such as
   * `minmax(200px, 1fr)` is cut off where it is too long, which costs the browser a layer for each row.
   */
  readonly width: string;
  /** Elastic, and what it shows is cut off by itself. */
  readonly cutsItself?: boolean;
  readonly isMain?: boolean;
  readonly align?: "end";
  /** Says itself what it is, such as a badge: cards show it without the header. */
  readonly isSelfNamed?: boolean;
  /** Left out where the table is narrower than 900 pixels, and of the cards of small screens unless `isOnCards`. */
  readonly isWideOnly?: boolean;
  /** Stays on cards, which have room below one another for what narrow tables have none for beside one another. */
  readonly isOnCards?: boolean;
};

type DataTableProps<Row> = {
  /** What the rows are: "Incidents". */
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly rowKey: (row: Row) => string;
  /** What a row is called by readers, in the name of its checkbox. */
  readonly rowName: (row: Row) => string;
  readonly selection?: Selection;
  /** A colour of `--ow-stripe-…` at the row's edge. */
  readonly stripe?: (row: Row) => string;
  /** Rows that came since and are not shown, so that nothing moves under the pointer. */
  readonly newCount?: number;
  readonly onShowNew?: () => void;
  readonly hasMore?: boolean;
  readonly onMore?: () => void;
  readonly isReadingMore?: boolean;
  /** Other rows are on their way. */
  readonly isStale?: boolean;
  /** Mostly figures: cards show them in two even columns. */
  readonly areFigures?: boolean;
  /** Called with the row that the keyboard is on, null when it is on none. */
  readonly onCurrent?: (row: Row | null) => void;
};

// What the style sheet makes of a row of one line; a wrong one would draw every table twice.
const ROW_HEIGHT = { comfortable: 44, compact: 34 } as const;
const CARD_HEIGHT = 116;
// The bar, the heading and the filters; what is more is measured.
const LEAST_ABOVE = 160;

/**
 * A table that becomes cards on small screens. Only rows near the window exist in the page, so ten thousand are no
 * slower than ten, and a row is drawn again only when it, its tick or the columns changed. `j` and `k` move, Enter opens,
 * `x` ticks.
 */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, rows, columns, rowKey, selection, newCount = 0, onShowNew } = props;
  const { density } = usePreferences();
  const body = useRef<HTMLDivElement>(null);
  const [offset, setOffset] = useState(LEAST_ABOVE);
  // What stands above the list may come to need more lines or fewer.
  useLayoutEffect(() => {
    if (body.current !== null) setOffset(Math.round(body.current.getBoundingClientRect().top + window.scrollY));
  });
  // What is in sight comes first, what is near it right after.
  const overscan = useDeferredValue(6, 1);
  const virtualizer = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => (window.innerWidth < 640 ? CARD_HEIGHT : ROW_HEIGHT[density]),
    overscan,
    // Without it the first drawing would have no rows.
    initialRect: { width: window.innerWidth, height: window.innerHeight },
    scrollMargin: offset,
    getItemKey: (index) => keyAt(rows, index, rowKey),
  });
  useRowKeys(props, (index) => virtualizer.scrollToIndex(index, { align: "auto" }));
  const newest = useRef(selection);
  useLayoutEffect(() => {
    newest.current = selection;
  });
  const tick = useCallback((key: string) => newest.current?.change(toggled(newest.current.keys, key)), []);
  const tracks = (shown: readonly Column<Row>[]): string =>
    [...(selection === undefined ? [] : ["28px"]), ...shown.map(({ width }) => width)].join(" ");
  const style: CSSProperties & Record<"--tracks-wide" | "--tracks-narrow", string> = {
    "--tracks-wide": tracks(columns),
    "--tracks-narrow": tracks(columns.filter(({ isWideOnly }) => isWideOnly !== true)),
  };
  return (
    <div className={styles.frame} data-density={density} data-figures={props.areFigures || undefined} style={style}>
      {newCount > 0 ? (
        <button type="button" className={styles.pill} onClick={onShowNew}>
          <ArrowUp size={13} aria-hidden="true" />
          {newCount} new
        </button>
      ) : null}
      <div
        role="table"
        aria-label={label}
        aria-busy={props.isStale || undefined}
        aria-rowcount={props.hasMore ? -1 : rows.length + 1}
      >
        <div role="rowgroup">
          <HeadRow {...props} />
        </div>
        <div
          role="rowgroup"
          ref={body}
          className={styles.body}
          style={{ height: virtualizer.getTotalSize() }}
          onFocus={() => rememberFocus(label)}
        >
          {virtualizer.getVirtualItems().map(({ index, key, start }) => {
            const row = rows[index];
            if (row === undefined) return null;
            const isTicked = selection === undefined ? null : selection.keys.has(rowKey(row));
            return (
              <div
                role="row"
                key={key}
                ref={virtualizer.measureElement}
                data-index={index}
                data-row={rowKey(row)}
                data-selected={isTicked || undefined}
                aria-rowindex={index + 2}
                className={styles.row}
                style={{ top: start - offset }}
              >
                <Cells row={row} columns={columns} isTicked={isTicked} onTick={tick} table={props} />
              </div>
            );
          })}
        </div>
      </div>
      <LoadMore hasMore={props.hasMore ?? false} isReading={props.isReadingMore ?? false} onMore={props.onMore} />
    </div>
  );
}

function HeadRow<Row>({ rows, columns, rowKey, selection, label }: DataTableProps<Row>) {
  const ticked = selection === undefined ? 0 : rows.filter((row) => selection.keys.has(rowKey(row))).length;
  return (
    <div role="row" aria-rowindex={1} className={styles.head}>
      {selection === undefined ? null : (
        <div role="columnheader" className={styles.tick}>
          <TickBox
            label={`Select all shown: ${label}`}
            isTicked={ticked > 0 && ticked === rows.length}
            isPartly={ticked > 0 && ticked < rows.length}
            onTick={(isTicked) => selection.change(new Set(isTicked ? rows.map(rowKey) : []))}
          />
        </div>
      )}
      {columns.map(({ id, header, align, isWideOnly }) => (
        <div role="columnheader" key={id} data-align={align} data-wide-only={isWideOnly}>
          {header}
        </div>
      ))}
    </div>
  );
}

type CellsProps<Row> = {
  readonly row: Row;
  readonly columns: readonly Column<Row>[];
  /** Null where rows cannot be ticked. */
  readonly isTicked: boolean | null;
  readonly onTick: (key: string) => void;
  /** What of it is used here says the same of the same row at any time. */
  readonly table: Pick<DataTableProps<Row>, "rowKey" | "rowName" | "stripe">;
};

/** The cells of a row; they are drawn again only when something of it changed. */
const Cells = memo(
  BodyCells,
  (before, after) => before.row === after.row && before.columns === after.columns && before.isTicked === after.isTicked,
) as typeof BodyCells;

function BodyCells<Row>({ row, columns, isTicked, onTick, table }: CellsProps<Row>) {
  const { rowKey, rowName, stripe } = table;
  return (
    <>
      {stripe === undefined ? null : (
        <span className={styles.stripe} style={{ background: stripe(row) }} aria-hidden="true" />
      )}
      {isTicked === null ? null : (
        <div role="cell" className={styles.tick}>
          <TickBox label={`Select ${rowName(row)}`} isTicked={isTicked} onTick={() => onTick(rowKey(row))} />
        </div>
      )}
      {columns.map(({ id, header, cell, width, align, isMain, isSelfNamed, isWideOnly, isOnCards, cutsItself }) => (
        <div
          role="cell"
          key={id}
          className={styles.cell}
          data-cut={(width.startsWith("minmax") && cutsItself !== true) || undefined}
          data-align={align}
          data-main={isMain}
          data-wide-only={isWideOnly === true ? (isOnCards === true ? "tables" : "all") : undefined}
          data-label={isMain || isSelfNamed ? undefined : header}
        >
          {cell(row)}
        </div>
      ))}
    </>
  );
}

function keyAt<Row>(rows: readonly Row[], index: number, rowKey: (row: Row) => string): string | number {
  const row = rows[index];
  return row === undefined ? index : rowKey(row);
}
