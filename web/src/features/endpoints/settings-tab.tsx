import type { EndpointWire } from "../../../../server/src/api/contract.ts";
import { useIsAllowed } from "../../lib/session.ts";
import { DefinitionList } from "../../ui/definition-list.tsx";
import { JsonViewer } from "../../ui/json-viewer.tsx";
import { Panel } from "../../ui/page-header.tsx";
import { AddressFields } from "./address-fields.tsx";
import { AuthFields } from "./auth-fields.tsx";
import type { EndpointForm } from "./endpoint-form.ts";
import styles from "./endpoints.module.css";
import { EventFields } from "./event-fields.tsx";
import { FallbackFields, LinkFields } from "./link-fields.tsx";
import { PaceFields, PolicyFields } from "./policy-fields.tsx";

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
    </div>
  );
}

function SettingsView({ endpoint }: { readonly endpoint: EndpointWire }) {
  const { variable_names, timeout_seconds, rate_limit, max_in_flight, order, collapse } = endpoint;
  return (
    <div className={styles.stack}>
      <Panel title="Settings">
        <DefinitionList
          entries={[
            ["URL", <bdi key="url">{endpoint.url}</bdi>],
            ["Method", endpoint.method],
            ["Events", endpoint.events.join(", ")],
            ["Filter", endpoint.filter === null ? "none" : <code key="filter">{endpoint.filter}</code>],
            ["Variables", variable_names.length === 0 ? "none" : variable_names.join(", ")],
            ["Answer within", `${timeout_seconds} s`],
            ["Requests at a time", String(max_in_flight)],
            ["Rate limit", rate_limit === null ? "none" : `${rate_limit.requests} in ${rate_limit.per_seconds} s`],
            ["Forward proxy", endpoint.proxy ?? "what holds for all"],
            ["Order", order === "incident" ? "one after another within an incident" : "events may overtake each other"],
            ["Folding", collapse ? "into the latest state of the incident" : "none"],
          ]}
        />
      </Panel>
      <Panel title="The rest" isFlush>
        <JsonViewer
          label="Further settings"
          value={{
            headers: endpoint.headers,
            retry: endpoint.retry,
            circuit: endpoint.circuit_policy,
            capture: endpoint.capture,
            overrides: endpoint.overrides,
            fallback: endpoint.fallback,
          }}
        />
      </Panel>
    </div>
  );
}
