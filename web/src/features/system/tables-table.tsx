import type { SystemWire } from "../../../../server/src/api/contract.ts";
import { formatBytes, formatCompact } from "../../lib/numbers.ts";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { Moment } from "../../ui/moment.tsx";

type Table = SystemWire["tables"][number];

const COLUMNS: readonly Column<Table>[] = [
  {
    id: "name",
    header: "Table",
    width: "minmax(140px, 1fr)",
    isMain: true,
    cell: ({ name, partitions }) => (
      <span>
        {name} {partitions > 0 ? <span className="ow-dim">{partitions} days</span> : null}
      </span>
    ),
  },
  { id: "bytes", header: "Size", width: "90px", align: "end", cell: ({ bytes }) => formatBytes(bytes) },
  { id: "rows", header: "Rows", width: "80px", align: "end", cell: ({ live_rows }) => formatCompact(live_rows) },
  { id: "dead", header: "Dead", width: "80px", align: "end", cell: ({ dead_rows }) => formatCompact(dead_rows) },
  {
    id: "vacuum",
    header: "Vacuumed",
    width: "110px",
    isWideOnly: true,
    cell: ({ last_vacuum_at }) => <Moment at={last_vacuum_at} />,
  },
];

/** The tables, the largest first. */
export function TablesTable({ tables }: { readonly tables: readonly Table[] }) {
  return (
    <DataTable
      label="Tables"
      areFigures
      rows={tables}
      columns={COLUMNS}
      rowKey={({ name }) => name}
      rowName={({ name }) => name}
    />
  );
}
