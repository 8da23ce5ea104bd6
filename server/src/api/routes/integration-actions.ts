import { OverwatchError } from "../../core/errors.ts";
import { findIntegration, lockIntegration } from "../../store/integrations.ts";
import { expireSecret } from "../../store/secrets.ts";
import type { ApiDeps } from "../deps.ts";
import { sendSample } from "../integration-sample.ts";
import { tryConfiguration } from "../integration-trial.ts";
import { previewPayload } from "../preview.ts";
import { defineRoute, type Route } from "../route.ts";
import {
  IntegrationRotate,
  IntegrationView,
  PreviewRequest,
  PreviewView,
  TestRequest,
  TestView,
  TrialRequest,
  TrialView,
} from "../schemas/integrations.ts";
import { addSecret } from "../sealing.ts";
import { checkSecretFits, makeSecretFor, purposeOf } from "../verification-config.ts";
import { answerIntegration } from "./integrations.ts";

const tag = "integrations";
const DEFAULT_OVERLAP_SECONDS = 86_400;

/** What people do with an integration: rotate its secret, send a sample, preview a payload. */
export function integrationActionRoutes(deps: ApiDeps): readonly Route[] {
  return [rotate(deps), test(deps), preview(deps), trial(deps)];
}

function rotate(deps: ApiDeps): Route {
  return defineRoute("POST", "/integrations/{id}/rotate-secret", {
    role: "admin",
    tag,
    summary: "Rotate the secret",
    description: "Both secrets are accepted until the overlap ends. The answer shows the new one once.",
    body: IntegrationRotate,
    answers: { 200: IntegrationView },
    handle: async ({ caller, params, body, database, afterCommit }) => {
      const { organizationId } = caller;
      const rotated = await database.transaction(async (tx) => {
        const integration = await lockIntegration(tx, organizationId, params.id);
        if (integration === null) throw new OverwatchError("NOT_FOUND");
        const purpose = purposeOf(integration.verification);
        if (purpose === null) {
          throw new OverwatchError("CONFLICT", {}, "This integration verifies nothing, so it has no secret to rotate");
        }
        const secret = body[purpose] ?? makeSecretFor(integration.verification, deps.randomBytes);
        checkSecretFits(integration.verification, secret, purpose);
        const owner = { organizationId, ownerKind: "integration" as const, ownerId: params.id };
        const overlapMs = (body.overlap_seconds ?? DEFAULT_OVERLAP_SECONDS) * 1_000;
        await expireSecret(tx, owner, purpose, deps.clock.now() + overlapMs);
        await addSecret(deps, tx, owner, purpose, secret);
        return { integration, shown: { [purpose]: secret } };
      });
      afterCommit(() => deps.onConfigChanged("integration", params.id));
      return answerIntegration(deps, database, rotated.integration, caller.role, rotated.shown);
    },
  });
}

function test(deps: ApiDeps): Route {
  return defineRoute("POST", "/integrations/{id}/test", {
    role: "responder",
    tag,
    summary: "Send a signed sample through the real path",
    description:
      "It is verified, stored and read like any webhook, so it opens an incident titled as a test. `payload` is sent in " +
      "place of the sample, signed as the platform would.",
    body: TestRequest,
    answers: { 200: TestView },
    isIdempotent: false,
    handle: async ({ caller, params, body, database, requestId }) => {
      const integration = await findIntegration(database, caller.organizationId, params.id);
      if (integration === null) throw new OverwatchError("NOT_FOUND");
      return { body: await sendSample(deps, integration, requestId, body.payload ?? null) };
    },
  });
}

function preview(deps: ApiDeps): Route {
  return defineRoute("POST", "/integrations/{id}/preview", {
    role: "responder",
    tag,
    summary: "Preview a payload",
    description: "Reads it through the present configuration and shows what it would do; writes nothing.",
    body: PreviewRequest,
    answers: { 200: PreviewView },
    isIdempotent: false,
    handle: async ({ caller, params, body, database }) => {
      const integration = await findIntegration(database, caller.organizationId, params.id);
      if (integration === null) throw new OverwatchError("NOT_FOUND");
      return { body: await previewPayload(deps, database, integration, body) };
    },
  });
}

function trial(deps: ApiDeps): Route {
  return defineRoute("POST", "/integrations/{id}/trial", {
    role: "responder",
    tag,
    summary: "Try a mapping or grouping on the last payloads",
    description:
      "Runs the last stored payloads through the present and the proposed configuration side by side; writes nothing.",
    body: TrialRequest,
    answers: { 200: TrialView },
    isIdempotent: false,
    handle: async ({ caller, params, body, database }) => {
      const integration = await findIntegration(database, caller.organizationId, params.id);
      if (integration === null) throw new OverwatchError("NOT_FOUND");
      return { body: await tryConfiguration(deps, database, integration, body) };
    },
  });
}
