import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { CirclePause } from "lucide-react";
import type { IntegrationWire } from "../../../../server/src/api/contract.ts";
import { getVersioned, type Versioned } from "../../lib/api.ts";
import { useIsAllowed } from "../../lib/session.ts";
import { Badge } from "../../ui/badge.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { lateTab } from "../../ui/late-tab.tsx";
import { Moment } from "../../ui/moment.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { PanelSkeleton } from "../../ui/skeletons.tsx";
import { UrlTabs } from "../../ui/url-tabs.tsx";
import { IntegrationActions } from "./integration-actions.tsx";
import { useLastReceipts } from "./last-receipts.ts";
import { OverviewTab } from "./overview-tab.tsx";
import { PlatformMark } from "./platform-mark.tsx";

const SetUpTab = lateTab("the set-up", () => import("./set-up-tab.tsx").then((module) => module.SetUpTab));
const SettingsTab = lateTab("the settings", () => import("./settings-tab.tsx").then((module) => module.SettingsTab));
const MappingTab = lateTab("the mapping", () => import("./mapping-tab.tsx").then((module) => module.MappingTab));
const RefusalsTab = lateTab("the refusals", () => import("./refusals-tab.tsx").then((module) => module.RefusalsTab));
const route = getRouteApi("/console/integrations/$integrationId");
const BACK = { to: "/integrations", label: "Integrations" } as const;
const ALL_TABS = [
  { id: "overview", label: "Overview" },
  { id: "setup", label: "Set-up" },
  { id: "settings", label: "Settings" },
  { id: "mapping", label: "Mapping" },
  { id: "refusals", label: "Refusals" },
];

/** One integration: whether it is well, how it is set up, how its payloads are read, and what it refused. */
export function IntegrationPage() {
  const { integrationId } = route.useParams();
  const integration = useQuery({
    queryKey: ["integration", integrationId],
    queryFn: ({ signal }) => getVersioned<IntegrationWire>(`/integrations/${integrationId}`, { signal }),
    refetchInterval: 10_000,
  });
  if (integration.data === undefined) {
    return (
      <>
        <PageHeader title="Integration" back={BACK} />
        {integration.error === null ? (
          <PanelSkeleton label="the integration" lines={8} />
        ) : (
          <ErrorPanel error={integration.error} onRetry={() => void integration.refetch()} />
        )}
      </>
    );
  }
  return <Shown key={integrationId} versioned={integration.data} />;
}

function Shown({ versioned }: { readonly versioned: Versioned<IntegrationWire> }) {
  const { tab = "overview" } = route.useSearch();
  const isAdmin = useIsAllowed("admin");
  const mayTry = useIsAllowed("responder");
  const { id: integrationId, name, platform, enabled, last_receipt_at: writtenAt } = versioned.body;
  // When it was last heard of is written down now and then; its very first receipt is known before that.
  const first = useLastReceipts(integrationId, writtenAt === null)?.[0];
  const lastAt = writtenAt ?? first?.received_at ?? null;
  const tabs = ALL_TABS.filter(({ id }) => (id === "refusals" ? isAdmin : id === "mapping" ? mayTry : true));
  return (
    <>
      <PageHeader
        title={name}
        heading={
          <span style={{ display: "inline-flex", alignItems: "center", gap: 10, flexWrap: "wrap" }}>
            <PlatformMark platform={platform} />
            <bdi>{name}</bdi>
            {enabled ? null : (
              <Badge tone="medium" icon={CirclePause}>
                Disabled
              </Badge>
            )}
          </span>
        }
        description={
          <>
            {platform} ·{" "}
            {lastAt === null ? (
              "no webhook yet"
            ) : (
              <>
                last webhook <Moment at={lastAt} />
              </>
            )}
          </>
        }
        back={BACK}
        actions={<IntegrationActions integration={versioned.body} />}
      />
      <UrlTabs tabs={tabs} current={tab} label="Parts of the integration" />
      {tab === "overview" ? <OverviewTab integration={versioned.body} /> : null}
      {tab === "setup" ? <SetUpTab integration={versioned.body} /> : null}
      {tab === "settings" ? <SettingsTab versioned={versioned} /> : null}
      {tab === "mapping" ? <MappingTab versioned={versioned} /> : null}
      {tab === "refusals" ? <RefusalsTab integration={versioned.body} /> : null}
    </>
  );
}
