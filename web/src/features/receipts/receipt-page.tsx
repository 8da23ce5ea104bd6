import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { FullReceiptWire } from "../../../../server/src/api/contract.ts";
import { get } from "../../lib/api.ts";
import { paceBeside, useFollow } from "../../lib/follow.ts";
import { integrationName, useIntegrationNames } from "../../lib/integration-names.ts";
import { formatBytes } from "../../lib/numbers.ts";
import { RECEIPT_STATUS_HINTS, receiptName, receiptReasonWords, verifiedWords } from "../../lib/receipt-words.ts";
import { Copyable } from "../../ui/copy-button.tsx";
import { DefinitionList } from "../../ui/definition-list.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { InnerLink } from "../../ui/inner-link.tsx";
import { lateTab } from "../../ui/late-tab.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Columns, PageHeader, Panel } from "../../ui/page-header.tsx";
import { ReceiptStatus } from "../../ui/receipt-status.tsx";
import { PanelSkeleton } from "../../ui/skeletons.tsx";
import { UrlTabs } from "../../ui/url-tabs.tsx";
import { BodyView } from "./body-view.tsx";
import { LifecycleStrip } from "./lifecycle-strip.tsx";
import { ReceiptActions } from "./receipt-actions.tsx";
import { Trace } from "./trace.tsx";

const ReadView = lateTab("how it was read", () => import("./read-view.tsx").then((module) => module.ReadView));
const DifferenceView = lateTab("the difference", () =>
  import("./difference-view.tsx").then((module) => module.DifferenceView),
);
const route = getRouteApi("/console/receipts/$receiptId");
/** For how long after it came the stream is sure to tell of a receipt. */
const NEW_MS = 5_000;
const REPLAY_MS = 1_500;
const BACK = { to: "/receipts", label: "Receipts" } as const;
const TABS = [
  { id: "body", label: "Body" },
  { id: "read", label: "How it was read" },
  { id: "difference", label: "Difference from the one before" },
  { id: "headers", label: "Headers" },
];

/** One receipt: its way step by step, what came, what was made of it, and what can be done. */
export function ReceiptPage() {
  const { receiptId } = route.useParams();
  const receipt = useReceipt(receiptId);
  if (receipt.data === undefined) {
    return (
      <>
        <PageHeader title="Receipt" back={BACK} />
        {receipt.error === null ? (
          <PanelSkeleton label="the receipt" lines={8} />
        ) : (
          <ErrorPanel error={receipt.error} onRetry={() => void receipt.refetch()} />
        )}
      </>
    );
  }
  return <Shown receipt={receipt.data} />;
}

/** Follows the receipt and the deliveries that came of it. */
function useReceipt(receiptId: string) {
  const queryKey = ["receipt", receiptId];
  const receipt = useQuery({
    queryKey,
    queryFn: ({ signal }) => get<FullReceiptWire>(`/receipts/${receiptId}`, { signal }),
    refetchInterval: ({ state }) => paceOf(state.data),
  });
  const incidents = receipt.data?.incident_ids ?? [];
  useFollow({ topic: "receipts", queryKey, isAbout: ({ id }) => id === receiptId });
  useFollow({
    topic: "deliveries",
    queryKey,
    isAbout: ({ incident_id: id }) => incidents.some((incident) => incident === id),
  });
  return receipt;
}

function paceOf(receipt: FullReceiptWire | undefined): number | false {
  if (receipt === undefined || receipt.lifecycle.steps.every(({ state }) => state !== "waiting")) return false;
  // The stream tells of receipts that come, and not of an old one that is processed again.
  const isOld = Date.now() - Date.parse(receipt.received_at) > NEW_MS;
  return receipt.status === "queued" && isOld ? REPLAY_MS : paceBeside("deliveries");
}

function Shown({ receipt }: { readonly receipt: FullReceiptWire }) {
  const { tab = "body" } = route.useSearch();
  const { status, reason, alert_ids: alerts } = receipt;
  const title = receiptName(receipt);
  const words = receiptReasonWords(reason);
  return (
    <>
      <PageHeader
        title={title}
        heading={
          <>
            <bdi>{title}</bdi>
            {alerts.length > 1 ? ` and ${alerts.length - 1} more` : ""} <ReceiptStatus status={status} />
          </>
        }
        description={
          <>
            {RECEIPT_STATUS_HINTS[status]} {words === "" ? null : <strong>{words}</strong>}
          </>
        }
        back={BACK}
        actions={<ReceiptActions receipt={receipt} />}
      />
      <div style={{ marginBottom: 16 }}>
        <LifecycleStrip receipt={receipt} />
      </div>
      <Columns
        main={
          <>
            <div>
              <UrlTabs tabs={TABS} current={tab} label="What to show of the receipt" />
              {tab === "body" ? <BodyView receipt={receipt} /> : null}
              {tab === "read" ? <ReadView receipt={receipt} /> : null}
              {tab === "difference" ? <DifferenceView receipt={receipt} /> : null}
              {tab === "headers" ? <HeadersView headers={receipt.headers} /> : null}
            </div>
            <Panel title="What was made of it">
              <Trace receipt={receipt} />
            </Panel>
          </>
        }
        side={<Facts receipt={receipt} />}
      />
    </>
  );
}

function HeadersView({ headers }: { readonly headers: FullReceiptWire["headers"] }) {
  const entries = Object.entries(headers).map(([name, value]) => [name, <code key={name}>{value}</code>] as const);
  return (
    <Panel title="Headers">
      {entries.length === 0 ? <p className="ow-dim">No headers were kept.</p> : <DefinitionList entries={entries} />}
      <p className="ow-dim" style={{ marginTop: 12 }}>
        Headers that prove who sent it are checked and never kept.
      </p>
    </Panel>
  );
}

function Facts({ receipt }: { readonly receipt: FullReceiptWire }) {
  const names = useIntegrationNames();
  const { id, integration_id: integrationId, alert_ids: alerts, delivery_id: deliveryId, headers } = receipt;
  const original = headers["x-overwatch-edited-from"];
  return (
    <Panel title="Facts">
      <DefinitionList
        entries={[
          [
            "Integration",
            <InnerLink key="integration" href={`/integrations/${integrationId}`}>
              <bdi>{integrationName(names, integrationId)}</bdi>
            </InnerLink>,
          ],
          ["Received", <Moment key="received" at={receipt.received_at} isExact />],
          ["Read", <Moment key="read" at={receipt.processed_at} isExact />],
          ["From", <code key="from">{receipt.source_ip}</code>],
          ["Proof", verifiedWords(receipt.verified_by)],
          ["Size", formatBytes(receipt.body_bytes)],
          ["Alert ids", alerts.length === 0 ? "–" : <bdi key="alerts">{alerts.slice(0, 20).join(", ")}</bdi>],
          ["Receipt", <Copyable key="id" text={id} short={`…${id.slice(-12)}`} label="Copy the receipt's id" />],
          ["Request", <Copyable key="request" text={receipt.request_id} label="Copy the request's id" />],
          ...(deliveryId === null
            ? []
            : [["Sender's id", <Copyable key="sender" text={deliveryId} label="Copy the sender's id" />] as const]),
          ...(original === undefined
            ? []
            : [
                [
                  "Edited from",
                  <Link key="original" to="/receipts/$receiptId" params={{ receiptId: original }}>
                    …{original.slice(-12)}
                  </Link>,
                ] as const,
              ]),
        ]}
      />
    </Panel>
  );
}
