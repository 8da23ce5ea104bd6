import { Button, Progress } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { ListChecks } from "lucide-react";
import { useEffect } from "react";
import type { BulkRunWire } from "../../../../server/src/api/contract.ts";
import { useEndpointNames } from "../../lib/endpoint-names.ts";
import { useList } from "../../lib/list.ts";
import { formatCount } from "../../lib/numbers.ts";
import { useIsAllowed } from "../../lib/session.ts";
import { useStopRun } from "../../lib/stop-run.ts";
import { Badge } from "../../ui/badge.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { Moment } from "../../ui/moment.tsx";
import { PageHeader, Panel } from "../../ui/page-header.tsx";
import { TableSkeleton } from "../../ui/skeletons.tsx";

const REFRESH_MS = 2_000;

const KIND_WORDS: Readonly<Record<BulkRunWire["kind"], string>> = {
  retry: "Retry",
  resend: "Send again under fresh ids",
  cancel: "Cancel",
  replay_missing: "Make what was missed",
};

/** Bulk runs: what they do, how far they are, and how to stop them. */
export function BulkRunsPage() {
  const client = useQueryClient();
  const mayAct = useIsAllowed("responder");
  const { nameOf } = useEndpointNames();
  const list = useList<BulkRunWire>({ noun: "bulk-runs", path: "/bulk-runs", query: {} });
  const isRunning = list.rows?.some(({ state }) => state === "running") ?? false;
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(() => void client.invalidateQueries({ queryKey: ["bulk-runs"] }), REFRESH_MS);
    return () => clearInterval(timer);
  }, [isRunning, client]);
  const stop = useStopRun();
  return (
    <>
      <PageHeader
        title="Bulk runs"
        description="Retries, resends and cancellations of many deliveries, worked off at their pace."
        back={{ to: "/deliveries", label: "Deliveries" }}
      />
      {list.error !== null ? (
        <ErrorPanel error={list.error} onRetry={list.retry} />
      ) : list.rows === null ? (
        <Panel isFlush>
          <TableSkeleton label="bulk runs" />
        </Panel>
      ) : list.rows.length === 0 ? (
        <EmptyState icon={ListChecks} title="No bulk runs yet">
          Retry or cancel many deliveries on the page of deliveries, or recover an endpoint after an outage; how far
          that is stands here, and it goes on when a node stops.
        </EmptyState>
      ) : (
        <Panel isFlush>
          <DataTable
            label="Bulk runs"
            rows={list.rows}
            columns={columnsOf(nameOf, mayAct ? stop : null)}
            rowKey={({ id }) => id}
            rowName={({ kind, started_by }) => `${KIND_WORDS[kind]} by ${started_by}`}
            hasMore={list.hasMore}
            onMore={list.readMore}
            isReadingMore={list.isReadingMore}
          />
        </Panel>
      )}
    </>
  );
}

function columnsOf(
  nameOf: (id: string) => string,
  stop: ((run: BulkRunWire) => Promise<void>) | null,
): readonly Column<BulkRunWire>[] {
  return [
    {
      id: "kind",
      header: "What",
      width: "minmax(160px, 1.2fr)",
      isMain: true,
      cell: ({ kind, selection }) => (
        <span>
          {KIND_WORDS[kind]}
          {selection.endpoint_id === null ? "" : " at "}
          {selection.endpoint_id === null ? null : <bdi>{nameOf(selection.endpoint_id)}</bdi>}
        </span>
      ),
    },
    { id: "state", header: "State", width: "100px", cell: (run) => <RunState run={run} /> },
    { id: "progress", header: "Done", width: "minmax(130px, 1fr)", cell: (run) => <RunProgress run={run} /> },
    {
      id: "by",
      header: "By",
      width: "minmax(80px, 130px)",
      isWideOnly: true,
      cell: ({ started_by }) => <bdi>{started_by}</bdi>,
    },
    { id: "at", header: "Begun", width: "100px", cell: ({ started_at }) => <Moment at={started_at} /> },
    {
      id: "stop",
      header: "",
      width: "70px",
      align: "end",
      cell: (run) =>
        stop !== null && run.state === "running" ? (
          <Button
            size="compact-xs"
            variant="default"
            aria-label={`Stop: ${KIND_WORDS[run.kind]}`}
            onClick={() => void stop(run)}
          >
            Stop
          </Button>
        ) : null,
    },
  ];
}

function RunState({ run }: { readonly run: BulkRunWire }) {
  if (run.state === "running") return <Badge tone="accent">Running</Badge>;
  if (run.state === "stopped") return <Badge tone="medium">Stopped</Badge>;
  return run.failed > 0 ? <Badge tone="high">Finished</Badge> : <Badge tone="good">Finished</Badge>;
}

function RunProgress({ run }: { readonly run: BulkRunWire }) {
  const over = run.done + run.skipped + run.failed;
  const share = run.matched === 0 ? 100 : Math.min(100, (100 * over) / run.matched);
  const failed = run.failed === 0 ? "" : `, ${formatCount(run.failed)} failed`;
  return (
    <div title={run.last_error ?? undefined} style={{ width: "100%" }}>
      <span className="ow-number">
        {formatCount(over)} of {run.is_matched_exact ? "" : "at least "}
        {formatCount(run.matched)}
        {failed}
      </span>
      <Progress value={share} size="xs" aria-label={`${Math.round(share)} % done`} />
    </div>
  );
}
