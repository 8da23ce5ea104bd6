import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Cable, Plus } from "lucide-react";
import type {
  IncidentFacetsWire,
  IntegrationActivityWire,
  IntegrationWire,
  Page,
} from "../../../../server/src/api/contract.ts";
import { get } from "../../lib/api.ts";
import { useList } from "../../lib/list.ts";
import { useNow } from "../../lib/now.ts";
import { isMatch } from "../../lib/palette.ts";
import { useRefresh } from "../../lib/refresh.ts";
import { useIsAllowed } from "../../lib/session.ts";
import { useShortcut } from "../../lib/shortcuts.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { FilterBar } from "../../ui/filter-bar.tsx";
import { LoadMore } from "../../ui/load-more.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { PanelSkeleton } from "../../ui/skeletons.tsx";
import { IntegrationCard } from "./integration-card.tsx";
import styles from "./integrations.module.css";
import { PlatformGrid } from "./platform-grid.tsx";

const route = getRouteApi("/console/integrations");
const REFRESH_MS = 5_000;

/** Who sends: each integration as a card that says whether it is well. */
export function IntegrationsPage() {
  const isAdmin = useIsAllowed("admin");
  const { q } = route.useSearch();
  const navigate = route.useNavigate();
  const now = useNow();
  const list = useList<IntegrationWire>({
    noun: "integrations",
    path: "/integrations",
    query: {},
    newOn: ["integration.created"],
    limit: 100,
  });
  // The cards stay where they are and only their words change.
  useRefresh(list.retry, REFRESH_MS);
  const activity = useActivity();
  const open = useOpenIncidents();
  const rows = list.rows?.filter(({ name, platform }) => q === undefined || isMatch(`${name} ${platform}`, q)) ?? null;
  const connect = (): void => void navigate({ to: "/integrations/new" });
  useShortcut("c", "This page", "Connect a platform", connect, isAdmin);
  return (
    <>
      <PageHeader
        title="Integrations"
        description="The monitoring systems that send webhooks here."
        actions={
          isAdmin ? (
            <Button
              component={Link}
              to="/integrations/new"
              size="xs"
              leftSection={<Plus size={14} aria-hidden="true" />}
            >
              Connect a platform
            </Button>
          ) : undefined
        }
      />
      {list.error !== null ? (
        <ErrorPanel error={list.error} onRetry={list.retry} />
      ) : rows === null ? (
        <PanelSkeleton label="integrations" lines={8} />
      ) : list.rows?.length === 0 ? (
        <NothingConnected isAdmin={isAdmin} />
      ) : (
        <>
          <FilterBar
            placeholder="Search by name or platform"
            text={q}
            onText={(text) => void navigate({ search: { q: text }, replace: true })}
          />
          {rows.length === 0 ? (
            <EmptyState icon={Cable} title="No integration is called that" mood="calm">
              The search looks at the names and the platforms.
            </EmptyState>
          ) : (
            <ul className={styles.cards} aria-label="Integrations">
              {rows.map((integration) => (
                <IntegrationCard
                  key={integration.id}
                  integration={integration}
                  activity={activity.get(integration.id)}
                  openCount={open.get(integration.id) ?? 0}
                  now={now}
                />
              ))}
            </ul>
          )}
          <LoadMore hasMore={list.hasMore} isReading={list.isReadingMore} onMore={list.readMore} />
        </>
      )}
    </>
  );
}

function NothingConnected({ isAdmin }: { readonly isAdmin: boolean }) {
  return (
    <>
      <EmptyState icon={Cable} title="Nothing is connected yet">
        An integration is the address that one monitoring system sends its webhooks to, with the proof by which they are
        believed. {isAdmin ? "Choose what you have:" : "Ask an administrator to connect one."}
      </EmptyState>
      <PlatformGrid isLinked={isAdmin} />
    </>
  );
}

function useActivity(): ReadonlyMap<string, IntegrationActivityWire> {
  const { data } = useQuery({
    queryKey: ["integration", "activities"],
    queryFn: ({ signal }) =>
      get<Page<IntegrationActivityWire>>("/integrations/activity", { query: { limit: 200 }, signal }),
    refetchInterval: REFRESH_MS,
  });
  return new Map(data?.data.map((activity) => [activity.integration_id, activity]));
}

function useOpenIncidents(): ReadonlyMap<string, number> {
  const { data } = useQuery({
    queryKey: ["facets", "open-by-integration"],
    queryFn: ({ signal }) =>
      get<IncidentFacetsWire>("/incidents/facets", { query: { status: ["open", "acknowledged"] }, signal }),
  });
  return new Map(data?.integration.flatMap(({ value, count }) => (value === null ? [] : [[value, count] as const])));
}
