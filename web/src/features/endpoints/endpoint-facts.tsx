import type { ReactNode } from "react";
import type { EndpointWire } from "../../../../server/src/api/contract.ts";
import { useEndpointNames } from "../../lib/endpoint-names.ts";
import { useIntegrationNames } from "../../lib/integration-names.ts";
import { Copyable } from "../../ui/copy-button.tsx";
import { DefinitionList } from "../../ui/definition-list.tsx";
import { EntityLink } from "../../ui/entity-link.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Panel } from "../../ui/page-header.tsx";
import { DeliveriesLink } from "./deliveries-link.tsx";

const AUTH_WORDS = {
  bearer: "a bearer token",
  basic: "user name and password",
  oauth2_client_credentials: "OAuth 2 client credentials",
} as const;

/** What an endpoint is set to, in short. */
export function EndpointFacts({ endpoint }: { readonly endpoint: EndpointWire }) {
  const integrations = useIntegrationNames();
  const endpoints = useEndpointNames();
  const { integration_id, fallback, auth, client_certificate } = endpoint;
  const entries: (readonly [string, ReactNode])[] = [
    [
      "Hears",
      integration_id === null ? (
        "all incidents"
      ) : (
        <span key="hears">
          incidents of{" "}
          <EntityLink entity="integration" id={integration_id}>
            <bdi>{integrations.get(integration_id)?.name ?? "one integration"}</bdi>
          </EntityLink>
        </span>
      ),
    ],
    ["Events", endpoint.events.join(", ")],
    ["Filter", endpoint.filter === null ? "none" : <code key="filter">{endpoint.filter}</code>],
    ["Signs in by", auth === null ? "signature only" : `signature and ${AUTH_WORDS[auth.type]}`],
  ];
  if (client_certificate !== null) {
    entries.push(["Certificate ends", <Moment key="certificate" at={client_certificate.expires_at} />]);
  }
  if (fallback !== null) {
    entries.push([
      "Fallback",
      <span key="fallback">
        <EntityLink entity="endpoint" id={fallback.endpoint_id}>
          <bdi>{endpoints.nameOf(fallback.endpoint_id)}</bdi>
        </EntityLink>{" "}
        after {fallback.after_minutes} min{fallback.in_use ? ", in use now" : ""}
      </span>,
    ]);
  }
  entries.push(
    [
      "Deliveries",
      <DeliveriesLink key="deliveries" endpointId={endpoint.id}>
        All to this endpoint
      </DeliveriesLink>,
    ],
    ["Made", <Moment key="made" at={endpoint.created_at} />],
    ["Changed", <Moment key="changed" at={endpoint.updated_at} />],
    [
      "Id",
      <Copyable key="id" text={endpoint.id} short={`…${endpoint.id.slice(-12)}`} label="Copy the endpoint's id" />,
    ],
  );
  return (
    <Panel title="At a glance">
      <DefinitionList entries={entries} />
    </Panel>
  );
}
