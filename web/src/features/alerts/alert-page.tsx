import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { SearchX } from "lucide-react";
import type { AlertWire } from "../../../../server/src/api/contract.ts";
import { ApiFailure, get } from "../../lib/api.ts";
import { useIntegrationNames } from "../../lib/integration-names.ts";
import { formatCount } from "../../lib/numbers.ts";
import { FiringBadge, SeverityBadge } from "../../ui/badge.tsx";
import { Copyable } from "../../ui/copy-button.tsx";
import { DefinitionList } from "../../ui/definition-list.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { EntityLink } from "../../ui/entity-link.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { ExternalLink } from "../../ui/external-link.tsx";
import { IncidentLink } from "../../ui/incident-link.tsx";
import { InnerLink } from "../../ui/inner-link.tsx";
import { LinkButton } from "../../ui/link-button.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Columns, PageHeader, Panel } from "../../ui/page-header.tsx";
import { PanelSkeleton } from "../../ui/skeletons.tsx";
import { SourceName } from "../../ui/source-name.tsx";

const route = getRouteApi("/console/alerts/$alertId");
const BACK = { to: "/alerts", label: "Alerts" } as const;

/** One alert: what its source says of the condition, and the incident that it is part of. */
export function AlertPage() {
  const { alertId } = route.useParams();
  const alert = useQuery({
    queryKey: ["alert", alertId],
    queryFn: ({ signal }) => get<AlertWire>(`/alerts/${alertId}`, { signal }),
  });
  if (alert.data !== undefined) return <AlertView alert={alert.data} />;
  const isGone = alert.error instanceof ApiFailure && [404, 422].includes(alert.error.status);
  return (
    <>
      <PageHeader title="Alert" back={BACK} />
      {alert.error === null ? <PanelSkeleton label="the alert" lines={6} /> : null}
      {isGone ? (
        <EmptyState
          icon={SearchX}
          title="There is no such alert"
          action={<LinkButton to="/alerts">All alerts</LinkButton>}
        >
          The address may be mistyped, or the alert was removed when its time of retention ended.
        </EmptyState>
      ) : alert.error === null ? null : (
        <ErrorPanel error={alert.error} onRetry={() => void alert.refetch()} />
      )}
    </>
  );
}

const LONGEST_SEARCH = 200;

/** The receipts of its source that name it; null where its id at the source cannot be searched for. */
function receiptsOf({ external_id: q, integration_id: integration }: AlertWire): string | null {
  if (q === "" || q.length > LONGEST_SEARCH) return null;
  return `/receipts?${new URLSearchParams({ integration, q })}`;
}

function AlertView({ alert }: { readonly alert: AlertWire }) {
  const sources = useIntegrationNames();
  const receipts = receiptsOf(alert);
  return (
    <>
      <PageHeader
        title={alert.title}
        back={BACK}
        description={
          <span style={{ display: "inline-flex", gap: 6, marginTop: 4 }}>
            <SeverityBadge severity={alert.severity} />
            <FiringBadge status={alert.status} />
          </span>
        }
      />
      <Columns
        main={
          <>
            <Panel title="What it says">
              {alert.description === "" ? (
                <p className="ow-dim">Its source sent no description.</p>
              ) : (
                <p style={{ whiteSpace: "pre-wrap" }}>{alert.description}</p>
              )}
            </Panel>
            <Panel title="Labels">
              {Object.keys(alert.labels).length === 0 ? (
                <p className="ow-dim">It has no labels.</p>
              ) : (
                <DefinitionList entries={Object.entries(alert.labels)} />
              )}
            </Panel>
            {alert.links.length === 0 ? null : (
              <Panel title="Links">
                <ul style={{ display: "grid", gap: 6, padding: 0, listStyle: "none" }}>
                  {alert.links.map(({ href, text }) => (
                    <li key={`${text} ${href}`}>
                      <ExternalLink href={href} text={text} />
                    </li>
                  ))}
                </ul>
              </Panel>
            )}
          </>
        }
        side={
          <Panel title="Facts">
            <DefinitionList
              entries={[
                [
                  "Incident",
                  alert.incident_id === null ? (
                    <span key="n" className="ow-dim">
                      None
                    </span>
                  ) : (
                    <IncidentLink key="i" id={alert.incident_id} />
                  ),
                ],
                [
                  "Source",
                  <EntityLink key="s" entity="integration" id={alert.integration_id}>
                    <SourceName source={sources.get(alert.integration_id)} />
                  </EntityLink>,
                ],
                ["First seen", <Moment key="f" at={alert.first_seen_at} />],
                ["Last signal", <Moment key="l" at={alert.last_seen_at} />],
                ["Firing since", <Moment key="g" at={alert.firing_since} />],
                ["Resolved", <Moment key="r" at={alert.resolved_at} />],
                ["Signals", formatCount(alert.signal_count)],
                ...(receipts === null
                  ? []
                  : [
                      [
                        "Receipts",
                        <InnerLink key="w" href={receipts}>
                          The webhooks that told of it
                        </InnerLink>,
                      ] as const,
                    ]),
                ["Acknowledged", alert.acknowledged ? "Yes, at its source" : "No"],
                ["Dedup key", <Copyable key="d" text={alert.dedup_key} label="Copy the dedup key" />],
                ["Id at source", <Copyable key="x" text={alert.external_id} label="Copy the id at the source" />],
              ]}
            />
          </Panel>
        }
      />
    </>
  );
}
