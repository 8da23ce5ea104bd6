import type { EndpointWire } from "../../../../server/src/api/contract.ts";
import { DefinitionList } from "../../ui/definition-list.tsx";
import { JsonViewer } from "../../ui/json-viewer.tsx";
import { Panel } from "../../ui/page-header.tsx";
import styles from "./endpoints.module.css";

/** The settings of an endpoint to read, for whoever may not change them. */
export function SettingsView({ endpoint }: { readonly endpoint: EndpointWire }) {
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
