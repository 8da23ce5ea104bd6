import type { Integration } from "../core/integration.ts";
import type { Queryable } from "../runtime/database.ts";
import { findEndpointsOfIntegrations } from "../store/endpoints.ts";
import type { ApiDeps } from "./deps.ts";
import { requireAllowedAddresses } from "./endpoint-check.ts";
import { checkEndpointChange, checkNewEndpoint, type EndpointFields } from "./endpoint-save.ts";
import { invalidField } from "./error-answer.ts";
import type { WebhookChange } from "./integration-save.ts";

/** What stands before the paths of an integration's outgoing webhook in refusals. */
export const WEBHOOK_PREFIX = "webhook_config.";

/** Checks what a PATCH wants with the outgoing webhook before any transaction is open. */
export async function planWebhook(
  deps: ApiDeps,
  db: Queryable,
  integration: Integration,
  fields: EndpointFields | null | undefined,
): Promise<WebhookChange> {
  if (fields === undefined) return { kind: "none" };
  const [endpoint] = await findEndpointsOfIntegrations(db, integration.organizationId, [integration.id]);
  if (endpoint === undefined) {
    if (fields === null) return { kind: "none" };
    await requireAllowedAddresses(deps, checkNewEndpoint(fields, WEBHOOK_PREFIX), WEBHOOK_PREFIX);
    return { kind: "add", fields };
  }
  if (fields === null) return { kind: "remove", endpoint };
  if (fields.secret !== undefined) {
    throw invalidField(`${WEBHOOK_PREFIX}secret`, `is changed by POST /api/v1/endpoints/${endpoint.id}/rotate-secret`);
  }
  const planned = await checkEndpointChange(deps, db, endpoint, fields, WEBHOOK_PREFIX);
  await requireAllowedAddresses(deps, planned.called, WEBHOOK_PREFIX);
  return { kind: "change", endpoint, fields, change: planned };
}
