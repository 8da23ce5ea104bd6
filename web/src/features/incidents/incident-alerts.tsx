import type { AlertWire, IncidentWire } from "../../../../server/src/api/contract.ts";
import { useList } from "../../lib/list.ts";
import { countOf } from "../../lib/numbers.ts";
import { FiringBadge, SeverityBadge } from "../../ui/badge.tsx";
import { EntityLink } from "../../ui/entity-link.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { LoadMore } from "../../ui/load-more.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Panel } from "../../ui/page-header.tsx";
import { PanelSkeleton } from "../../ui/skeletons.tsx";
import styles from "./incident.module.css";

/** The alerts that an incident is made of. */
export function IncidentAlerts({ incident }: { readonly incident: IncidentWire }) {
  const list = useList<AlertWire>({ noun: "alerts", path: "/alerts", query: { incident_id: incident.id } });
  if (list.error !== null) return <ErrorPanel error={list.error} onRetry={list.retry} />;
  if (list.rows === null) return <PanelSkeleton label="its alerts" />;
  if (list.rows.length === 0) {
    return (
      <Panel>
        <p className="ow-dim">
          {incident.merged_into_id === null
            ? "It has no alerts: somebody opened it by hand."
            : "Its alerts moved into the incident that it was merged into."}
        </p>
      </Panel>
    );
  }
  return (
    <Panel isFlush>
      {list.rows.map((alert) => (
        <div key={alert.id} className={styles.alert}>
          <FiringBadge status={alert.status} isQuiet />
          <EntityLink entity="alert" id={alert.id} className={styles.alertTitle}>
            {alert.title}
          </EntityLink>
          <SeverityBadge severity={alert.severity} isQuiet />
          <span className={styles.alertFacts}>
            <span>
              first <Moment at={alert.first_seen_at} />
            </span>
            <span>
              last <Moment at={alert.last_seen_at} />
            </span>
            <span>{countOf(alert.signal_count, "signal")}</span>
            <code title="What makes two signals the same alert">{alert.dedup_key}</code>
          </span>
        </div>
      ))}
      <LoadMore hasMore={list.hasMore} isReading={list.isReadingMore} onMore={list.readMore} />
    </Panel>
  );
}
