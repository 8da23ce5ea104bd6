import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Download, Server } from "lucide-react";
import type { SystemWire } from "../../../../server/src/api/contract.ts";
import { get } from "../../lib/api.ts";
import { useIsAllowed } from "../../lib/session.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { Columns, PageHeader, Panel } from "../../ui/page-header.tsx";
import { PanelSkeleton } from "../../ui/skeletons.tsx";
import { ChecksPanel } from "./checks-panel.tsx";
import { ConfigurationTable } from "./configuration-table.tsx";
import { DatabasePanel } from "./database-panel.tsx";
import { LedgerPanel } from "./ledger-panel.tsx";
import { NodesTable } from "./nodes-table.tsx";
import { QueuesPanel } from "./queues-panel.tsx";
import styles from "./system.module.css";
import { TablesTable } from "./tables-table.tsx";

const REFRESH_MS = 10_000;

/** How the installation stands, for whoever runs it. */
export function SystemPage() {
  const isAdmin = useIsAllowed("admin");
  return (
    <>
      <PageHeader
        title="System"
        description="Nodes, database, queues and the configuration in effect. Read anew every ten seconds."
        actions={isAdmin ? <BundleButton /> : undefined}
      />
      {isAdmin ? (
        <System />
      ) : (
        <EmptyState icon={Server} title="For administrators">
          How the installation stands is shown to administrators only. Home says whether webhooks come in and go out.
        </EmptyState>
      )}
    </>
  );
}

function BundleButton() {
  return (
    <Button
      component="a"
      variant="default"
      size="xs"
      href="/api/v1/system/support-bundle"
      download="overwatch-support.json"
      leftSection={<Download size={14} aria-hidden="true" />}
    >
      Support bundle
    </Button>
  );
}

function System() {
  const system = useQuery({
    queryKey: ["system"],
    queryFn: ({ signal }) => get<SystemWire>("/system", { signal }),
    refetchInterval: REFRESH_MS,
  });
  if (system.data === undefined) {
    if (system.error !== null) return <ErrorPanel error={system.error} onRetry={() => void system.refetch()} />;
    return <PanelSkeleton label="the system" lines={8} />;
  }
  return (
    <>
      <Columns
        main={
          <>
            <Panel title="Nodes" isFlush>
              <NodesTable nodes={system.data.nodes} />
            </Panel>
            <LedgerPanel />
          </>
        }
        side={
          <>
            <ChecksPanel checks={system.data.checks} version={system.data.version} node={system.data.node_version} />
            <QueuesPanel queues={system.data.queues} circuits={system.data.circuits} />
            <DatabasePanel database={system.data.database} />
          </>
        }
      />
      {/* Long, so behind all that says how things stand. */}
      <div className={styles.long}>
        <Panel title="Tables" isFlush>
          <TablesTable tables={system.data.tables} />
        </Panel>
        <Panel title="Configuration" isFlush>
          <ConfigurationTable settings={system.data.configuration} />
        </Panel>
      </div>
    </>
  );
}
