import { useQuery } from "@tanstack/react-query";
import type { FullReceiptWire, PreviewWire } from "../../../../server/src/api/contract.ts";
import { change } from "../../lib/api.ts";
import { receiptReasonWords } from "../../lib/receipt-words.ts";
import { useIsAllowed } from "../../lib/session.ts";
import { SeverityBadge } from "../../ui/badge.tsx";
import { DefinitionList } from "../../ui/definition-list.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { ExternalLink } from "../../ui/external-link.tsx";
import { JsonViewer } from "../../ui/json-viewer.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Panel } from "../../ui/page-header.tsx";
import { PanelSkeleton } from "../../ui/skeletons.tsx";
import { readBody } from "./receipt-body.ts";
import styles from "./receipts.module.css";

/** The body beside the fields that are made of it now. */
export function ReadView({ receipt }: { readonly receipt: FullReceiptWire }) {
  const mayTry = useIsAllowed("responder");
  const { integration_id: integrationId, body, headers, id } = receipt;
  const preview = useQuery({
    queryKey: ["receipt-preview", id],
    queryFn: () => change<PreviewWire>("POST", `/integrations/${integrationId}/preview`, { body, headers }),
    enabled: mayTry && body !== null,
    retry: false,
  });
  const read = readBody(receipt);
  if (!mayTry || body === null) {
    return (
      <Panel title="How it was read">
        <p className="ow-dim">
          {body === null
            ? "The body is no text, so nothing could be read from it."
            : "What was made of it stands below. Responders also see every field as it is read now."}
        </p>
      </Panel>
    );
  }
  if (preview.error !== null) return <ErrorPanel error={preview.error} onRetry={() => void preview.refetch()} />;
  if (preview.data === undefined) return <PanelSkeleton label="how it is read" />;
  return (
    <div style={{ display: "grid", gap: 16 }}>
      <Panel title="Read by the present settings">
        <PreviewResult preview={preview.data} />
      </Panel>
      {read.kind === "json" ? <JsonViewer label="Body" value={read.value} raw={read.text} /> : null}
    </div>
  );
}

/** What a payload is read as, field by field, and what it would do. */
export function PreviewResult({ preview }: { readonly preview: PreviewWire }) {
  const { status, reason, variant, warnings, signals } = preview;
  return (
    <div className={styles.story}>
      {status === "processed" ? null : (
        <p>
          {status === "ignored" ? "It would be ignored." : "It could not be read."} {receiptReasonWords(reason)}
        </p>
      )}
      {variant === null ? null : (
        <p className={styles.small}>
          Recognised as <code>{variant}</code>
        </p>
      )}
      {warnings.map((warning) => (
        <p key={warning} className={styles.warning}>
          {warning}
        </p>
      ))}
      {signals.map((signal, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a preview never moves
        <div key={index} className={styles.signal}>
          <DefinitionList
            entries={[
              ["Title", <strong key="title">{signal.title}</strong>],
              ["Status", signal.status],
              ["Severity", <SeverityBadge key="severity" severity={signal.severity} />],
              ["Description", signal.description === "" ? "–" : signal.description],
              ["Dedup key", <code key="key">{signal.dedup_key}</code>],
              ["Made of", <code key="from">{signal.dedup_key_from.join(", ")}</code>],
              ["Group", <code key="group">{signal.group_key}</code>],
              ["Source time", <Moment key="time" at={signal.source_time} isExact />],
              ["Labels", <Labels key="labels" labels={signal.labels} />],
              ["Links", <Links key="links" links={signal.links} />],
              ["Would do", signal.effect],
            ]}
          />
        </div>
      ))}
    </div>
  );
}

function Labels({ labels }: { readonly labels: Readonly<Record<string, string>> }) {
  const entries = Object.entries(labels);
  if (entries.length === 0) return "–";
  return (
    <ul className={styles.list}>
      {entries.map(([name, value]) => (
        <li key={name}>
          <code>
            {name}={value}
          </code>
        </li>
      ))}
    </ul>
  );
}

function Links({ links }: { readonly links: PreviewWire["signals"][number]["links"] }) {
  if (links.length === 0) return "–";
  return (
    <ul className={styles.list}>
      {links.map((link) => {
        const href = typeof link.href === "string" ? link.href : "";
        return (
          <li key={href}>
            <ExternalLink href={href} text={typeof link.text === "string" ? link.text : href} />
          </li>
        );
      })}
    </ul>
  );
}
