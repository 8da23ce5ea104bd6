import { useQuery } from "@tanstack/react-query";
import type { EndpointWire, LedgerWire } from "../../../../server/src/api/contract.ts";
import { get } from "../../lib/api.ts";
import { countOf } from "../../lib/numbers.ts";
import { useIsAllowed } from "../../lib/session.ts";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { Panel } from "../../ui/page-header.tsx";
import { PanelSkeleton } from "../../ui/skeletons.tsx";
import { DeliveriesLink } from "./deliveries-link.tsx";
import { STATE_SENTENCES, stateOf } from "./endpoint-words.ts";
import styles from "./endpoints.module.css";
import { MissedPanel } from "./missed-panel.tsx";
import { RecoverPanel } from "./recover-panel.tsx";
import { RunsPanel } from "./runs-panel.tsx";

/** What to do when the receiver is back: see what waits, bring back what is exhausted, deliver what was missed. */
export function RecoveryTab({ endpoint }: { readonly endpoint: EndpointWire }) {
  const canAct = useIsAllowed("responder");
  return (
    <div className={styles.stack}>
      <WaitingPanel endpoint={endpoint} />
      <RunsPanel endpointId={endpoint.id} />
      {canAct ? (
        <>
          <RecoverPanel endpoint={endpoint} />
          <MissedPanel endpoint={endpoint} />
        </>
      ) : (
        <p className="ow-dim">Responders and administrators can bring back exhausted deliveries from here.</p>
      )}
    </div>
  );
}

function WaitingPanel({ endpoint }: { readonly endpoint: EndpointWire }) {
  const ledger = useQuery({
    queryKey: ["endpoint", endpoint.id, "ledger"],
    queryFn: ({ signal }) => get<LedgerWire>(`/endpoints/${endpoint.id}/ledger`, { signal }),
  });
  return (
    <Panel title="What waits">
      {ledger.error !== null ? (
        <ErrorPanel error={ledger.error} onRetry={() => void ledger.refetch()} />
      ) : ledger.data === undefined ? (
        <PanelSkeleton label="what waits" lines={3} />
      ) : (
        <div className={styles.tight}>
          <p>{STATE_SENTENCES[stateOf(endpoint)]}</p>
          <Waiting endpoint={endpoint} ledger={ledger.data} />
        </div>
      )}
    </Panel>
  );
}

function Waiting({ endpoint, ledger }: { readonly endpoint: EndpointWire; readonly ledger: LedgerWire }) {
  const { parked, pending, exhausted } = ledger;
  if (parked + pending + exhausted === 0) return <p className="ow-dim">Nothing waits and nothing is exhausted.</p>;
  return (
    <div className={styles.tight}>
      {parked === 0 ? null : (
        <p>
          <DeliveriesLink endpointId={endpoint.id} status="parked">
            {countOf(parked, "delivery is", "deliveries are")} parked
          </DeliveriesLink>{" "}
          and will go out when the circuit closes, at most {endpoint.max_in_flight} at a time.
          {endpoint.collapse ? " What can be folded into the latest state of its incident is." : ""}
        </p>
      )}
      {pending === 0 ? null : (
        <p>
          <DeliveriesLink endpointId={endpoint.id} status="pending">
            {countOf(pending, "delivery is", "deliveries are")} pending
          </DeliveriesLink>
          , each waiting for its next attempt.
        </p>
      )}
      {exhausted === 0 ? null : (
        <p>
          <DeliveriesLink endpointId={endpoint.id} status="exhausted">
            {countOf(exhausted, "delivery is", "deliveries are")} exhausted
          </DeliveriesLink>
          , with all retries used up; nothing happens to {exhausted === 1 ? "it" : "them"} until somebody recovers the
          endpoint.
        </p>
      )}
    </div>
  );
}
