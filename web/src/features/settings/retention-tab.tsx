import { useQuery } from "@tanstack/react-query";
import type { SystemWire } from "../../../../server/src/api/contract.ts";
import { get } from "../../lib/api.ts";
import { Badge } from "../../ui/badge.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { InnerLink } from "../../ui/inner-link.tsx";
import { Panel } from "../../ui/page-header.tsx";
import { TableSkeleton } from "../../ui/skeletons.tsx";

type Setting = SystemWire["configuration"][number];

const KEPT: Readonly<Record<string, string>> = {
  OVERWATCH_RECEIPT_RETENTION_DAYS: "Receipts",
  OVERWATCH_ATTEMPT_RETENTION_DAYS: "Delivery attempts, ended bulk runs, events without an incident",
  OVERWATCH_INCIDENT_RETENTION_DAYS: "Resolved incidents",
  OVERWATCH_AUDIT_RETENTION_DAYS: "The audit, in whole months",
};

const COLUMNS: readonly Column<Setting>[] = [
  { id: "what", header: "What", width: "minmax(200px, 1.4fr)", isMain: true, cell: ({ name }) => KEPT[name] ?? name },
  { id: "days", header: "Kept for", width: "110px", cell: ({ value }) => `${value} days` },
  {
    id: "setting",
    header: "Setting",
    width: "minmax(180px, 1.2fr)",
    cell: ({ name, about }) => <code title={about}>{name}</code>,
  },
  {
    id: "source",
    header: "From",
    width: "120px",
    cell: ({ source }) =>
      source === "default" ? <span className="ow-dim">default</span> : <Badge tone="accent">{source}</Badge>,
  },
];

/** How long things are kept, and who changes that. */
export function RetentionTab() {
  const system = useQuery({
    queryKey: ["system"],
    queryFn: ({ signal }) => get<SystemWire>("/system", { signal }),
  });
  if (system.error !== null && system.data === undefined) {
    return <ErrorPanel error={system.error} onRetry={() => void system.refetch()} />;
  }
  return (
    <Panel title="Retention" isFlush>
      {system.data === undefined ? (
        <TableSkeleton label="the retention" rows={4} />
      ) : (
        <DataTable
          label="Retention"
          rows={system.data.configuration.filter(({ name }) => name in KEPT)}
          columns={COLUMNS}
          rowKey={({ name }) => name}
          rowName={({ name }) => KEPT[name] ?? name}
        />
      )}
      <p className="ow-dim" style={{ padding: "10px 16px" }}>
        The operator sets these in the environment of every node; a change holds from the next start on.
        <InnerLink href="/system">System</InnerLink> shows how large each table is.
      </p>
    </Panel>
  );
}
