import type { ApiDeps } from "./deps.ts";
import type { Route } from "./route.ts";
import { activityRoutes } from "./routes/activity.ts";
import { alertRoutes } from "./routes/alerts.ts";
import { apiKeyRoutes } from "./routes/api-keys.ts";
import { auditRoutes } from "./routes/audit.ts";
import { bulkRunRoutes } from "./routes/bulk-runs.ts";
import { deliveryRoutes } from "./routes/deliveries.ts";
import { deliveryRetryRoutes } from "./routes/delivery-retries.ts";
import { endpointActionRoutes } from "./routes/endpoint-actions.ts";
import { endpointRoutes } from "./routes/endpoints.ts";
import { eventRoutes } from "./routes/events.ts";
import { incidentActionRoutes } from "./routes/incident-actions.ts";
import { incidentBulkRoutes } from "./routes/incident-bulk.ts";
import { incidentInsightRoutes } from "./routes/incident-insight.ts";
import { incidentListRoutes } from "./routes/incident-lists.ts";
import { incidentRoutes } from "./routes/incidents.ts";
import { installationRoutes } from "./routes/installation.ts";
import { integrationActionRoutes } from "./routes/integration-actions.ts";
import { integrationRoutes } from "./routes/integrations.ts";
import { ledgerRoutes } from "./routes/ledger.ts";
import { oidcRoutes } from "./routes/oidc.ts";
import { overviewRoutes } from "./routes/overview.ts";
import { platformRoutes } from "./routes/platforms.ts";
import { presetRoutes } from "./routes/presets.ts";
import { proxyRoutes } from "./routes/proxies.ts";
import { receiptRoutes } from "./routes/receipts.ts";
import { replayMissingRoutes } from "./routes/replay-missing.ts";
import { sessionRoutes } from "./routes/session.ts";
import { setupRoutes } from "./routes/setup.ts";
import { templateRoutes } from "./routes/templates.ts";
import { userRoutes } from "./routes/users.ts";
import { viewRoutes } from "./routes/views.ts";

/** Every call of the API but those of the system, as data. */
export function apiRoutes(deps: ApiDeps): readonly Route[] {
  return [
    // Before those with an id in the same place.
    ...activityRoutes(deps),
    ...integrationRoutes(deps),
    ...integrationActionRoutes(deps),
    ...receiptRoutes(deps),
    ...alertRoutes(),
    ...incidentListRoutes(deps),
    ...incidentBulkRoutes(deps),
    ...incidentRoutes(deps),
    ...incidentInsightRoutes(deps),
    ...incidentActionRoutes(deps),
    ...endpointRoutes(deps),
    ...endpointActionRoutes(deps),
    ...eventRoutes(),
    ...deliveryRoutes(deps),
    ...deliveryRetryRoutes(deps),
    ...replayMissingRoutes(deps),
    ...bulkRunRoutes(deps),
    ...ledgerRoutes(deps),
    ...templateRoutes(deps),
    ...proxyRoutes(deps),
    ...presetRoutes(),
    ...platformRoutes(deps),
    ...overviewRoutes(deps),
    ...installationRoutes(deps),
    ...viewRoutes(deps),
    ...setupRoutes(deps),
    ...sessionRoutes(deps),
    ...oidcRoutes(deps),
    ...userRoutes(deps),
    ...apiKeyRoutes(deps),
    ...auditRoutes(),
  ];
}
