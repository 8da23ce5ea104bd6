import { useQuery } from "@tanstack/react-query";
import type { OverviewWire } from "../../../../server/src/api/contract.ts";
import { get } from "../../lib/api.ts";
import { useIsAllowed } from "../../lib/session.ts";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { Columns, PageHeader } from "../../ui/page-header.tsx";
import { PanelSkeleton } from "../../ui/skeletons.tsx";
import { AwaitingIntegrations, FirstWebhookWatch } from "./awaiting-integrations.tsx";
import { FirstSteps } from "./first-steps.tsx";
import { Flow } from "./flow.tsx";
import { BrokenEndpoints, SilentIntegrations, SystemHealth } from "./health-panels.tsx";
import { LedgerBalance } from "./ledger-balance.tsx";
import { NewestIncidents } from "./newest-incidents.tsx";
import { OpenBySeverity } from "./open-by-severity.tsx";

const REFRESH_MS = 15_000;

/** How things stand, in one look. */
export function HomePage() {
  const overview = useQuery({
    queryKey: ["overview"],
    queryFn: ({ signal }) => get<OverviewWire>("/overview", { signal }),
    refetchInterval: REFRESH_MS,
  });
  const { data } = overview;
  // There the first steps show what is awaited.
  const isInFirstSteps = useIsAllowed("admin") && data?.configured.heard === 0;
  return (
    <>
      <PageHeader title="Home" description={wordsOf(data)} />
      {overview.error !== null && data === undefined ? (
        <ErrorPanel error={overview.error} onRetry={() => void overview.refetch()} />
      ) : null}
      {data === undefined && overview.error === null ? <PanelSkeleton label="how things stand" lines={6} /> : null}
      {data === undefined ? null : (
        <>
          {data.awaiting_integrations.length === 0 ? null : (
            <FirstWebhookWatch
              integrations={data.awaiting_integrations}
              onHeard={() => void overview.refetch({ cancelRefetch: false })}
            />
          )}
          <FirstSteps overview={data} />
          <OpenBySeverity incidents={data.incidents} />
          <Columns
            main={
              <>
                <Flow overview={data} />
                <NewestIncidents />
              </>
            }
            side={
              <>
                <BrokenEndpoints endpoints={data.broken_endpoints} />
                {isInFirstSteps ? null : <AwaitingIntegrations integrations={data.awaiting_integrations} />}
                <SilentIntegrations
                  integrations={data.silent_integrations.filter(({ last_receipt_at }) => last_receipt_at !== null)}
                />
                <LedgerBalance ledger={data.ledger} />
                <SystemHealth overview={data} />
              </>
            }
          />
        </>
      )}
    </>
  );
}

/** One sentence that says whether there is something to do. */
function wordsOf(overview: OverviewWire | undefined): string {
  if (overview === undefined) return "How things stand.";
  const { critical, high, ...others } = overview.incidents.open;
  const rest = Object.values(others).reduce((sum, count) => sum + count, 0);
  if (critical + high > 0) return `${critical + high} open incidents are critical or high.`;
  if (rest > 0) return `${rest} open incidents, none of them critical or high.`;
  return "All quiet: no incident is open.";
}
