import { Button } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { BellOff, SearchX } from "lucide-react";
import { useMemo } from "react";
import type { AlertWire } from "../../../../server/src/api/contract.ts";
import { apiCurl } from "../../lib/api-curl.ts";
import { type IntegrationName, useIntegrationNames } from "../../lib/integration-names.ts";
import { useList } from "../../lib/list.ts";
import { formatCompact } from "../../lib/numbers.ts";
import { FiringBadge, SeverityBadge } from "../../ui/badge.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { EntityLink } from "../../ui/entity-link.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { FacetedList } from "../../ui/facets.tsx";
import { LinkButton } from "../../ui/link-button.tsx";
import { Age, Moment } from "../../ui/moment.tsx";
import { PageHeader, Panel } from "../../ui/page-header.tsx";
import { TableSkeleton } from "../../ui/skeletons.tsx";
import { SourceName } from "../../ui/source-name.tsx";
import { AlertFacets, AlertFilterBar } from "./alert-filters.tsx";
import { type AlertSearch, isFiltered, queryOf } from "./alert-search.ts";
import { useFreshRows } from "./fresh-rows.ts";

const route = getRouteApi("/console/alerts");
const NEW_ON = ["incident.created", "incident.reopened"];

/** The list of alerts. */
export function AlertsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const sources = useIntegrationNames();
  const setSearch = (changes: Partial<AlertSearch>): void =>
    void navigate({ search: (before) => ({ ...before, ...changes }), replace: true });
  const clear = (): void => void navigate({ search: {}, replace: true });
  return (
    <>
      <PageHeader
        title="Alerts"
        description="Single conditions as their sources see them. Overwatch folds them into incidents."
      />
      <AlertFilterBar search={search} onChange={setSearch} onClear={clear} />
      <FacetedList facets={<AlertFacets search={search} onChange={setSearch} />}>
        <AlertList search={search} sources={sources} isFiltered={isFiltered(search)} onClear={clear} />
      </FacetedList>
    </>
  );
}

type AlertListProps = {
  readonly search: AlertSearch;
  readonly sources: ReadonlyMap<string, IntegrationName>;
  readonly isFiltered: boolean;
  readonly onClear: () => void;
};

function AlertList({ search, sources, isFiltered: isNarrowed, onClear }: AlertListProps) {
  const list = useList<AlertWire>({ noun: "alerts", path: "/alerts", query: queryOf(search), newOn: NEW_ON });
  useFreshRows(list);
  const columns = useMemo(() => alertColumns(sources), [sources]);
  if (list.error !== null) return <ErrorPanel error={list.error} onRetry={list.retry} />;
  if (list.rows === null) {
    return (
      <Panel isFlush>
        <TableSkeleton label="alerts" />
      </Panel>
    );
  }
  return (
    <Panel isFlush>
      {list.rows.length > 0 || list.newCount > 0 ? (
        <DataTable
          label="Alerts"
          rows={list.rows}
          columns={columns}
          rowKey={({ id }) => id}
          rowName={({ title }) => title}
          stripe={({ severity, status }) => (status === "firing" ? `var(--ow-stripe-${severity})` : "transparent")}
          newCount={list.newCount}
          onShowNew={list.showNew}
          hasMore={list.hasMore}
          onMore={list.readMore}
          isReadingMore={list.isReadingMore}
        />
      ) : isNarrowed ? (
        <EmptyState
          icon={SearchX}
          title="No alert is like that"
          action={
            <Button variant="default" onClick={onClear}>
              Clear the filters
            </Button>
          }
        >
          Nothing matches these filters now.
        </EmptyState>
      ) : (
        <EmptyState
          icon={BellOff}
          mood="calm"
          title="Nothing fires"
          command={apiCurl("/integrations/$INTEGRATION_ID/test")}
          action={
            <LinkButton to="/alerts" search={{ status: ["resolved"] }} variant="default">
              Resolved alerts
            </LinkButton>
          }
        >
          Every condition that a source reported is over. New alerts come in through integrations, as their samples do.
        </EmptyState>
      )}
    </Panel>
  );
}

function alertColumns(sources: ReadonlyMap<string, IntegrationName>): readonly Column<AlertWire>[] {
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
      header: "Alert",
      width: "minmax(220px, 1fr)",
      isMain: true,
      cell: ({ id, title }) => (
        <EntityLink entity="alert" id={id}>
          {title}
        </EntityLink>
      ),
    },
    {
      id: "status",
      header: "Status",
      width: "96px",
      isSelfNamed: true,
      cell: ({ status }) => <FiringBadge status={status} isQuiet />,
    },
    {
      id: "source",
      header: "Source",
      width: "minmax(90px, 160px)",
      isWideOnly: true,
      isOnCards: true,
      isSelfNamed: true,
      cell: (row) => <SourceName source={sources.get(row.integration_id)} />,
    },
    {
      id: "signals",
      header: "Signals",
      width: "72px",
      align: "end",
      cell: ({ signal_count }) => <span className="ow-number">{formatCompact(signal_count)}</span>,
    },
    {
      id: "age",
      header: "Firing for",
      width: "80px",
      align: "end",
      cell: ({ firing_since }) => <Age since={firing_since} />,
    },
    {
      id: "seen",
      header: "Last signal",
      width: "96px",
      align: "end",
      cell: ({ last_seen_at }) => <Moment at={last_seen_at} />,
    },
  ];
}
