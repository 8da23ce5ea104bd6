import { Plus, Webhook } from "lucide-react";
import { useMemo } from "react";
import type { EndpointActivityWire, EndpointWire } from "../../../../server/src/api/contract.ts";
import { apiCurl } from "../../lib/api-curl.ts";
import { useIntegrationNames } from "../../lib/integration-names.ts";
import { useList } from "../../lib/list.ts";
import { formatCount, formatDuration, formatPercent } from "../../lib/numbers.ts";
import { useIsAllowed } from "../../lib/session.ts";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { EntityLink } from "../../ui/entity-link.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { LinkButton } from "../../ui/link-button.tsx";
import { Moment } from "../../ui/moment.tsx";
import { PageHeader, Panel } from "../../ui/page-header.tsx";
import { TableSkeleton } from "../../ui/skeletons.tsx";
import { Sparkline } from "../../ui/sparkline.tsx";
import { EndpointBadge } from "./endpoint-badge.tsx";
import { stateOf } from "./endpoint-words.ts";
import styles from "./endpoints.module.css";

type Row = { readonly endpoint: EndpointWire; readonly activity: EndpointActivityWire | undefined };

const STRIPES = {
  sending: "transparent",
  slowed: "var(--ow-stripe-medium)",
  catching_up: "transparent",
  trying: "var(--ow-stripe-high)",
  open: "var(--ow-stripe-critical)",
  held: "var(--ow-stripe-medium)",
  disabled: "var(--ow-stripe-info)",
} as const;

/** Every system that hears of incidents, and how well it hears. */
export function EndpointsPage() {
  const isAdmin = useIsAllowed("admin");
  const integrations = useIntegrationNames();
  const list = useList<EndpointWire>({ noun: "endpoints", path: "/endpoints", query: {} });
  const activity = useList<EndpointActivityWire>({ noun: "endpoints", path: "/endpoints/activity", query: {} });
  const rows = useMemo(() => {
    const byId = new Map(activity.rows?.map((one) => [one.endpoint_id, one] as const) ?? []);
    return list.rows?.map((endpoint): Row => ({ endpoint, activity: byId.get(endpoint.id) })) ?? null;
  }, [list.rows, activity.rows]);
  const create = (
    <LinkButton to="/endpoints/new" size="sm" leftSection={<Plus size={15} aria-hidden="true" />}>
      Add an endpoint
    </LinkButton>
  );
  const readMore = (): void => {
    list.readMore();
    if (activity.hasMore) activity.readMore();
  };
  return (
    <>
      <PageHeader
        title="Endpoints"
        description="Systems that hear of incidents, by signed webhooks that are retried until they arrive."
        actions={isAdmin && rows !== null && rows.length > 0 ? create : undefined}
      />
      {list.error !== null ? (
        <ErrorPanel error={list.error} onRetry={list.retry} />
      ) : rows === null ? (
        <Panel isFlush>
          <TableSkeleton label="endpoints" />
        </Panel>
      ) : rows.length === 0 ? (
        <EmptyState icon={Webhook} title="Nobody is told yet" command={EXAMPLE} action={isAdmin ? create : undefined}>
          An endpoint is an address that hears of incidents: Slack, Teams, PagerDuty, a ticket system or your own
          service. Start from a preset, see what would be sent, and send a test.
        </EmptyState>
      ) : (
        <Panel isFlush>
          <DataTable
            label="Endpoints"
            rows={rows}
            columns={columnsOf((id) => integrations.get(id)?.name ?? null)}
            rowKey={({ endpoint }) => endpoint.id}
            rowName={({ endpoint }) => endpoint.name}
            stripe={({ endpoint }) => STRIPES[stateOf(endpoint)]}
            hasMore={list.hasMore}
            onMore={readMore}
            isReadingMore={list.isReadingMore}
          />
        </Panel>
      )}
    </>
  );
}

const EXAMPLE = apiCurl("/endpoints", { name: "My service", url: "https://example.com/incidents" });

function columnsOf(nameOf: (integrationId: string) => string | null): readonly Column<Row>[] {
  return [
    {
      id: "name",
      header: "Name",
      width: "minmax(180px, 1.6fr)",
      isMain: true,
      cell: ({ endpoint }) => (
        <span className={styles.name}>
          <EntityLink entity="endpoint" id={endpoint.id}>
            <bdi>{endpoint.name}</bdi>
          </EntityLink>
          <span className={styles.host}>
            {endpoint.integration_id === null ? "" : `${nameOf(endpoint.integration_id) ?? "one integration"} · `}
            <bdi>{hostOf(endpoint.url)}</bdi>
          </span>
        </span>
      ),
    },
    {
      id: "state",
      header: "State",
      width: "130px",
      isSelfNamed: true,
      cell: ({ endpoint }) => <EndpointBadge state={stateOf(endpoint)} isQuiet />,
    },
    {
      id: "traffic",
      header: "Last 24 h",
      width: "120px",
      isWideOnly: true,
      cell: ({ activity }) => <Traffic activity={activity} />,
    },
    {
      id: "success",
      header: "Success",
      width: "90px",
      align: "end",
      cell: ({ activity }) => (
        <span className="ow-number" title={triesOf(activity)}>
          {activity === undefined || activity.success_rate === null ? "–" : formatPercent(activity.success_rate)}
        </span>
      ),
    },
    {
      id: "p95",
      header: "p95",
      width: "80px",
      align: "end",
      cell: ({ activity }) => <span className="ow-number">{msOf(activity?.p95_ms)}</span>,
    },
    {
      id: "failure",
      header: "Last failure",
      width: "minmax(110px, 150px)",
      cell: ({ activity }) =>
        activity?.last_failure == null ? (
          <span className="ow-dim">none</span>
        ) : (
          <span title={activity.last_failure.message ?? undefined}>
            {activity.last_failure.reason.replaceAll("_", " ")}, <Moment at={activity.last_failure.at} />
          </span>
        ),
    },
  ];
}

function Traffic({ activity }: { readonly activity: EndpointActivityWire | undefined }) {
  if (activity === undefined) return null;
  const values = activity.buckets.map(({ attempts_ok, attempts_failed }) => attempts_ok + attempts_failed);
  const hasFailed = activity.attempts_failed > activity.attempts_ok;
  return (
    <Sparkline
      values={values}
      width={104}
      height={24}
      tone={hasFailed ? "critical" : "accent"}
      label="Attempts per hour, last 24 hours"
    />
  );
}

function triesOf(activity: EndpointActivityWire | undefined): string | undefined {
  if (activity === undefined) return undefined;
  return `${formatCount(activity.attempts_ok)} attempts succeeded, ${formatCount(activity.attempts_failed)} failed`;
}

function msOf(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? "–" : formatDuration(ms);
}

/** The part of an address that tells endpoints apart; the whole text where it is no URL. */
function hostOf(url: string): string {
  return /^https?:\/\/([^/?#]+)/.exec(url)?.[1] ?? url;
}
