import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { SearchX } from "lucide-react";
import type { EndpointWire } from "../../../../server/src/api/contract.ts";
import { ApiFailure, getVersioned, type Versioned } from "../../lib/api.ts";
import { useIsAllowed } from "../../lib/session.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { lateTab } from "../../ui/late-tab.tsx";
import { LinkButton } from "../../ui/link-button.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { PanelSkeleton } from "../../ui/skeletons.tsx";
import { UnsavedGuard } from "../../ui/unsaved-guard.tsx";
import { UrlTabs } from "../../ui/url-tabs.tsx";
import { EndpointBadge } from "./endpoint-badge.tsx";
import { useEndpointForm } from "./endpoint-form.ts";
import { stateOf } from "./endpoint-words.ts";
import styles from "./endpoints.module.css";
import { OverviewTab } from "./overview-tab.tsx";
import { SaveBar } from "./save-bar.tsx";
import { TestButton } from "./test-button.tsx";

const SettingsTab = lateTab("the settings", () => import("./settings-tab.tsx").then((module) => module.SettingsTab));
const TemplateTab = lateTab("the template", () => import("./template-tab.tsx").then((module) => module.TemplateTab));
const SecretTab = lateTab("the secret", () => import("./secret-tab.tsx").then((module) => module.SecretTab));
const RecoveryTab = lateTab("what waits", () => import("./recovery-tab.tsx").then((module) => module.RecoveryTab));
const route = getRouteApi("/console/endpoints/$endpointId");
const BACK = { to: "/endpoints", label: "Endpoints" } as const;

/** One endpoint: how it is doing, what is sent there, and what to do after an outage. */
export function EndpointPage() {
  const { endpointId } = route.useParams();
  const endpoint = useQuery({
    queryKey: ["endpoint", endpointId],
    queryFn: ({ signal }) => getVersioned<EndpointWire>(`/endpoints/${endpointId}`, { signal }),
  });
  if (endpoint.data !== undefined) return <EndpointView key={endpointId} versioned={endpoint.data} />;
  const isGone = endpoint.error instanceof ApiFailure && [404, 422].includes(endpoint.error.status);
  return (
    <>
      <PageHeader title="Endpoint" back={BACK} />
      {endpoint.error === null ? (
        <PanelSkeleton label="the endpoint" lines={6} />
      ) : isGone ? (
        <EmptyState
          icon={SearchX}
          title="There is no such endpoint"
          action={<LinkButton to="/endpoints">All endpoints</LinkButton>}
        >
          The address may be mistyped, or the endpoint was deleted. What was delivered to it is still among the
          deliveries.
        </EmptyState>
      ) : (
        <ErrorPanel error={endpoint.error} onRetry={() => void endpoint.refetch()} />
      )}
    </>
  );
}

function EndpointView({ versioned }: { readonly versioned: Versioned<EndpointWire> }) {
  const { tab = "overview" } = route.useSearch();
  const canAct = useIsAllowed("responder");
  const isAdmin = useIsAllowed("admin");
  const endpoint = versioned.body;
  // Here, so that what was changed survives a look at another tab.
  const form = useEndpointForm(versioned);
  const tabs = [
    { id: "overview", label: "Overview" },
    { id: "settings", label: "Settings" },
    { id: "template", label: "Template" },
    ...(isAdmin ? [{ id: "secret", label: "Secret" }] : []),
    { id: "recovery", label: "Recovery" },
  ];
  return (
    <>
      <PageHeader
        title={endpoint.name}
        heading={<bdi>{endpoint.name}</bdi>}
        back={BACK}
        description={
          <span className={styles.badges}>
            <EndpointBadge state={stateOf(endpoint)} />
            <code>
              {endpoint.method} <bdi>{endpoint.url}</bdi>
            </code>
          </span>
        }
        actions={canAct ? <TestButton endpoint={endpoint} /> : undefined}
      />
      <UrlTabs label="Parts of the endpoint" tabs={tabs} current={tab} />
      {tab === "settings" ? <SettingsTab endpoint={endpoint} form={form} /> : null}
      {tab === "template" ? <TemplateTab endpoint={endpoint} form={form} /> : null}
      {tab === "secret" && isAdmin ? <SecretTab endpoint={endpoint} /> : null}
      {tab === "recovery" ? <RecoveryTab endpoint={endpoint} /> : null}
      {tab === "overview" || (tab === "secret" && !isAdmin) ? <OverviewTab endpoint={endpoint} /> : null}
      {isAdmin ? <SaveBar form={form} /> : null}
      <UnsavedGuard isChanged={isAdmin && form.isChanged} isKeptAcrossTabs />
    </>
  );
}
