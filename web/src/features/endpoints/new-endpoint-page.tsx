import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Lock, Webhook } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { EndpointWire, IntegrationWire } from "../../../../server/src/api/contract.ts";
import { get } from "../../lib/api.ts";
import { useIntegrationNames } from "../../lib/integration-names.ts";
import { useIsAllowed } from "../../lib/session.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { lateTab } from "../../ui/late-tab.tsx";
import { LinkButton } from "../../ui/link-button.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { PanelSkeleton } from "../../ui/skeletons.tsx";
import { BLANK, draftOfPreset } from "./endpoint-draft.ts";
import { usePresets } from "./endpoint-queries.ts";
import styles from "./endpoints.module.css";
import { PresetPicker } from "./preset-picker.tsx";

const NewEndpointForm = lateTab("the form", () =>
  import("./new-endpoint-form.tsx").then((module) => module.NewEndpointForm),
);
const MadeEndpoint = lateTab("the endpoint", () => import("./made-endpoint.tsx").then((module) => module.MadeEndpoint));
const route = getRouteApi("/console/endpoints/new");
const STEPS = ["Choose a start", "Set it up", "Test it"] as const;

/** Makes an endpoint: a starting point, its settings with a preview, then a test whose answer is shown. */
export function NewEndpointPage() {
  const { integration, preset } = route.useSearch();
  const names = useIntegrationNames();
  const isAdmin = useIsAllowed("admin");
  const [made, setMade] = useState<EndpointWire | null>(null);
  const step = made !== null ? 2 : preset === undefined ? 0 : 1;
  const choice = preset === undefined ? <PresetPicker /> : <FormOfPreset name={preset} onMade={setMade} />;
  return (
    <>
      <PageHeader
        title="Add an endpoint"
        back={{ to: "/endpoints", label: "Endpoints" }}
        description={
          integration === undefined ? (
            "It hears the incidents of all integrations."
          ) : (
            <>
              It hears the incidents of <bdi>{names.get(integration)?.name ?? "one integration"}</bdi> alone.
            </>
          )
        }
      />
      {isAdmin ? (
        <>
          <ol className={styles.steps} aria-label="Steps">
            {STEPS.map((words, index) => (
              <li key={words} aria-current={index === step ? "step" : undefined}>
                {index + 1}. {words}
              </li>
            ))}
          </ol>
          {made !== null ? (
            <MadeEndpoint endpoint={made} />
          ) : integration !== undefined ? (
            <OfIntegration integrationId={integration}>{choice}</OfIntegration>
          ) : (
            choice
          )}
        </>
      ) : (
        <EmptyState
          icon={Lock}
          title="Administrators add endpoints"
          action={<LinkButton to="/endpoints">Endpoints</LinkButton>}
        >
          Ask one of them, or let yourself be given the role.
        </EmptyState>
      )}
    </>
  );
}

/** An integration has one endpoint of its own: where there is one already, that is the one to change. */
function OfIntegration({ integrationId, children }: { readonly integrationId: string; readonly children: ReactNode }) {
  const integration = useQuery({
    queryKey: ["integration", integrationId, "endpoint"],
    queryFn: ({ signal }) => get<IntegrationWire>(`/integrations/${integrationId}`, { signal }),
  });
  if (integration.error !== null) {
    return <ErrorPanel error={integration.error} onRetry={() => void integration.refetch()} />;
  }
  if (integration.data === undefined) return <PanelSkeleton label="the integration" lines={6} />;
  const present = integration.data.webhook_config;
  if (present === null) return children;
  return (
    <EmptyState
      icon={Webhook}
      title="This integration has its endpoint"
      action={
        <LinkButton to="/endpoints/$endpointId" params={{ endpointId: present.id }}>
          Open it
        </LinkButton>
      }
    >
      <bdi>{present.name}</bdi> hears its incidents alone. To tell others as well, add an endpoint that hears all
      incidents and give it a filter such as <code>incident.integration_id == '{integrationId}'</code>.
    </EmptyState>
  );
}

function FormOfPreset({ name, onMade }: { readonly name: string; readonly onMade: (endpoint: EndpointWire) => void }) {
  const presets = usePresets();
  if (presets.error !== null) return <ErrorPanel error={presets.error} onRetry={() => void presets.refetch()} />;
  if (presets.data === undefined) return <PanelSkeleton label="the preset" lines={8} />;
  const preset = presets.data.find((one) => one.name === name) ?? null;
  return (
    <NewEndpointForm
      key={name}
      preset={preset}
      start={preset === null ? BLANK : draftOfPreset(preset)}
      onMade={onMade}
    />
  );
}
