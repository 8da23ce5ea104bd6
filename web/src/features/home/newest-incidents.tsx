import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { IncidentWire, Page } from "../../../../server/src/api/contract.ts";
import { get } from "../../lib/api.ts";
import { useIntegrationNames } from "../../lib/integration-names.ts";
import { SeverityBadge, StatusBadge } from "../../ui/badge.tsx";
import { EntityLink } from "../../ui/entity-link.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { Age } from "../../ui/moment.tsx";
import { Panel } from "../../ui/page-header.tsx";
import { TableSkeleton } from "../../ui/skeletons.tsx";
import { SourceName } from "../../ui/source-name.tsx";
import styles from "./home.module.css";

const SHOWN = 8;

/** The worst unresolved incidents. */
export function NewestIncidents() {
  const sources = useIntegrationNames();
  const worst = useQuery({
    queryKey: ["overview", "worst"],
    queryFn: ({ signal }) =>
      get<Page<IncidentWire>>("/incidents", {
        query: { status: ["open", "acknowledged"], sort: "severity", limit: SHOWN },
        signal,
      }),
  });
  return (
    <Panel title="Worst unresolved incidents" isFlush actions={<Link to="/incidents">All incidents</Link>}>
      {worst.error === null ? null : <ErrorPanel error={worst.error} onRetry={() => void worst.refetch()} />}
      {worst.data === undefined && worst.error === null ? <TableSkeleton label="incidents" rows={4} /> : null}
      {worst.data?.data.length === 0 ? (
        <p className={styles.quiet}>Nothing is wrong that Overwatch knows of. Enjoy it.</p>
      ) : null}
      <ul className={styles.incidents}>
        {worst.data?.data.map(({ id, number, title, severity, status, integration_id, created_at }) => (
          <li key={id} style={{ borderInlineStartColor: `var(--ow-stripe-${severity})` }}>
            <SeverityBadge severity={severity} isQuiet />
            <EntityLink entity="incident" id={id} className={styles.incidentTitle}>
              <span className="ow-dim">#{number}</span> {title}
            </EntityLink>
            <span className={styles.incidentSource}>
              <SourceName source={integration_id === null ? null : sources.get(integration_id)} />
            </span>
            <StatusBadge status={status} isQuiet />
            <Age since={created_at} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}
