import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { SearchX } from "lucide-react";
import { useMemo } from "react";
import type { IncidentWire } from "../../../../server/src/api/contract.ts";
import { ApiFailure, get } from "../../lib/api.ts";
import { late } from "../../lib/late.tsx";
import { usePaletteEntries } from "../../lib/palette.ts";
import { useIsAllowed } from "../../lib/session.ts";
import { useShortcut } from "../../lib/shortcuts.ts";
import { SeverityBadge, StatusBadge } from "../../ui/badge.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { LinkButton } from "../../ui/link-button.tsx";
import { Columns, PageHeader } from "../../ui/page-header.tsx";
import { PanelSkeleton } from "../../ui/skeletons.tsx";
import { UrlTabs } from "../../ui/url-tabs.tsx";
import styles from "./incident.module.css";
import { useIncidentActions } from "./incident-actions.ts";
import { IncidentAlerts } from "./incident-alerts.tsx";
import { HeaderActions, ThumbBar } from "./incident-buttons.tsx";
import { shownIncidents } from "./incident-cache.ts";
import { IncidentDeliveries } from "./incident-deliveries.tsx";
import type { IncidentPageSearch } from "./incident-search.ts";
import { IncidentSide } from "./incident-side.tsx";
import { IncidentTimeline } from "./incident-timeline.tsx";
import { IncidentWhy } from "./incident-why.tsx";

const EditDialog = late(() => import("./edit-dialog.tsx").then((module) => module.EditDialog));
const ActionDialog = late(() => import("./action-dialogs.tsx").then((module) => module.ActionDialog));
const route = getRouteApi("/console/incidents/$incidentId");

/** One incident: what it is, what happened, what can be done. */
export function IncidentPage() {
  const { incidentId } = route.useParams();
  const client = useQueryClient();
  const incident = useQuery({
    queryKey: ["incident", incidentId],
    queryFn: ({ signal }) => get<IncidentWire>(`/incidents/${incidentId}`, { signal }),
    // Whoever comes from the list sees at once what stood there.
    placeholderData: () => shownIncidents(client, [incidentId])[0],
  });
  if (incident.data !== undefined) return <IncidentView incident={incident.data} />;
  if (incident.error === null) {
    return (
      <>
        <PageHeader title="Incident" back={{ to: "/incidents", label: "Incidents" }} />
        <PanelSkeleton label="the incident" lines={6} />
      </>
    );
  }
  const isGone = incident.error instanceof ApiFailure && [404, 422].includes(incident.error.status);
  return (
    <>
      <PageHeader title="Incident" back={{ to: "/incidents", label: "Incidents" }} />
      {isGone ? (
        <EmptyState
          icon={SearchX}
          title="There is no such incident"
          action={<LinkButton to="/incidents">All incidents</LinkButton>}
        >
          The address may be mistyped, or the incident was removed when its time of retention ended.
        </EmptyState>
      ) : (
        <ErrorPanel error={incident.error} onRetry={() => void incident.refetch()} />
      )}
    </>
  );
}

function IncidentView({ incident }: { readonly incident: IncidentWire }) {
  const { tab = "timeline", dialog } = route.useSearch();
  const navigate = route.useNavigate();
  const canAct = useIsAllowed("responder");
  const act = useIncidentActions();
  const ids = useMemo(() => [incident.id], [incident.id]);
  const openDialog = (kind: IncidentPageSearch["dialog"]): void =>
    void navigate({ search: (before) => ({ ...before, dialog: kind }), replace: kind === undefined });
  const isResolved = incident.status === "resolved";
  const acknowledge = (): void =>
    void act(ids, { action: incident.status === "acknowledged" ? "unacknowledge" : "acknowledge" });
  const isMerged = incident.merged_into_id !== null;
  const resolve = (): void => void act(ids, { action: isMerged ? "unmerge" : isResolved ? "reopen" : "resolve" });
  useShortcut("a", "This page", "Acknowledge", acknowledge, canAct && !isResolved);
  useShortcut("r", "This page", isMerged ? "Take the merge back" : isResolved ? "Reopen" : "Resolve", resolve, canAct);
  useShortcut("e", "This page", "Edit title and severity", () => openDialog("edit"), canAct);
  useIncidentEntries(canAct, acknowledge, resolve, openDialog);
  const buttons = { incident, onAcknowledge: acknowledge, onResolve: resolve, onDialog: openDialog };
  return (
    <>
      <PageHeader
        title={`#${incident.number} ${incident.title}`}
        heading={
          <>
            <span className={styles.number}>#{incident.number}</span> {incident.title}
          </>
        }
        back={{ to: "/incidents", label: "Incidents" }}
        description={
          <span className={styles.badges}>
            <SeverityBadge severity={incident.severity} />
            <StatusBadge status={incident.status} />
          </span>
        }
        actions={<HeaderActions {...buttons} canAct={canAct} />}
      />
      <Columns
        main={
          <div>
            <UrlTabs
              label="Parts of the incident"
              current={tab}
              tabs={[
                { id: "timeline", label: "Timeline" },
                { id: "alerts", label: `Alerts (${incident.alert_count})` },
                { id: "deliveries", label: "Deliveries" },
                { id: "why", label: "Why it exists" },
              ]}
            />
            {tab === "timeline" ? <IncidentTimeline incident={incident} canAct={canAct} /> : null}
            {tab === "alerts" ? <IncidentAlerts incident={incident} /> : null}
            {tab === "deliveries" ? <IncidentDeliveries incidentId={incident.id} /> : null}
            {tab === "why" ? <IncidentWhy incidentId={incident.id} /> : null}
          </div>
        }
        side={<IncidentSide incident={incident} />}
      />
      {canAct ? <ThumbBar {...buttons} /> : null}
      <ActionDialog
        isOpen={canAct && dialog !== undefined && dialog !== "edit"}
        kind={canAct && dialog !== undefined && dialog !== "edit" ? dialog : null}
        ids={ids}
        onClose={() => openDialog(undefined)}
        onDone={() => undefined}
      />
      <EditDialog incident={incident} isOpen={canAct && dialog === "edit"} onClose={() => openDialog(undefined)} />
    </>
  );
}

function useIncidentEntries(
  canAct: boolean,
  acknowledge: () => void,
  resolve: () => void,
  openDialog: (kind: IncidentPageSearch["dialog"]) => void,
): void {
  const group = "This incident";
  const entries = canAct
    ? [
        { id: "incident-acknowledge", label: "Acknowledge", hint: "a", group, run: acknowledge },
        { id: "incident-resolve", label: "Resolve", hint: "r", group, run: resolve },
        { id: "incident-assign", label: "Assign …", group, run: () => openDialog("assign") },
        { id: "incident-snooze", label: "Snooze …", group, run: () => openDialog("snooze") },
        { id: "incident-merge", label: "Merge …", group, run: () => openDialog("merge") },
        { id: "incident-edit", label: "Edit …", hint: "e", group, run: () => openDialog("edit") },
      ]
    : [];
  usePaletteEntries("incident", entries);
}
