import { Button, Progress } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { BulkRunWire, Page } from "../../../../server/src/api/contract.ts";
import { get } from "../../lib/api.ts";
import { formatCount } from "../../lib/numbers.ts";
import { useIsAllowed } from "../../lib/session.ts";
import { useStopRun } from "../../lib/stop-run.ts";
import { Badge } from "../../ui/badge.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Panel } from "../../ui/page-header.tsx";
import styles from "./endpoints.module.css";

const POLL_MS = 1_000;
const MOST = 5;

const KIND_WORDS: Readonly<Record<BulkRunWire["kind"], string>> = {
  retry: "Recovery with the same ids",
  resend: "Recovery under fresh ids",
  cancel: "Cancellation",
  replay_missing: "Delivery of what was missed",
};

/** The last runs of an endpoint with how far they are; nothing when there was none. */
export function RunsPanel({ endpointId }: { readonly endpointId: string }) {
  const client = useQueryClient();
  const runs = useQuery({
    queryKey: ["bulk-runs", "endpoint", endpointId],
    queryFn: async ({ signal }) => {
      const { data } = await get<Page<BulkRunWire>>("/bulk-runs", { query: { limit: 100 }, signal });
      return data.filter(({ selection }) => selection.endpoint_id === endpointId).slice(0, MOST);
    },
    refetchInterval: ({ state }) => (state.data?.some(isRunning) ? POLL_MS : false),
  });
  const runningCount = runs.data?.filter(isRunning).length ?? 0;
  const before = useRef(runningCount);
  useEffect(() => {
    // The figures around it are those of before the run.
    if (runningCount < before.current) void client.invalidateQueries({ queryKey: ["endpoint", endpointId] });
    before.current = runningCount;
  }, [runningCount, client, endpointId]);
  if (runs.data === undefined || runs.data.length === 0) return null;
  return (
    <Panel title="Runs">
      <div className={styles.stack}>
        {runs.data.map((run) => (
          <Run key={run.id} run={run} />
        ))}
      </div>
    </Panel>
  );
}

function Run({ run }: { readonly run: BulkRunWire }) {
  const canAct = useIsAllowed("responder");
  const over = run.done + run.skipped + run.failed;
  const share = run.matched === 0 ? 100 : Math.min(100, (100 * over) / run.matched);
  const stop = useStopRun();
  return (
    <section className={styles.tight} aria-label={KIND_WORDS[run.kind]}>
      <div className={styles.badges}>
        <RunState run={run} />
        <strong>{KIND_WORDS[run.kind]}</strong>
        <span className="ow-dim">
          begun <Moment at={run.started_at} /> by <bdi>{run.started_by}</bdi>
        </span>
        {canAct && isRunning(run) ? (
          <Button size="compact-xs" variant="default" onClick={() => void stop(run)}>
            Stop
          </Button>
        ) : null}
      </div>
      <Progress value={share} size="sm" aria-label={`${Math.round(share)} % done`} />
      <p className="ow-number">
        {formatCount(over)} of {run.is_matched_exact ? "" : "at least "}
        {formatCount(run.matched)}
        {run.skipped === 0 ? "" : `, ${formatCount(run.skipped)} not needed any more`}
        {run.failed === 0 ? "" : `, ${formatCount(run.failed)} failed`}
        {run.last_error === null ? "" : `. ${run.last_error}`}
      </p>
    </section>
  );
}

function RunState({ run }: { readonly run: BulkRunWire }) {
  if (isRunning(run)) return <Badge tone="accent">Running</Badge>;
  if (run.state === "stopped") return <Badge tone="medium">Stopped</Badge>;
  return run.failed > 0 ? <Badge tone="high">Finished</Badge> : <Badge tone="good">Finished</Badge>;
}

function isRunning({ state }: BulkRunWire): boolean {
  return state === "running";
}
