import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Equal } from "lucide-react";
import type { FullReceiptWire, PreviousReceiptWire } from "../../../../server/src/api/contract.ts";
import { get } from "../../lib/api.ts";
import { jsonDifferences } from "../../lib/json-difference.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Panel } from "../../ui/page-header.tsx";
import { PanelSkeleton } from "../../ui/skeletons.tsx";
import { readBody } from "./receipt-body.ts";
import styles from "./receipts.module.css";

/** What differs from the receipt before it, of the same alert where there is one. */
export function DifferenceView({ receipt }: { readonly receipt: FullReceiptWire }) {
  const previous = useQuery({
    queryKey: ["receipt-previous", receipt.id],
    queryFn: ({ signal }) => get<PreviousReceiptWire>(`/receipts/${receipt.id}/previous`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (previous.error !== null) return <ErrorPanel error={previous.error} onRetry={() => void previous.refetch()} />;
  if (previous.data === undefined) return <PanelSkeleton label="the receipt before" />;
  const { match, receipt: before } = previous.data;
  if (before === null) {
    return (
      <Panel title="Difference">
        <EmptyState icon={Equal} title="There is none before it" mood="calm">
          This is the first receipt of its integration that is kept.
        </EmptyState>
      </Panel>
    );
  }
  return (
    <Panel title="Difference">
      <p className={styles.small}>
        Compared with{" "}
        <Link to="/receipts/$receiptId" params={{ receiptId: before.id }}>
          the receipt of <Moment at={before.received_at} isExact />
        </Link>
        {match === "alert" ? ", the one before of the same alert." : ", the one before of the same integration."}
      </p>
      <Places before={before} after={receipt} />
    </Panel>
  );
}

type Compared = Pick<FullReceiptWire, "body" | "body_base64">;

function Places({ before, after }: { readonly before: Compared; readonly after: Compared }) {
  if (before.body_base64 === after.body_base64) return <p>The two bodies are the same, byte by byte.</p>;
  const old = readBody(before);
  const next = readBody(after);
  if (old.kind !== "json" || next.kind !== "json") {
    return <p>The bodies differ, and at least one of them is no JSON, so they are not compared place by place.</p>;
  }
  const places = jsonDifferences(old.value, next.value);
  if (places.length === 0) return <p>The two bodies say the same; only how they are written differs.</p>;
  return (
    <section className={styles.scroll} tabIndex={0} aria-label="Places that differ">
      <table className={styles.changes}>
        <thead>
          <tr>
            <th scope="col">Place</th>
            <th scope="col">Before</th>
            <th scope="col">This one</th>
          </tr>
        </thead>
        <tbody>
          {places.map(({ path, before: was, after: is }) => (
            <tr key={path}>
              <th scope="row">
                <code>{path}</code>
              </th>
              <td data-side="before">{was === undefined ? "not there" : JSON.stringify(was)}</td>
              <td data-side="after">{is === undefined ? "not there" : JSON.stringify(is)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
