import { useQuery } from "@tanstack/react-query";
import type { EndpointActivityWire, EndpointWire, LedgerWire } from "../../../../server/src/api/contract.ts";
import { get } from "../../lib/api.ts";
import { DELIVERY_STATE_WORDS, LEDGER_STATES } from "../../lib/delivery-states.ts";
import { failureWords } from "../../lib/failure-words.ts";
import { formatCount, formatDuration, formatPercent } from "../../lib/numbers.ts";
import { Badge } from "../../ui/badge.tsx";
import { EntityLink } from "../../ui/entity-link.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { lateTab } from "../../ui/late-tab.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Columns, Panel } from "../../ui/page-header.tsx";
import { PanelSkeleton } from "../../ui/skeletons.tsx";
import { CircuitPanel } from "./circuit-panel.tsx";
import { DeliveriesLink } from "./deliveries-link.tsx";
import { EndpointFacts } from "./endpoint-facts.tsx";
import styles from "./endpoints.module.css";

// The page of an endpoint opens on other tabs as well, which have no use for it.
const ActivityCharts = lateTab("the hours", () =>
  import("./activity-charts.tsx").then((module) => module.ActivityCharts),
);

/** How an endpoint is doing, and what became of everything that it was to hear. */
export function OverviewTab({ endpoint }: { readonly endpoint: EndpointWire }) {
  return (
    <Columns
      main={
        <>
          <CircuitPanel endpoint={endpoint} />
          <ActivityPanel endpointId={endpoint.id} />
        </>
      }
      side={
        <>
          <LedgerPanel endpointId={endpoint.id} />
          <EndpointFacts endpoint={endpoint} />
        </>
      }
    />
  );
}

function ActivityPanel({ endpointId }: { readonly endpointId: string }) {
  const activity = useQuery({
    queryKey: ["endpoint", endpointId, "activity"],
    queryFn: ({ signal }) => get<EndpointActivityWire>(`/endpoints/${endpointId}/activity`, { signal }),
  });
  return (
    <Panel title="Last 24 hours">
      {activity.error !== null ? (
        <ErrorPanel error={activity.error} onRetry={() => void activity.refetch()} />
      ) : activity.data === undefined ? (
        <PanelSkeleton label="activity" lines={3} />
      ) : (
        <Activity activity={activity.data} />
      )}
    </Panel>
  );
}

function Activity({ activity }: { readonly activity: EndpointActivityWire }) {
  const { attempts_ok, attempts_failed, success_rate, p50_ms, p95_ms, failed_by, last_failure } = activity;
  if (attempts_ok + attempts_failed === 0) return <p className="ow-dim">Nothing was sent in the last 24 hours.</p>;
  const figures: readonly (readonly [string, string])[] = [
    ["Success", success_rate === null ? "–" : formatPercent(success_rate)],
    ["Attempts", formatCount(attempts_ok + attempts_failed)],
    ["Median", p50_ms === null ? "–" : formatDuration(p50_ms)],
    ["p95", p95_ms === null ? "–" : formatDuration(p95_ms)],
  ];
  return (
    <>
      <dl className={styles.figures}>
        {figures.map(([term, value]) => (
          <div className={styles.figure} key={term}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <ActivityCharts activity={activity} />
      {last_failure === null ? null : (
        <div className={styles.tight} style={{ marginTop: 14 }}>
          <p>
            Last failure <Moment at={last_failure.at} />: {failureWords(last_failure.reason, last_failure.status_code)}
            {last_failure.message === null ? "" : `. ${last_failure.message}`}{" "}
            <EntityLink entity="delivery" id={last_failure.delivery_id}>
              See the delivery
            </EntityLink>
          </p>
          <span className={styles.badges}>
            {failed_by.map(({ reason, count }) => (
              <Badge key={reason} tone="high">
                {failureWords(reason)} · {formatCount(count)}
              </Badge>
            ))}
          </span>
        </div>
      )}
    </>
  );
}

function LedgerPanel({ endpointId }: { readonly endpointId: string }) {
  const ledger = useQuery({
    queryKey: ["endpoint", endpointId, "ledger"],
    queryFn: ({ signal }) => get<LedgerWire>(`/endpoints/${endpointId}/ledger`, { signal }),
  });
  return (
    <Panel title="Ledger">
      {ledger.error !== null ? (
        <ErrorPanel error={ledger.error} onRetry={() => void ledger.refetch()} />
      ) : ledger.data === undefined ? (
        <PanelSkeleton label="the ledger" lines={6} />
      ) : (
        <Ledger ledger={ledger.data} endpointId={endpointId} />
      )}
    </Panel>
  );
}

function Ledger({ ledger, endpointId }: { readonly ledger: LedgerWire; readonly endpointId: string }) {
  return (
    <div className={styles.ledger}>
      {LEDGER_STATES.map((status) => (
        <div key={status}>
          <DeliveriesLink endpointId={endpointId} status={status}>
            {DELIVERY_STATE_WORDS[status]}
          </DeliveriesLink>
          <span className="ow-number">{formatCount(ledger[status])}</span>
        </div>
      ))}
      <div className={styles.sum}>
        <span>Matched events</span>
        <span className="ow-number">{formatCount(ledger.matched)}</span>
      </div>
      <div>
        {ledger.balanced ? (
          <Badge tone="good">Balanced: nothing is missing</Badge>
        ) : (
          <Badge tone="critical">
            {formatCount(Math.abs(ledger.difference))} {ledger.difference < 0 ? "missing" : "too many"}
          </Badge>
        )}
      </div>
    </div>
  );
}
