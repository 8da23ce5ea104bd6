import type { Static } from "typebox";
import type { Endpoint } from "../core/endpoint.ts";
import { isStoodInFor } from "../core/fallback.ts";
import { wireTime } from "../core/incident-view.ts";
import type { Overrides } from "../core/override.ts";
import { limitOf, type Pace } from "../core/pace.ts";
import type { Queryable } from "../runtime/database.ts";
import { describeError } from "../runtime/log.ts";
import type { Role } from "../store/api-keys.ts";
import { type CircuitRow, findCircuitsByIds } from "../store/circuits.ts";
import { findPacesByIds } from "../store/paces.ts";
import { listLiveSecretsOfOwners, type SealedSecret } from "../store/secrets.ts";
import { openEndpointSecrets } from "../store/sending-endpoint.ts";
import type { ApiDeps } from "./deps.ts";
import { NO_AUTH, viewAuth } from "./endpoint-auth.ts";
import { maskHeaders, maskUrl } from "./mask.ts";
import type { EndpointView } from "./schemas/endpoints.ts";

/** An endpoint on the wire. */
export type EndpointWire = Static<typeof EndpointView>;

/** The views of endpoints of one organization, in the order given; four statements however many there are. */
export async function viewEndpoints(
  deps: Pick<ApiDeps, "vault" | "clock" | "log">,
  db: Queryable,
  organizationId: string,
  endpoints: readonly Endpoint[],
  role: Role,
): Promise<readonly EndpointWire[]> {
  if (endpoints.length === 0) return [];
  const circuits = await findCircuitsByIds(db, endpoints);
  const paces = await findPacesByIds(db, endpoints);
  const secrets = await listLiveSecretsOfOwners(
    db,
    organizationId,
    "endpoint",
    endpoints.map((endpoint) => endpoint.id),
    deps.clock.now(),
  );
  return endpoints.map((endpoint) =>
    viewEndpoint(
      deps,
      endpoint,
      circuits.find((circuit) => circuit.endpointId === endpoint.id) ?? null,
      viewPace(endpoint, paces.find((pace) => pace.endpointId === endpoint.id) ?? null, deps.clock.now()),
      secrets.filter((secret) => secret.ownerId === endpoint.id),
      role,
      deps.clock.now(),
    ),
  );
}

function viewEndpoint(
  deps: Pick<ApiDeps, "vault" | "clock" | "log">,
  endpoint: Endpoint,
  circuit: CircuitRow | null,
  pace: EndpointWire["pace"],
  sealed: readonly SealedSecret[],
  role: Role,
  now: number,
): EndpointWire {
  const opened = openForView(deps, endpoint, sealed);
  return {
    id: endpoint.id,
    integration_id: endpoint.integrationId,
    name: endpoint.name,
    url: role === "admin" ? endpoint.url : maskUrl(endpoint.url),
    method: endpoint.method,
    headers: maskHeaders(opened.headers),
    events: [...endpoint.events],
    filter: endpoint.filter,
    template: endpoint.template,
    variable_names: Object.keys(opened.variables).sort(),
    ...viewAuth(opened, deps.clock.now(), (url) => (role === "admin" ? url : maskUrl(url))),
    enabled: endpoint.enabled,
    timeout_seconds: endpoint.timeoutSeconds,
    retry: endpoint.retry,
    circuit_policy: endpoint.circuit,
    rate_limit: endpoint.rateLimit,
    max_in_flight: endpoint.maxInFlight,
    order: endpoint.order,
    collapse: endpoint.collapse,
    capture: endpoint.capture,
    proxy: endpoint.proxy,
    overrides: role === "admin" ? endpoint.overrides : maskOverrides(endpoint.overrides),
    fallback:
      endpoint.fallback === null ? null : { ...endpoint.fallback, in_use: isStoodInFor(endpoint, circuit, now) },
    circuit: viewCircuit(circuit),
    pace,
    secrets: sealed
      .filter((secret) => secret.purpose === "signing_secret")
      .map((secret) => ({
        is_previous: secret.expiresAt !== null,
        created_at: wireTime(secret.createdAt),
        expires_at: wireTime(secret.expiresAt),
      })),
    created_at: wireTime(endpoint.createdAt),
    updated_at: wireTime(endpoint.updatedAt),
  };
}

function maskOverrides(overrides: Overrides): Overrides {
  return Object.fromEntries(
    Object.entries(overrides).map(([name, one]) => [
      name,
      one.url === undefined ? one : { ...one, url: maskUrl(one.url) },
    ]),
  );
}

function openForView(
  deps: Pick<ApiDeps, "vault" | "log">,
  endpoint: Endpoint,
  sealed: readonly SealedSecret[],
): Pick<ReturnType<typeof openEndpointSecrets>, "headers" | "variables" | "auth" | "clientCertificate"> {
  try {
    return openEndpointSecrets(deps.vault, sealed);
  } catch (error) {
    // The settings must stay visible and changeable, so that people can give the secrets again.
    deps.log.error({ endpoint_id: endpoint.id, ...describeError(error) }, "an endpoint's secrets cannot be opened");
    return { headers: {}, variables: {}, ...NO_AUTH };
  }
}

function viewCircuit(circuit: CircuitRow | null): EndpointWire["circuit"] {
  return {
    state: circuit?.state ?? "closed",
    opened_at: wireTime(circuit?.openedAt ?? null),
    next_probe_at: wireTime(circuit?.nextProbeAt ?? null),
    held_by: circuit?.heldBy ?? null,
    consecutive_failures: circuit?.consecutiveFailures ?? 0,
    diagnosis: circuit?.diagnosis ?? null,
    disabled_reason: circuit?.disabledReason ?? null,
  };
}

function viewPace(endpoint: Endpoint, pace: Pace | null, now: number): EndpointWire["pace"] {
  const heldUntil = pace?.heldUntil ?? null;
  const slowedUntil = heldUntil !== null && heldUntil > now ? heldUntil : null;
  const isSlowed = slowedUntil !== null || (pace?.limit ?? null) !== null;
  return {
    in_flight_limit: limitOf({ limit: pace?.limit ?? null }, endpoint.maxInFlight),
    slowed_until: wireTime(slowedUntil),
    reason: isSlowed ? (pace?.reason ?? null) : null,
  };
}
