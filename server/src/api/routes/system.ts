import type { FastifyInstance } from "fastify";
import type { JsonValue } from "../../core/json.ts";
import type { Authenticator } from "../authenticate.ts";
import type { ApiDeps } from "../deps.ts";
import { createHealth } from "../health.ts";
import { REFERENCE_PAGE_POLICY, renderReferencePage } from "../reference-page.ts";
import { BASE_PATH } from "../register-route.ts";

/** What may be called without an API key; everything else needs one. */
export const OPEN_PATHS = [
  "/healthz",
  "/readyz",
  `${BASE_PATH}/webhooks/health`,
  `${BASE_PATH}/openapi.json`,
  `${BASE_PATH}/docs`,
] as const;

/** Health, metrics, the OpenAPI document and the reference page. */
export function registerSystemRoutes(app: FastifyInstance, deps: ApiDeps, authenticator: Authenticator): void {
  const hidden = { schema: { hide: true } };
  const health = createHealth(deps);

  app.get("/healthz", hidden, async () => ({ status: "ok" }));

  app.get("/readyz", hidden, async (_request, reply) => {
    const checks = await deps.readyChecks();
    const isReady = !deps.isDraining() && checks.every((check) => check.ok);
    reply.code(isReady ? 200 : 503);
    return {
      status: isReady ? "ready" : "not_ready",
      draining: deps.isDraining(),
      checks: Object.fromEntries(checks.map((check) => [check.name, { ok: check.ok, message: check.message }])),
    };
  });

  app.get("/metrics", hidden, async (request, reply) => {
    // Figures tell about every tenant, so beyond the own machine they need a key.
    if (!deps.areMetricsOpen) {
      await authenticator.authenticate(request.raw, deps.sourceAddress(request.raw));
    }
    return reply.type("text/plain; version=0.0.4; charset=utf-8").send(await deps.metrics.exposition());
  });

  app.get(`${BASE_PATH}/webhooks/health`, healthSchema(), async (_request, reply) => {
    const answer = await health();
    reply.code(answer.status === "unhealthy" ? 503 : 200);
    return answer;
  });

  let page: string | null = null;
  app.get(`${BASE_PATH}/openapi.json`, hidden, async () => app.swagger());
  app.get(`${BASE_PATH}/docs`, hidden, async (_request, reply) => {
    page ??= renderReferencePage(JSON.parse(JSON.stringify(app.swagger())) as JsonValue);
    return reply.type("text/html; charset=utf-8").header("content-security-policy", REFERENCE_PAGE_POLICY).send(page);
  });
}

function healthSchema(): object {
  return {
    schema: {
      tags: ["operation"],
      summary: "How receiving is doing, platform by platform",
      description:
        "Computed from what happened in the last 24 hours, failures and unreadable bodies of the last 15 minutes.",
      security: [],
      response: {
        200: { description: "healthy or degraded", type: "object", additionalProperties: true },
        503: { description: "unhealthy", type: "object", additionalProperties: true },
      },
    },
  };
}
