import { Type } from "typebox";
import { OverwatchError } from "../../core/errors.ts";
import type { Integration } from "../../core/integration.ts";
import { PLATFORM_NAMES } from "../../platforms/platform.ts";
import type { Queryable } from "../../runtime/database.ts";
import type { Role } from "../../store/api-keys.ts";
import { cancelDeliveriesOfDeletedEndpoints } from "../../store/delivery-actions.ts";
import { findEndpointsOfIntegrations, softDeleteEndpoint } from "../../store/endpoints.ts";
import { findIntegration, listIntegrations, lockIntegration, softDeleteIntegration } from "../../store/integrations.ts";
import { deleteSecrets } from "../../store/secrets.ts";
import type { ApiDeps } from "../deps.ts";
import { requireAllowedAddresses } from "../endpoint-check.ts";
import { checkNewEndpoint } from "../endpoint-save.ts";
import { etagOf, requireMatch } from "../etag.ts";
import { requireNotFallback } from "../fallback-check.ts";
import { applyIntegrationFields, NEW_INTEGRATION } from "../integration-config.ts";
import { addIntegration, type ShownSecrets, saveIntegrationChange } from "../integration-save.ts";
import { type IntegrationWire, viewIntegrations } from "../integration-view.ts";
import { answerPage, readPage } from "../paging.ts";
import { type Answer, defineRoute, type Route } from "../route.ts";
import { IntegrationCreate, IntegrationPatch, IntegrationView } from "../schemas/integrations.ts";
import { oneOf, pageOf, pageParameters, strict } from "../schemas/shared.ts";
import { checkSecretFits, INTEGRATION_PURPOSES, splitVerification } from "../verification-config.ts";
import { planWebhook, WEBHOOK_PREFIX } from "../webhook-plan.ts";

const tag = "integrations";

/** `/integrations` and `/integrations/{id}`. */
export function integrationRoutes(deps: ApiDeps): readonly Route[] {
  return [list(deps), create(deps), read(deps), change(deps), remove(deps)];
}

/** One integration as it stands, with secrets that were just made. */
export async function answerIntegration(
  deps: ApiDeps,
  db: Queryable,
  integration: Integration,
  role: Role,
  shown: ShownSecrets & { readonly endpointSecret?: string | null } = {},
): Promise<Answer> {
  const [view] = await viewIntegrations(deps, db, integration.organizationId, [integration], role);
  if (view === undefined) throw new OverwatchError("NOT_FOUND");
  const { endpointSecret, ...secrets } = shown;
  const webhookConfig =
    view.webhook_config !== null && endpointSecret
      ? { ...view.webhook_config, secret: endpointSecret }
      : view.webhook_config;
  const body: IntegrationWire = { ...view, webhook_config: webhookConfig, ...secrets };
  return { body, etag: etagOf(integration.version) };
}

function list(deps: ApiDeps): Route {
  return defineRoute("GET", "/integrations", {
    role: "viewer",
    tag,
    summary: "List integrations",
    query: strict({ ...pageParameters, platform: Type.Optional(oneOf(PLATFORM_NAMES)) }),
    answers: { 200: pageOf(IntegrationView) },
    handle: async ({ caller, query, database }) => {
      const page = readPage(query);
      const rows = await listIntegrations(database, caller.organizationId, {
        before: page.before,
        limit: page.limit + 1,
        platform: query.platform ?? null,
      });
      const views = await viewIntegrations(deps, database, caller.organizationId, rows, caller.role);
      return { body: answerPage(query, page.limit, views, (view) => view) };
    },
  });
}

function create(deps: ApiDeps): Route {
  return defineRoute("POST", "/integrations", {
    role: "admin",
    tag,
    summary: "Create an integration",
    description: "The answer shows the webhook URL, and the secrets this once.",
    body: IntegrationCreate,
    answers: { 201: IntegrationView },
    check: async ({ body }) => {
      if (!body.webhook_config) return;
      await requireAllowedAddresses(deps, checkNewEndpoint(body.webhook_config, WEBHOOK_PREFIX), WEBHOOK_PREFIX);
    },
    handle: async ({ caller, body, database, afterCommit }) => {
      const now = deps.clock.now();
      const integration = applyIntegrationFields(
        {
          ...NEW_INTEGRATION,
          organizationId: caller.organizationId,
          id: deps.ids.next(),
          platform: body.platform,
          createdAt: now,
          updatedAt: now,
        },
        body,
      );
      const { shown, endpointSecret } = await database.transaction((tx) => addIntegration(deps, tx, integration, body));
      afterCommit(() => deps.onConfigChanged("integration", integration.id));
      const answer = await answerIntegration(deps, database, integration, caller.role, { ...shown, endpointSecret });
      return { ...answer, status: 201, headers: { location: `/api/v1/integrations/${integration.id}` } };
    },
  });
}

function read(deps: ApiDeps): Route {
  return defineRoute("GET", "/integrations/{id}", {
    role: "viewer",
    tag,
    summary: "Read an integration",
    answers: { 200: IntegrationView },
    handle: async ({ caller, params, database }) => {
      const integration = await findIntegration(database, caller.organizationId, params.id);
      if (integration === null) throw new OverwatchError("NOT_FOUND");
      return answerIntegration(deps, database, integration, caller.role);
    },
  });
}

function change(deps: ApiDeps): Route {
  return defineRoute("PATCH", "/integrations/{id}", {
    role: "admin",
    tag,
    summary: "Change an integration",
    description: "What is absent stays. `webhook_config: null` removes the outgoing webhook.",
    body: IntegrationPatch,
    answers: { 200: IntegrationView },
    handle: async ({ caller, params, body, database, ifMatch, afterCommit }) => {
      const { organizationId } = caller;
      const present = await findIntegration(database, organizationId, params.id);
      if (present === null) throw new OverwatchError("NOT_FOUND");
      requireMatch(ifMatch, present.version);
      const newSecret = body.verification === undefined ? null : splitVerification(body.verification).secret;
      if (newSecret !== null)
        checkSecretFits(applyIntegrationFields(present, body).verification, newSecret, "verification");
      const webhook = await planWebhook(deps, database, present, body.webhook_config);
      const saved = await database.transaction(async (tx) => {
        const locked = await lockIntegration(tx, organizationId, params.id);
        if (locked === null) throw new OverwatchError("NOT_FOUND");
        requireMatch(ifMatch, locked.version);
        return saveIntegrationChange(deps, tx, applyIntegrationFields(locked, body), newSecret, webhook);
      });
      afterCommit(() => {
        deps.onConfigChanged("integration", params.id);
        if (webhook.kind === "change" || webhook.kind === "remove") {
          deps.onConfigChanged("endpoint", webhook.endpoint.id);
        }
      });
      return answerIntegration(deps, database, saved.integration, caller.role, {
        ...saved.shown,
        endpointSecret: saved.endpointSecret,
      });
    },
  });
}

function remove(deps: ApiDeps): Route {
  return defineRoute("DELETE", "/integrations/{id}", {
    role: "admin",
    tag,
    summary: "Delete an integration",
    description: "Its webhook URL answers 404 from then on; receipts and incidents stay.",
    answers: { 204: null },
    handle: async ({ caller, params, database, afterCommit }) => {
      const { organizationId } = caller;
      const endpoints = await database.transaction(async (tx) => {
        const now = deps.clock.now();
        if (!(await softDeleteIntegration(tx, organizationId, params.id, now))) throw new OverwatchError("NOT_FOUND");
        const owner = { organizationId, ownerKind: "integration" as const, ownerId: params.id };
        await deleteSecrets(tx, owner, INTEGRATION_PURPOSES);
        const owned = await findEndpointsOfIntegrations(tx, organizationId, [params.id]);
        await requireNotFallback(
          tx,
          organizationId,
          owned.map((endpoint) => endpoint.id),
        );
        for (const endpoint of owned) await softDeleteEndpoint(tx, organizationId, endpoint.id, now);
        await cancelDeliveriesOfDeletedEndpoints(tx, now);
        return owned;
      });
      afterCommit(() => {
        deps.onConfigChanged("integration", params.id);
        for (const endpoint of endpoints) deps.onConfigChanged("endpoint", endpoint.id);
      });
      return { status: 204, body: null };
    },
  });
}
