import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { CircleCheck, SearchX } from "lucide-react";
import { useMemo, useState } from "react";
import type { IncidentWire } from "../../../../server/src/api/contract.ts";
import { apiCurl } from "../../lib/api-curl.ts";
import { useIntegrationNames } from "../../lib/integration-names.ts";
import { late } from "../../lib/late.tsx";
import { useList } from "../../lib/list.ts";
import { useLiveEvents } from "../../lib/live.ts";
import { useIsAllowed } from "../../lib/session.ts";
import { useShortcut } from "../../lib/shortcuts.ts";
import { DataTable } from "../../ui/data-table.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { FacetedList } from "../../ui/facets.tsx";
import { LinkButton } from "../../ui/link-button.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { focusedRowKey } from "../../ui/row-keys.ts";
import { TableSkeleton } from "../../ui/skeletons.tsx";
import type { ActionDialogKind } from "./action-dialogs.tsx";
import { BulkBar } from "./bulk-bar.tsx";
import { useIncidentActions } from "./incident-actions.ts";
import { createIncidentFeed, incidentOf } from "./incident-cache.ts";
import { incidentColumns, stripeOf } from "./incident-columns.tsx";
import { IncidentFacets, IncidentFilterBar } from "./incident-filters.tsx";
import { type IncidentSearch, isFiltered, queryOf } from "./incident-search.ts";
import styles from "./incidents.module.css";

const ActionDialog = late(() => import("./action-dialogs.tsx").then((module) => module.ActionDialog));
const route = getRouteApi("/console/incidents");
const NEW_ON = ["incident.created", "incident.reopened"];
const NONE: ReadonlySet<string> = new Set();

/** The list of incidents. */
export function IncidentsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const setSearch = (changes: Partial<IncidentSearch>): void =>
    void navigate({ search: (before) => ({ ...before, ...changes }), replace: true });
  const clear = (): void => void navigate({ search: ({ sort }) => ({ sort }), replace: true });
  return (
    <>
      <PageHeader title="Incidents" description="What is wrong now, and what was." />
      <IncidentFilterBar search={search} onChange={setSearch} onClear={clear} />
      <FacetedList facets={<IncidentFacets search={search} onChange={setSearch} />}>
        <IncidentList search={search} onClear={clear} />
      </FacetedList>
    </>
  );
}

function IncidentList({ search, onClear }: { readonly search: IncidentSearch; readonly onClear: () => void }) {
  const client = useQueryClient();
  const canAct = useIsAllowed("responder");
  const sources = useIntegrationNames();
  const columns = useMemo(() => incidentColumns(sources), [sources]);
  const [selected, setSelected] = useState<ReadonlySet<string>>(NONE);
  const [dialog, setDialog] = useState<ActionDialogKind | null>(null);
  const act = useIncidentActions();
  const query = { ...queryOf(search), sort: search.sort };
  const list = useList<IncidentWire>({ noun: "incidents", path: "/incidents", query, newOn: NEW_ON, keepsRows: true });
  // A row that is shown says how it stands now; that it may belong elsewhere is seen at the next look.
  const feed = useMemo(() => createIncidentFeed(client), [client]);
  useLiveEvents(["incident."], (event) => {
    const incident = incidentOf(event);
    if (incident !== null) feed(incident);
  });
  const targets = (): readonly string[] => {
    const focused = focusedRowKey();
    return selected.size > 0 ? [...selected] : focused === null ? [] : [focused];
  };
  const run = async (action: "acknowledge" | "resolve" | "unsnooze"): Promise<void> => {
    if (await act(targets(), { action })) setSelected(NONE);
  };
  useShortcut("a", "This page", "Acknowledge the selected or focused", () => void run("acknowledge"), canAct);
  useShortcut("r", "This page", "Resolve the selected or focused", () => void run("resolve"), canAct);
  useShortcut("e", "This page", "Assign the selected or focused", () => openAssign(), canAct);
  const openAssign = (): void => {
    const ids = targets();
    if (ids.length === 0) return;
    setSelected(new Set(ids));
    setDialog("assign");
  };

  if (list.error !== null) return <ErrorPanel error={list.error} onRetry={list.retry} />;
  if (list.rows === null || (list.isStale && list.rows.length === 0)) {
    return (
      <div className={styles.list}>
        <TableSkeleton label="incidents" />
      </div>
    );
  }
  return (
    <>
      <div className={styles.list}>
        {list.rows.length === 0 && list.newCount === 0 ? (
          <Nothing search={search} onClear={onClear} />
        ) : (
          <DataTable
            label="Incidents"
            rows={list.rows}
            isStale={list.isStale}
            columns={columns}
            rowKey={({ id }) => id}
            rowName={({ number, title }) => `#${number} ${title}`}
            stripe={stripeOf}
            {...(canAct ? { selection: { keys: selected, change: setSelected } } : {})}
            newCount={list.newCount}
            onShowNew={list.showNew}
            hasMore={list.hasMore}
            onMore={list.readMore}
            isReadingMore={list.isReadingMore}
          />
        )}
      </div>
      <BulkBar
        count={selected.size}
        hasSnoozed={list.rows.some(({ id, snoozed_until: until }) => until !== null && selected.has(id))}
        onAct={(action) => void run(action)}
        onDialog={setDialog}
        onClear={() => setSelected(NONE)}
      />
      <ActionDialog
        isOpen={dialog !== null}
        kind={dialog}
        ids={[...selected]}
        onClose={() => setDialog(null)}
        onDone={() => setSelected(NONE)}
      />
    </>
  );
}

function Nothing({ search, onClear }: { readonly search: IncidentSearch; readonly onClear: () => void }) {
  if (isFiltered(search)) {
    return (
      <EmptyState
        icon={SearchX}
        title="No incident is like that"
        action={
          <Button variant="default" onClick={onClear}>
            Clear the filters
          </Button>
        }
      >
        Nothing matches these filters now. The view stays; what comes to match it shows up here.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={CircleCheck}
      mood="calm"
      title="All quiet"
      command={apiCurl("/incidents", { title: "Disk full on db-1", severity: "high" })}
      action={
        <LinkButton to="/incidents" search={{ status: ["resolved"] }} variant="default">
          Resolved incidents
        </LinkButton>
      }
    >
      No incident is unresolved. Alerts that integrations receive become incidents and appear here by themselves.
    </EmptyState>
  );
}
