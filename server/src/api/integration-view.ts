import type { Static } from "typebox";
import { wireTime } from "../core/incident-view.ts";
import { DEFAULT_TRIAGE_POLICY, type Integration } from "../core/integration.ts";
import type { PlatformName } from "../platforms/platform.ts";
import type { Queryable } from "../runtime/database.ts";
import type { Role } from "../store/api-keys.ts";
import { findEndpointsOfIntegrations } from "../store/endpoints.ts";
import { listLiveSecretsOfOwners, type SealedSecret } from "../store/secrets.ts";
import type { ApiDeps } from "./deps.ts";
import { type EndpointWire, viewEndpoints } from "./endpoint-view.ts";
import type { IntegrationView } from "./schemas/integrations.ts";
import { INTEGRATION_PURPOSES, viewVerification } from "./verification-config.ts";

/** An integration on the wire. */
export type IntegrationWire = Static<typeof IntegrationView>;

type ViewDeps = Pick<ApiDeps, "vault" | "clock" | "log" | "publicUrl">;

/** The views of integrations of one organization, in the order given; four statements however many there are. */
export async function viewIntegrations(
  deps: ViewDeps,
  db: Queryable,
  organizationId: string,
  integrations: readonly Integration[],
  role: Role,
): Promise<readonly IntegrationWire[]> {
  if (integrations.length === 0) return [];
  const ids = integrations.map((integration) => integration.id);
  const secrets = await listLiveSecretsOfOwners(db, organizationId, "integration", ids, deps.clock.now());
  const endpoints = await findEndpointsOfIntegrations(db, organizationId, ids);
  const configs = await viewEndpoints(deps, db, organizationId, endpoints, role);
  return integrations.map((integration) =>
    viewOne(
      deps,
      integration,
      secrets.filter((secret) => secret.ownerId === integration.id),
      configs.find((config) => config.integration_id === integration.id) ?? null,
    ),
  );
}

function viewOne(
  deps: ViewDeps,
  integration: Integration,
  secrets: readonly SealedSecret[],
  config: EndpointWire | null,
): IntegrationWire {
  const triage = { ...DEFAULT_TRIAGE_POLICY, ...integration.triage };
  return {
    id: integration.id,
    name: integration.name,
    platform: integration.platform as PlatformName,
    enabled: integration.enabled,
    webhook_url: `${deps.publicUrl()}/api/v1/webhooks/${integration.platform}/${integration.id}`,
    verification: viewVerification(integration.verification),
    secrets: secrets.flatMap((secret) => viewSecret(secret)),
    allowed_ips: [...integration.allowedIps],
    rate_limit: integration.rateLimit,
    body_limit_bytes: integration.bodyLimitBytes,
    quarantine_limit: integration.quarantineLimit,
    mapping: integration.mapping,
    grouping: { ...integration.grouping, by: [...integration.grouping.by] },
    auto_resolve: triage.auto_resolve,
    reopen_seconds: triage.reopen_seconds,
    stale_after_seconds: triage.stale_after_seconds,
    silent_after_seconds: triage.silent_after_seconds,
    flapping_changes: triage.flapping_changes,
    flapping_window_seconds: triage.flapping_window_seconds,
    webhook_config: config,
    last_receipt_at: wireTime(integration.lastReceiptAt),
    created_at: wireTime(integration.createdAt),
    updated_at: wireTime(integration.updatedAt),
  };
}

function viewSecret(secret: SealedSecret): IntegrationWire["secrets"] {
  const purpose = INTEGRATION_PURPOSES.find((known) => known === secret.purpose);
  if (purpose === undefined) return [];
  return [
    {
      purpose,
      is_previous: secret.expiresAt !== null,
      created_at: wireTime(secret.createdAt),
      expires_at: wireTime(secret.expiresAt),
      last_used_at: wireTime(secret.lastUsedAt),
    },
  ];
}
