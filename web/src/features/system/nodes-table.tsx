import type { NodeWire } from "../../../../server/src/api/contract.ts";
import { Badge } from "../../ui/badge.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { Age, Moment } from "../../ui/moment.tsx";

const ROLE_WORDS: Readonly<Record<NodeWire["role"], string>> = {
  all: "receives, triages, delivers",
  receive: "receives",
  work: "triages, delivers",
};

const COLUMNS: readonly Column<NodeWire>[] = [
  {
    id: "id",
    header: "Node",
    width: "minmax(110px, 1fr)",
    isMain: true,
    cell: ({ id }) => <code title={id}>{id.slice(-12)}</code>,
  },
  { id: "role", header: "Does", width: "minmax(120px, 1.4fr)", cell: ({ role }) => ROLE_WORDS[role] },
  { id: "version", header: "Version", width: "80px", cell: ({ version }) => version },
  { id: "up", header: "Up for", width: "80px", cell: ({ started_at }) => <Age since={started_at} /> },
  {
    id: "seen",
    header: "Seen",
    width: "120px",
    cell: ({ is_seen, seen_at }) => (is_seen ? <Badge tone="good">Now</Badge> : <Moment at={seen_at} />),
  },
];

/** The nodes that share the database. */
export function NodesTable({ nodes }: { readonly nodes: readonly NodeWire[] }) {
  return (
    <DataTable
      label="Nodes"
      rows={nodes}
      columns={COLUMNS}
      rowKey={({ id }) => id}
      rowName={({ id }) => id.slice(-12)}
    />
  );
}
