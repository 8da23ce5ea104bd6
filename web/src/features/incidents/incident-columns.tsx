import { BellOff, Repeat2 } from "lucide-react";
import type { IncidentWire } from "../../../../server/src/api/contract.ts";
import type { IntegrationName } from "../../lib/integration-names.ts";
import { formatCompact } from "../../lib/numbers.ts";
import { SeverityBadge, StatusBadge } from "../../ui/badge.tsx";
import type { Column } from "../../ui/data-table.tsx";
import { EntityLink } from "../../ui/entity-link.tsx";
import { Age, Moment } from "../../ui/moment.tsx";
import { SourceName } from "../../ui/source-name.tsx";
import styles from "./incidents.module.css";

/** The columns of lists of incidents. */
export function incidentColumns(sources: ReadonlyMap<string, IntegrationName>): readonly Column<IncidentWire>[] {
  return [
    {
      id: "severity",
      header: "Severity",
      width: "92px",
      isSelfNamed: true,
      cell: ({ severity }) => <SeverityBadge severity={severity} isQuiet />,
    },
    {
      id: "title",
      header: "Incident",
      width: "minmax(220px, 1fr)",
      isMain: true,
      cutsItself: true,
      cell: (row) => <Title row={row} />,
    },
    {
      id: "status",
      header: "Status",
      width: "120px",
      isSelfNamed: true,
      cell: ({ status }) => <StatusBadge status={status} isQuiet />,
    },
    {
      id: "source",
      header: "Source",
      width: "minmax(90px, 0.45fr)",
      isWideOnly: true,
      isOnCards: true,
      isSelfNamed: true,
      cutsItself: true,
      cell: (row) => <SourceName source={row.integration_id === null ? null : sources.get(row.integration_id)} />,
    },
    {
      id: "alerts",
      header: "Alerts",
      width: "64px",
      align: "end",
      cell: (row) => (
        <span
          className="ow-number"
          title={`${row.firing_count} firing of ${row.alert_count}, ${row.signal_count} signals`}
        >
          {formatCompact(row.firing_count)}
          <span className="ow-dim">/{formatCompact(row.alert_count)}</span>
        </span>
      ),
    },
    {
      id: "assignee",
      header: "Assignee",
      width: "minmax(80px, 110px)",
      isWideOnly: true,
      cell: ({ assignee }) => (assignee === null ? <span className="ow-dim">Nobody</span> : assignee),
    },
    { id: "age", header: "Age", width: "56px", align: "end", cell: ({ created_at }) => <Age since={created_at} /> },
    {
      id: "updated",
      header: "Last event",
      width: "92px",
      align: "end",
      isWideOnly: true,
      isOnCards: true,
      cell: ({ updated_at }) => <Moment at={updated_at} />,
    },
  ];
}

/** The colour at the edge of a row. */
export function stripeOf({ severity, status }: IncidentWire): string {
  return status === "resolved" ? "transparent" : `var(--ow-stripe-${severity})`;
}

function Title({ row }: { readonly row: IncidentWire }) {
  return (
    <span className={styles.title}>
      <EntityLink entity="incident" id={row.id} className={styles.titleLink} title={row.title}>
        {row.title}
      </EntityLink>
      <span className={styles.number}>#{row.number}</span>
      {row.flapping ? (
        <span title="Flapping: it changes state all the time">
          <Repeat2 size={14} aria-label="Flapping" />
        </span>
      ) : null}
      {row.snoozed_until === null ? null : (
        <span title="Snoozed">
          <BellOff size={14} aria-label="Snoozed" />
        </span>
      )}
    </span>
  );
}
