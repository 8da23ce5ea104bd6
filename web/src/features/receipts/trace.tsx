import type { FullReceiptWire } from "../../../../server/src/api/contract.ts";
import { countOf } from "../../lib/numbers.ts";
import { receiptReasonWords, verifiedWords } from "../../lib/receipt-words.ts";
import { Badge, SEVERITY_WORDS, SeverityBadge } from "../../ui/badge.tsx";
import { InnerLink } from "../../ui/inner-link.tsx";
import styles from "./receipts.module.css";
import { type ReadTrace, readTrace, type TracedSignal } from "./trace-shape.ts";

const DECISION_WORDS: Readonly<Record<string, string>> = {
  opened: "Opened an incident",
  joined: "Joined an incident",
  reopened: "Reopened an incident",
  refired: "Fires again",
  refreshed: "Still firing",
  escalated: "Raised the severity",
  acknowledged: "Acknowledged",
  unacknowledged: "Acknowledgement taken back",
  resolved: "Resolved the alert",
  tombstone: "Resolved before it fired",
  already_resolved: "Resolved already",
  older_than_resolve: "Older than its resolve",
  older_than_firing: "Older than its firing",
  noted: "Noted on the timeline",
  ignored: "Ignored",
};

/** Every decision about a receipt, in words and in order. */
export function Trace({ receipt }: { readonly receipt: FullReceiptWire }) {
  if (receipt.trace === null) {
    return <p className="ow-dim">It waits to be read. What is made of it appears here by itself.</p>;
  }
  const trace = readTrace(receipt.trace);
  return (
    <div className={styles.story}>
      <section id="reading">
        <h3>Reading</h3>
        <p>
          {verifiedWords(receipt.verified_by)}. {readingWords(trace)}
        </p>
        {trace.reading?.warnings.map((warning) => (
          <p key={warning} className={styles.warning}>
            {warning}
          </p>
        ))}
      </section>
      {trace.signals.length === 0 ? null : (
        <section id="signals">
          <h3>{countOf(trace.signals.length + trace.signalsLeftOut, "signal")}</h3>
          {trace.signals.map((signal, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the trace of a receipt never moves
            <Signal key={index} signal={signal} />
          ))}
          {trace.signalsLeftOut === 0 ? null : (
            <p className={styles.small}>{trace.signalsLeftOut} more are not kept.</p>
          )}
        </section>
      )}
      <Told trace={trace} receipt={receipt} />
    </div>
  );
}

function readingWords({ reading, failed, signals }: ReadTrace): string {
  if (failed !== null) return `Reading it failed every time: ${failed}`;
  if (reading === null) return "";
  if (reading.kind === "unreadable") return `It could not be read at ${reading.path ?? "$"}: ${reading.message ?? ""}`;
  const variant = reading.variant === null ? "" : ` as ${reading.variant}`;
  if (reading.kind === "ignored") {
    return `It was recognised${variant}. ${receiptReasonWords(`${reading.reason ?? ""}: ${reading.message ?? ""}`)}.`;
  }
  return signals.length === 0 ? `It was recognised${variant} and held no alert.` : `It was recognised${variant}.`;
}

function Signal({ signal }: { readonly signal: TracedSignal }) {
  const { dedupKey, dedupKeyFrom, severity, status, decision, why, incidentId, incidentNumber } = signal;
  const known = (["critical", "high", "medium", "low", "info"] as const).find((one) => one === severity);
  return (
    <div className={styles.signal}>
      <div className={styles.signalHead}>
        <strong>{DECISION_WORDS[decision] ?? decision}</strong>
        <Badge tone="info">{status}</Badge>
        {known === undefined ? SEVERITY_WORDS.info : <SeverityBadge severity={known} isQuiet />}
        {incidentId === null ? null : (
          <InnerLink href={`/incidents/${incidentId}`}>
            {incidentNumber === null ? "The incident" : `Incident #${incidentNumber}`}
          </InnerLink>
        )}
      </div>
      <p>{why}</p>
      <p className={styles.small}>
        Dedup key <code>{dedupKey}</code>
        {dedupKeyFrom.length === 0 ? null : (
          <>
            , made of <code>{dedupKeyFrom.join(", ")}</code>
          </>
        )}
      </p>
      {signal.nearestOpenKeys.length === 0 ? null : (
        <p className={styles.warning}>
          No alert has this key. The nearest that fire: <code>{signal.nearestOpenKeys.join(", ")}</code>
        </p>
      )}
    </div>
  );
}

function Told({ trace, receipt }: { readonly trace: ReadTrace; readonly receipt: FullReceiptWire }) {
  const { deliveries } = receipt.lifecycle;
  if (trace.events.length === 0) return null;
  return (
    <section id="deliveries">
      <h3>Who was told</h3>
      {trace.events.map((event) => (
        <div key={event.id} className={styles.signal}>
          <strong>{event.type}</strong>
          {event.endpoints.length === 0 ? (
            <p className={styles.small}>No endpoint exists that could hear it.</p>
          ) : (
            <ul className={styles.list}>
              {event.endpoints.map((endpoint) => {
                const delivery = deliveries.find((one) => one.event_id === event.id && one.endpoint_id === endpoint.id);
                return (
                  <li key={endpoint.id}>
                    {delivery === undefined ? (
                      <InnerLink href={`/endpoints/${endpoint.id}`}>
                        <bdi>{endpoint.name}</bdi>
                      </InnerLink>
                    ) : (
                      <InnerLink href={`/deliveries/${delivery.id}`}>
                        <bdi>{endpoint.name}</bdi>: {delivery.status.replace("_", " ")}
                      </InnerLink>
                    )}
                    <span className={styles.small}>
                      {endpoint.isMatched ? "told" : "not told"}: {endpoint.why}
                    </span>
                  </li>
                );
              })}
            </ul>
          )}
        </div>
      ))}
    </section>
  );
}
