import type { Static } from "typebox";
import type { Endpoint } from "../core/endpoint.ts";
import { OverwatchError } from "../core/errors.ts";
import type { Integration } from "../core/integration.ts";
import type { Queryable } from "../runtime/database.ts";
import { cancelDeliveriesOfDeletedEndpoints } from "../store/delivery-actions.ts";
import { softDeleteEndpoint } from "../store/endpoints.ts";
import { insertIntegration, updateIntegration } from "../store/integrations.ts";
import { listLiveSecrets, type SecretOwner } from "../store/secrets.ts";
import type { ApiDeps } from "./deps.ts";
import { addEndpoint, type EndpointChange, type EndpointFields, saveEndpointChange } from "./endpoint-save.ts";
import { requireNotFallback } from "./fallback-check.ts";
import type { IntegrationCreate } from "./schemas/integrations.ts";
import { addSecret, replaceSecret } from "./sealing.ts";
import { checkSecretFits, makeSecretFor, purposeOf, splitVerification } from "./verification-config.ts";

type SavingDeps = Pick<ApiDeps, "vault" | "ids" | "clock" | "randomBytes">;

/** Secrets that an answer shows once, under the names of their fields. */
export type ShownSecrets = {
  readonly signing_secret?: string | null;
  readonly token?: string;
  readonly password?: string;
};

/** Stores a new integration that was checked, with its secret and its outgoing webhook. */
export async function addIntegration(
  deps: SavingDeps,
  tx: Queryable,
  integration: Integration,
  given: Static<typeof IntegrationCreate>,
): Promise<{ readonly shown: ShownSecrets; readonly endpointSecret: string | null }> {
  await insertIntegration(tx, integration);
  const owner = ownerOf(integration);
  const purpose = purposeOf(integration.verification);
  const inVerification = given.verification === undefined ? null : splitVerification(given.verification).secret;
  const shown: Record<string, string | null> = { signing_secret: given.signing_secret ?? null };
  if (purpose !== null) {
    const secret =
      (purpose === "signing_secret" ? given.signing_secret : inVerification) ??
      makeSecretFor(integration.verification, deps.randomBytes);
    checkSecretFits(integration.verification, secret, purpose);
    await addSecret(deps, tx, owner, purpose, secret);
    shown[purpose] = secret;
  }
  // Kept for the day on which verification turns to signatures.
  if (purpose !== "signing_secret" && given.signing_secret !== undefined) {
    await addSecret(deps, tx, owner, "signing_secret", given.signing_secret);
  }
  let endpointSecret: string | null = null;
  if (given.webhook_config) {
    const added = await addEndpoint(
      deps,
      tx,
      integration.organizationId,
      integration.id,
      integration.name,
      given.webhook_config,
    );
    endpointSecret = added.secret;
  }
  return { shown, endpointSecret };
}

/** What a PATCH does to the outgoing webhook of an integration. */
export type WebhookChange =
  | { readonly kind: "none" }
  | { readonly kind: "add"; readonly fields: EndpointFields }
  | {
      readonly kind: "change";
      readonly endpoint: Endpoint;
      readonly fields: EndpointFields;
      readonly change: EndpointChange;
    }
  | { readonly kind: "remove"; readonly endpoint: Endpoint };

/** Saves changed settings, the secret that a new way of verifying needs, and the outgoing webhook. */
export async function saveIntegrationChange(
  deps: SavingDeps,
  tx: Queryable,
  integration: Integration,
  newSecret: string | null,
  webhook: WebhookChange,
): Promise<{
  readonly integration: Integration;
  readonly shown: ShownSecrets;
  readonly endpointSecret: string | null;
}> {
  const saved = await updateIntegration(tx, integration, deps.clock.now());
  if (saved === null) throw new OverwatchError("PRECONDITION_FAILED");
  const shown = await saveVerificationSecret(deps, tx, saved, newSecret);
  const endpointSecret = await saveWebhook(deps, tx, saved, webhook);
  return { integration: saved, shown, endpointSecret };
}

async function saveVerificationSecret(
  deps: SavingDeps,
  tx: Queryable,
  integration: Integration,
  given: string | null,
): Promise<ShownSecrets> {
  const purpose = purposeOf(integration.verification);
  if (purpose === null) return {};
  const owner = ownerOf(integration);
  if (given !== null) {
    await replaceSecret(deps, tx, owner, purpose, given);
    return { [purpose]: given };
  }
  const stored = await listLiveSecrets(tx, owner.organizationId, "integration", owner.ownerId, deps.clock.now());
  if (stored.some((secret) => secret.purpose === purpose && secret.expiresAt === null)) return {};
  // Without a secret nothing could ever be verified.
  const made = makeSecretFor(integration.verification, deps.randomBytes);
  await addSecret(deps, tx, owner, purpose, made);
  return { [purpose]: made };
}

async function saveWebhook(
  deps: SavingDeps,
  tx: Queryable,
  integration: Integration,
  webhook: WebhookChange,
): Promise<string | null> {
  const { organizationId, id, name } = integration;
  switch (webhook.kind) {
    case "none":
      return null;
    case "add":
      return (await addEndpoint(deps, tx, organizationId, id, name, webhook.fields)).secret;
    case "change": {
      const saved = await saveEndpointChange(deps, tx, webhook.endpoint, webhook.fields, webhook.change);
      if (saved === null) throw new OverwatchError("PRECONDITION_FAILED");
      return null;
    }
    case "remove":
      await requireNotFallback(tx, organizationId, [webhook.endpoint.id]);
      await softDeleteEndpoint(tx, organizationId, webhook.endpoint.id, deps.clock.now());
      await cancelDeliveriesOfDeletedEndpoints(tx, deps.clock.now());
      return null;
  }
}

function ownerOf(integration: Integration): SecretOwner {
  return { organizationId: integration.organizationId, ownerKind: "integration", ownerId: integration.id };
}
