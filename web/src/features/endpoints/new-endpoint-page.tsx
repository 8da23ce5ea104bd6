import { getRouteApi } from "@tanstack/react-router";
import { Lock } from "lucide-react";
import { useState } from "react";
import type { EndpointWire } from "../../../../server/src/api/contract.ts";
import { useIntegrationNames } from "../../lib/integration-names.ts";
import { useIsAllowed } from "../../lib/session.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { LinkButton } from "../../ui/link-button.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { PanelSkeleton } from "../../ui/skeletons.tsx";
import { BLANK, draftOfPreset } from "./endpoint-draft.ts";
import { usePresets } from "./endpoint-queries.ts";
import styles from "./endpoints.module.css";
import { MadeEndpoint } from "./made-endpoint.tsx";
import { NewEndpointForm } from "./new-endpoint-form.tsx";
import { PresetPicker } from "./preset-picker.tsx";

const route = getRouteApi("/console/endpoints/new");
const STEPS = ["Choose a start", "Set it up", "Test it"] as const;

/** Makes an endpoint: a starting point, its settings with a preview, then a test whose answer is shown. */
export function NewEndpointPage() {
  const { integration, preset } = route.useSearch();
  const names = useIntegrationNames();
  const isAdmin = useIsAllowed("admin");
  const [made, setMade] = useState<EndpointWire | null>(null);
  const step = made !== null ? 2 : preset === undefined ? 0 : 1;
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
          ) : preset === undefined ? (
            <PresetPicker />
          ) : (
            <FormOfPreset name={preset} onMade={setMade} />
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
