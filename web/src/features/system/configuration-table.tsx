import type { SystemWire } from "../../../../server/src/api/contract.ts";
import { Badge } from "../../ui/badge.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";

type Setting = SystemWire["configuration"][number];

const COLUMNS: readonly Column<Setting>[] = [
  {
    id: "name",
    header: "Setting",
    width: "minmax(180px, 1.2fr)",
    isMain: true,
    cell: ({ name, about }) => <code title={about}>{name}</code>,
  },
  {
    id: "value",
    header: "In effect",
    width: "minmax(110px, 1fr)",
    cell: ({ value }) => (value === "" ? <span className="ow-dim">not set</span> : <code>{value}</code>),
  },
  {
    id: "source",
    header: "From",
    width: "120px",
    cell: ({ source }) =>
      source === "default" ? <span className="ow-dim">default</span> : <Badge tone="accent">{source}</Badge>,
  },
];

/** Every setting with where its value comes from; what was set by hand stands first. */
export function ConfigurationTable({ settings }: { readonly settings: readonly Setting[] }) {
  const rows = settings.toSorted((a, b) => Number(a.source === "default") - Number(b.source === "default"));
  return (
    <DataTable
      label="Configuration"
      rows={rows}
      columns={COLUMNS}
      rowKey={({ name }) => name}
      rowName={({ name }) => name}
    />
  );
}
