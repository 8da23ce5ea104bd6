import { Link } from "@tanstack/react-router";
import { CircleCheck, TriangleAlert } from "lucide-react";
import type { TrialWire } from "../../../../server/src/api/contract.ts";
import { countOf } from "../../lib/numbers.ts";
import { receiptReasonWords } from "../../lib/receipt-words.ts";
import { Badge } from "../../ui/badge.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Panel } from "../../ui/page-header.tsx";
import styles from "./integrations.module.css";

type Side = TrialWire["receipts"][number]["present"];

/** True when a mapping reads none of the last payloads, or fewer than are read now. */
export function readsTooLittle({ tried, readable_before: before, readable_after: after }: TrialWire): boolean {
  return tried > 0 && (after === 0 || after < before);
}

/** How much less is read, in a sentence. */
export function tooLittleWords({ tried, readable_before: before, readable_after: after }: TrialWire): string {
  const last = tried === 1 ? "the last payload" : `the last ${countOf(tried, "payload")}`;
  if (after === 0) return tried === 1 ? `It cannot read ${last}.` : `It reads none of ${last}.`;
  return `It reads ${after} of ${last}; ${before} are read now.`;
}

/** What the last payloads would become, beside what they become now. */
export function TrialResult({ result, isOld }: { readonly result: TrialWire; readonly isOld: boolean }) {
  const { tried, different, readable_before: before, readable_after: after, receipts } = result;
  const isWorse = readsTooLittle(result);
  return (
    <Panel title={isOld ? "Result of an earlier text" : "Result"}>
      <div className={styles.form} aria-live="polite">
        {tried === 0 ? (
          <p>There is no payload to try it on yet. Send a sample, then try again.</p>
        ) : (
          <p>
            <Badge tone={isWorse ? "critical" : "good"} icon={isWorse ? TriangleAlert : CircleCheck}>
              {after === tried
                ? `Reads your last ${countOf(tried, "payload")}`
                : `Reads ${after} of your last ${countOf(tried, "payload")}`}
            </Badge>{" "}
            {before} {before === 1 ? "is" : "are"} read now;{" "}
            {different === 0 ? "nothing would differ" : `${different} would become something else`}.
          </p>
        )}
        {isWorse ? <p role="alert">{tooLittleWords(result)} Look at the rows below before it is saved.</p> : null}
        {receipts.length === 0 ? null : (
          <section className={styles.scroll} tabIndex={0} aria-label="Payloads that were tried">
            <table className={styles.table}>
              <thead>
                <tr>
                  <th scope="col">Received</th>
                  <th scope="col">Now</th>
                  <th scope="col">Would become</th>
                  <th scope="col">Differs in</th>
                </tr>
              </thead>
              <tbody>
                {receipts.map(({ receipt_id: receiptId, received_at: at, present, proposed, differences }) => (
                  <tr key={receiptId}>
                    <td>
                      <Link to="/receipts/$receiptId" params={{ receiptId }}>
                        <Moment at={at} />
                      </Link>
                    </td>
                    <td>
                      <SideWords side={present} />
                    </td>
                    <td>
                      <SideWords side={proposed} />
                    </td>
                    <td>{differences.length === 0 ? "nothing" : differences.join(", ").replaceAll("_", " ")}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        )}
      </div>
    </Panel>
  );
}

function SideWords({ side }: { readonly side: Side }) {
  const [first] = side.signals;
  if (first === undefined) {
    return (
      <span>
        {side.status === "quarantined" ? "not understood" : side.status}
        {side.reason === null ? "" : `: ${receiptReasonWords(side.reason)}`}
      </span>
    );
  }
  return (
    <span>
      <strong>{first.title}</strong>
      <br />
      {first.severity}, {first.status}, <code>{first.dedup_key}</code>
      {side.signals.length > 1 ? ` and ${side.signals.length - 1} more` : ""}
    </span>
  );
}
