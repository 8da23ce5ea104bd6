import type { ReactNode } from "react";
import type { Tail } from "../lib/tail.ts";
import type { TailRow } from "../lib/tail-rows.ts";
import { type Column, DataTable } from "./data-table.tsx";
import { ErrorPanel } from "./error-panel.tsx";
import { Panel } from "./page-header.tsx";
import { TableSkeleton } from "./skeletons.tsx";
import { TailHold } from "./tail.tsx";

type TailTableProps<Row extends TailRow> = {
  readonly tail: Tail<Row>;
  /** What the rows are: "Receipts". */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rowName: (row: Row) => string;
  /** Shown instead while there are no rows. */
  readonly nothing: ReactNode;
};

/** The rows of a tail, in each state that it can be in. */
export function TailTable<Row extends TailRow>({ tail, label, columns, rowName, nothing }: TailTableProps<Row>) {
  const { list, rows } = tail;
  if (list.error !== null) return <ErrorPanel error={list.error} onRetry={list.retry} />;
  if (rows === null) {
    return (
      <Panel isFlush>
        <TableSkeleton label={label.toLowerCase()} />
      </Panel>
    );
  }
  if (rows.length === 0) return nothing;
  return (
    <TailHold tail={tail}>
      <Panel isFlush>
        <DataTable
          label={label}
          rows={rows}
          columns={columns}
          rowKey={({ id }) => id}
          rowName={rowName}
          newCount={tail.waiting}
          onShowNew={tail.showWaiting}
          hasMore={list.hasMore}
          onMore={list.readMore}
          isReadingMore={list.isReadingMore}
        />
      </Panel>
    </TailHold>
  );
}
