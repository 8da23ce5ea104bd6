import type { EndpointWire } from "../../../../server/src/api/contract.ts";
import { useIsAllowed } from "../../lib/session.ts";
import { lateTab } from "../../ui/late-tab.tsx";
import { Panel } from "../../ui/page-header.tsx";
import { AddressFields } from "./address-fields.tsx";
import { AuthFields } from "./auth-fields.tsx";
import { DeletePanel } from "./delete-panel.tsx";
import type { EndpointForm } from "./endpoint-form.ts";
import styles from "./endpoints.module.css";
import { EventFields } from "./event-fields.tsx";
import { FallbackFields, LinkFields } from "./link-fields.tsx";
import { PaceFields, PolicyFields } from "./policy-fields.tsx";

const SettingsView = lateTab("the settings", () => import("./settings-view.tsx").then((module) => module.SettingsView));

type TabProps = { readonly endpoint: EndpointWire; readonly form: EndpointForm };

/** All settings of an endpoint but its template; administrators change them. */
export function SettingsTab({ endpoint, form }: TabProps) {
  const isAdmin = useIsAllowed("admin");
  return isAdmin ? <SettingsForm endpoint={endpoint} form={form} /> : <SettingsView endpoint={endpoint} />;
}

function SettingsForm({ endpoint, form }: TabProps) {
  const parts = { draft: form.draft, set: form.set, problemOf: form.problemOf };
  return (
    <div className={styles.stack}>
      <Panel title="Where it goes">
        <AddressFields {...parts} storedVariables={endpoint.variable_names} />
      </Panel>
      <Panel title="What it hears">
        <EventFields {...parts} />
      </Panel>
      <Panel title="Who calls">
        <AuthFields {...parts} stored={endpoint} />
      </Panel>
      <Panel title="Retries and circuit">
        <PolicyFields {...parts} />
      </Panel>
      <Panel title="Pace and order">
        <PaceFields {...parts} />
      </Panel>
      <Panel title="Tickets and the like">
        <LinkFields {...parts} />
      </Panel>
      <Panel title="Fallback">
        <FallbackFields {...parts} endpointId={endpoint.id} />
      </Panel>
      <DeletePanel endpoint={endpoint} />
    </div>
  );
}
