import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { IntegrationActivityWire, IntegrationWire } from "../../../../server/src/api/contract.ts";
import { get } from "../../lib/api.ts";
import { useNow } from "../../lib/now.ts";
import { formatCompact, formatCount, formatDuration, formatPercent } from "../../lib/numbers.ts";
import { receiptName, receiptReasonWords } from "../../lib/receipt-words.ts";
import { useIsAllowed } from "../../lib/session.ts";
import { DefinitionList } from "../../ui/definition-list.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { InnerLink } from "../../ui/inner-link.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Columns, Panel } from "../../ui/page-header.tsx";
import { ReceiptStatus } from "../../ui/receipt-status.tsx";
import { PanelSkeleton } from "../../ui/skeletons.tsx";
import { ActivityBars } from "./activity-bars.tsx";
import { silentFor } from "./health.ts";
import styles from "./integrations.module.css";
import { useLastReceipts } from "./last-receipts.ts";

const REFRESH_MS = 5_000;

/** Whether an integration is well: what came, what was believed, what it has open. */
export function OverviewTab({ integration }: { readonly integration: IntegrationWire }) {
  const [period, setPeriod] = useState<"24h" | "7d">("24h");
  const isAdmin = useIsAllowed("admin");
  const { id } = integration;
  const activity = useQuery({
    queryKey: ["integration", "activity", id, period],
    queryFn: ({ signal }) =>
      get<IntegrationActivityWire>(`/integrations/${id}/activity`, { query: { period }, signal }),
    refetchInterval: REFRESH_MS,
  });
  const choose = (
    <SegmentedControl
      size="xs"
      aria-label="How far back"
      value={period}
      onChange={(value) => setPeriod(value === "7d" ? "7d" : "24h")}
      data={[
        { value: "24h", label: "24 hours" },
        { value: "7d", label: "7 days" },
      ]}
    />
  );
  return (
    <Columns
      main={
        <>
          <Panel title="What came" actions={choose}>
            {activity.error !== null ? (
              <ErrorPanel error={activity.error} onRetry={() => void activity.refetch()} />
            ) : activity.data === undefined ? (
              <PanelSkeleton label="what came" />
            ) : (
              <>
                <Figures activity={activity.data} />
                <ActivityBars activity={activity.data} />
                <RefusedBy activity={activity.data} integrationId={id} isAdmin={isAdmin} />
              </>
            )}
          </Panel>
          <LastReceipts integrationId={id} />
        </>
      }
      side={<Facts integration={integration} />}
    />
  );
}

function Figures({ activity }: { readonly activity: IntegrationActivityWire }) {
  const { accepted, refused, quarantined, duplicate, signals, accept_rate: rate } = activity;
  const figures = [
    ["Accepted", formatCompact(accepted)],
    ["Accept rate", rate === null ? "–" : formatPercent(rate)],
    ["Refused", formatCompact(refused)],
    ["Not understood", formatCompact(quarantined)],
    ["Duplicates", formatCompact(duplicate)],
    ["Alerts in them", formatCompact(signals)],
  ] as const;
  return (
    <dl className={styles.stats}>
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className="ow-number">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

type RefusedByProps = {
  readonly activity: IntegrationActivityWire;
  readonly integrationId: string;
  readonly isAdmin: boolean;
};

function RefusedBy({ activity, integrationId, isAdmin }: RefusedByProps) {
  if (activity.refused_by.length === 0) return null;
  return (
    <p style={{ marginTop: 14 }}>
      Refused: {activity.refused_by.map(({ reason, count }) => `${formatCount(count)} × ${reason}`).join(", ")}.{" "}
      {isAdmin ? (
        <Link to="/integrations/$integrationId" params={{ integrationId }} search={{ tab: "refusals" }}>
          Why?
        </Link>
      ) : (
        "An administrator can see why."
      )}
    </p>
  );
}

function LastReceipts({ integrationId }: { readonly integrationId: string }) {
  const receipts = useLastReceipts(integrationId);
  const all = <InnerLink href={`/receipts?integration=${integrationId}`}>All of them</InnerLink>;
  return (
    <Panel title="Last receipts" actions={all}>
      {receipts === undefined ? (
        <PanelSkeleton label="the last receipts" />
      ) : receipts.length === 0 ? (
        <p className="ow-dim">
          Nothing has come yet.{" "}
          <Link to="/integrations/new" search={{ integration: integrationId }}>
            Wait for the first webhook
          </Link>{" "}
          shows what to set up on the other side.
        </p>
      ) : (
        <ul className={styles.receipts}>
          {receipts.map((receipt) => (
            <li key={receipt.id}>
              <InnerLink href={`/receipts/${receipt.id}`}>
                <bdi>{receiptName(receipt)}</bdi>
              </InnerLink>
              <ReceiptStatus status={receipt.status} />
              <span className={styles.receiptReason}>{receiptReasonWords(receipt.reason)}</span>
              <span className="ow-dim">
                <Moment at={receipt.received_at} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Facts({ integration }: { readonly integration: IntegrationWire }) {
  const now = useNow();
  const silent = silentFor(integration, now);
  const { id, silent_after_seconds: limit } = integration;
  return (
    <Panel title="Facts">
      <DefinitionList
        entries={[
          [
            "Incidents",
            <InnerLink key="incidents" href={`/incidents?integration=${id}`}>
              Its incidents
            </InnerLink>,
          ],
          [
            "Receipts",
            <InnerLink key="receipts" href={`/receipts?integration=${id}`}>
              Its receipts
            </InnerLink>,
          ],
          [
            "Silence",
            limit === null
              ? "is not watched"
              : silent === null
                ? `is told after ${formatDuration(limit * 1_000)}`
                : `silent for ${formatDuration(silent)}, told after ${formatDuration(limit * 1_000)}`,
          ],
          ["Made", <Moment key="made" at={integration.created_at} />],
          ["Changed", <Moment key="changed" at={integration.updated_at} />],
        ]}
      />
    </Panel>
  );
}
