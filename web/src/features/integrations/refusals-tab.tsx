import { ShieldCheck } from "lucide-react";
import type { IntegrationWire, RefusalWire } from "../../../../server/src/api/contract.ts";
import { useList } from "../../lib/list.ts";
import { formatBytes } from "../../lib/numbers.ts";
import { useRefresh } from "../../lib/refresh.ts";
import { useIsAllowed } from "../../lib/session.ts";
import { Badge } from "../../ui/badge.tsx";
import { Copyable } from "../../ui/copy-button.tsx";
import { DefinitionList } from "../../ui/definition-list.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { LoadMore } from "../../ui/load-more.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Panel } from "../../ui/page-header.tsx";
import { PanelSkeleton } from "../../ui/skeletons.tsx";
import styles from "./integrations.module.css";
import { refusalFacts } from "./refusal-facts.ts";

const CODE_WORDS: Readonly<Record<string, string>> = {
  WEBHOOK_VALIDATION_FAILED: "Not believed",
  RATE_LIMITED: "Too many",
  PAYLOAD_TOO_LARGE: "Too large",
  SOURCE_NOT_ALLOWED: "Address not allowed",
  INTEGRATION_DISABLED: "Integration disabled",
  QUARANTINE_FULL: "Too many not understood",
};

const REASON_WORDS: Readonly<Record<string, string>> = {
  missing: "the proof is missing",
  malformed: "the proof is not in its form",
  mismatch: "the proof does not fit",
  expired: "its time is too far off",
};

const REFRESH_MS = 5_000;
const nothing = (): void => undefined;

/** The last webhooks that were refused, with what is wrong, for administrators. */
export function RefusalsTab({ integration }: { readonly integration: IntegrationWire }) {
  const isAdmin = useIsAllowed("admin");
  const path = `/integrations/${integration.id}/refusals`;
  const list = useList<RefusalWire>({ noun: "refusals", path, query: {}, isEnabled: isAdmin });
  useRefresh(isAdmin ? list.retry : nothing, REFRESH_MS);
  if (!isAdmin) {
    return (
      <EmptyState icon={ShieldCheck} title="For administrators">
        Why webhooks were refused tells something of their secrets, so only administrators see it.
      </EmptyState>
    );
  }
  if (list.error !== null) return <ErrorPanel error={list.error} onRetry={list.retry} />;
  if (list.rows === null) return <PanelSkeleton label="the refusals" />;
  if (list.rows.length === 0) {
    return (
      <EmptyState icon={ShieldCheck} title="Nothing was refused" mood="calm">
        When a webhook is refused, what was wrong with it stands here: a proof that is missing or does not fit, an
        address that is not allowed, a body that is too large.
      </EmptyState>
    );
  }
  return (
    <Panel title="Refused, newest first" isFlush>
      <p className={styles.small} style={{ padding: "10px 16px 0" }}>
        A sample of the last 50, without bodies. Of what was computed four characters are shown, of a secret the last
        two.
      </p>
      {list.rows.map((refusal) => (
        <Refusal key={refusal.id} refusal={refusal} />
      ))}
      <LoadMore hasMore={list.hasMore} isReading={list.isReadingMore} onMore={list.readMore} />
    </Panel>
  );
}

function Refusal({ refusal }: { readonly refusal: RefusalWire }) {
  const { code, status, reason, problems, details, source_ip: address, body_bytes: bytes } = refusal;
  const facts = refusalFacts(details);
  return (
    <article className={styles.refusal}>
      <div className={styles.refusalHead}>
        <Badge tone="critical">{CODE_WORDS[code] ?? code}</Badge>
        <strong>{reason === null ? "" : (REASON_WORDS[reason] ?? reason)}</strong>
        <span className="ow-dim">
          answered {status} · <Moment at={refusal.at} />
        </span>
      </div>
      {problems.length === 0 ? null : (
        <ul className={styles.problems}>
          {problems.map((problem) => (
            <li key={problem}>{problem}</li>
          ))}
        </ul>
      )}
      <p className={styles.small}>
        {address === null ? null : (
          <>
            From <code>{address}</code> ·{" "}
          </>
        )}
        {bytes === null ? null : `${formatBytes(bytes)} · `}
        <code>{code}</code> · request <Copyable text={refusal.request_id} label="Copy the request's id" />
      </p>
      {facts.length === 0 ? null : (
        <DefinitionList entries={facts.map(({ name, value }) => [name, <code key={name}>{value}</code>] as const)} />
      )}
    </article>
  );
}
