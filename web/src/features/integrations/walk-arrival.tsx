import { useQuery } from "@tanstack/react-query";
import { CircleCheck, Send } from "lucide-react";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import type {
  FullReceiptWire,
  IncidentWire,
  IntegrationWire,
  Page,
  ReceiptWire,
  RefusalWire,
} from "../../../../server/src/api/contract.ts";
import { get } from "../../lib/api.ts";
import { paceBeside, useFollow } from "../../lib/follow.ts";
import { isFocusLost } from "../../lib/keep-focus.ts";
import { RECEIPT_STATUS_HINTS, receiptReasonWords, verifiedWords } from "../../lib/receipt-words.ts";
import { useIsAllowed } from "../../lib/session.ts";
import { SeverityBadge, StatusBadge } from "../../ui/badge.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { InnerLink } from "../../ui/inner-link.tsx";
import { LinkButton } from "../../ui/link-button.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Panel } from "../../ui/page-header.tsx";
import { ReceiptStatus } from "../../ui/receipt-status.tsx";
import styles from "./integrations.module.css";
import { SampleButton } from "./sample-button.tsx";

/** The stream does not tell of what is refused. */
const REFUSALS_MS = 1_500;
/** Behind more samples than that nobody looks for what the sender sent. */
const LOOKED_AT = 5;

type WalkArrivalProps = { readonly integration: IntegrationWire; readonly onArrived: () => void };

/** Waits for the first webhook and shows what became of it, or why it was refused. */
export function WalkArrival({ integration, onArrived }: WalkArrivalProps) {
  const { id } = integration;
  const queryKey = ["integration", "arrival", id];
  const arrivals = useQuery({
    queryKey,
    queryFn: ({ signal }) => readArrivals(id, signal),
    refetchInterval: ({ state }) => (state.data?.real === null ? paceBeside("receipts") : false),
  });
  useFollow({ topic: "receipts", queryKey, isAbout: ({ integration_id: of }) => of === id });
  const { real, sample } = arrivals.data ?? { real: null, sample: null };
  const tell = useEffectEvent(onArrived);
  const hasArrived = real !== null;
  const region = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!hasArrived) return;
    tell();
    // The button that sends a sample is gone.
    if (isFocusLost()) region.current?.focus({ preventScroll: true });
  }, [hasArrived]);
  if (arrivals.error !== null && arrivals.data === undefined) {
    return <ErrorPanel error={arrivals.error} onRetry={() => void arrivals.refetch()} />;
  }
  return (
    <Panel title="First webhook">
      {/* One region for all of it: readers hear what changes in one that was there before. */}
      <div ref={region} className={styles.form} aria-live="polite" tabIndex={-1}>
        {real === null ? <Waiting integration={integration} hasSample={sample !== null} /> : null}
        {real !== null ? (
          <Arrived receipt={real} title="It has arrived." />
        ) : sample !== null ? (
          <Arrived receipt={sample} title="The sample has arrived. This is what becomes of a webhook." />
        ) : null}
      </div>
    </Panel>
  );
}

type Arrivals = { readonly real: ReceiptWire | null; readonly sample: ReceiptWire | null };

/** The newest of what the sender itself sent, and of the samples before it; samples are told by a header. */
async function readArrivals(integrationId: string, signal: AbortSignal): Promise<Arrivals> {
  const query = { integration_id: integrationId, limit: LOOKED_AT };
  const { data } = await get<Page<ReceiptWire>>("/receipts", { query, signal });
  for (const row of data) {
    const { headers } = await get<FullReceiptWire>(`/receipts/${row.id}`, { signal });
    if (headers["x-overwatch-sample"] === undefined) return { real: row, sample: null };
  }
  return { real: null, sample: data[0] ?? null };
}

type WaitingProps = { readonly integration: IntegrationWire; readonly hasSample: boolean };

function Waiting({ integration, hasSample }: WaitingProps) {
  const mayTest = useIsAllowed("responder");
  const isAdmin = useIsAllowed("admin");
  const [error, setError] = useState<unknown>(null);
  const path = `/integrations/${integration.id}/refusals`;
  const refusals = useQuery({
    queryKey: ["integration", "refused", integration.id],
    queryFn: ({ signal }) => get<Page<RefusalWire>>(path, { query: { limit: 1 }, signal }),
    refetchInterval: REFUSALS_MS,
    enabled: isAdmin,
  });
  const refused = refusals.data?.data[0];
  return (
    <>
      <div className={styles.waiting}>
        <span className={styles.pulse} aria-hidden="true" />
        <span>
          {hasSample
            ? "Still waiting for the first webhook of the sender itself: set it up as below."
            : "Waiting for the first webhook. It appears here the moment it comes."}
        </span>
        {mayTest ? (
          <SampleButton integrationId={integration.id} onSent={async () => undefined} onError={setError} />
        ) : null}
      </div>
      {refused === undefined ? null : (
        <div>
          <p>
            One came <Moment at={refused.at} /> and was refused:
          </p>
          <ul className={styles.problems}>
            {(refused.problems.length === 0 ? [refused.code] : refused.problems).map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        </div>
      )}
      {error === null ? null : <ErrorPanel error={error} />}
    </>
  );
}

function Arrived({ receipt, title }: { readonly receipt: ReceiptWire; readonly title: string }) {
  const { id, status, reason, incident_ids: incidents, integration_id: integrationId } = receipt;
  const [incidentId] = incidents;
  return (
    <>
      <p className={styles.arrived}>
        <CircleCheck size={18} aria-hidden="true" />
        {title}
      </p>
      <p>
        <ReceiptStatus status={status} /> {RECEIPT_STATUS_HINTS[status]} {receiptReasonWords(reason)}
      </p>
      <p className={styles.small}>
        {verifiedWords(receipt.verified_by)}, from <code>{receipt.source_ip}</code>, <Moment at={receipt.received_at} />
        . <InnerLink href={`/receipts/${id}?tab=read`}>How it was read</InnerLink>
      </p>
      {incidentId === undefined ? null : <FirstIncident incidentId={incidentId} />}
      <div className={styles.foot}>
        <LinkButton
          to="/endpoints/new"
          search={{ integration: integrationId }}
          leftSection={<Send size={14} aria-hidden="true" />}
        >
          Tell somebody: make an endpoint
        </LinkButton>
        <InnerLink href={`/integrations/${integrationId}`}>To the integration</InnerLink>
      </div>
    </>
  );
}

function FirstIncident({ incidentId }: { readonly incidentId: string }) {
  const { data } = useQuery({
    queryKey: ["incident", "first", incidentId],
    queryFn: ({ signal }) => get<IncidentWire>(`/incidents/${incidentId}`, { signal }),
  });
  if (data === undefined) return null;
  return (
    <p className={styles.waiting}>
      <SeverityBadge severity={data.severity} />
      <StatusBadge status={data.status} />
      <InnerLink href={`/incidents/${incidentId}`}>
        #{data.number} <bdi>{data.title}</bdi>
      </InnerLink>
    </p>
  );
}
