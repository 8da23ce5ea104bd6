import { type Static, Type } from "typebox";
import { OverwatchError } from "../../core/errors.ts";
import type { Platform } from "../../platforms/platform.ts";
import { findPlatform, platforms } from "../../platforms/registry.ts";
import { findIntegration } from "../../store/integrations.ts";
import type { ApiDeps } from "../deps.ts";
import { defineRoute, type Route } from "../route.ts";
import { FullPlatformView, PlatformQuery, PlatformView } from "../schemas/platforms.ts";
import { strict } from "../schemas/shared.ts";
import { fillGuide, readSetUpGuide } from "../set-up-guides.ts";

const tag = "integrations";

/** `/platforms`: what can send, how it is set up, what its payloads look like. */
export function platformRoutes(deps: ApiDeps): readonly Route[] {
  return [list(), read(deps)];
}

function list(): Route {
  return defineRoute("GET", "/platforms", {
    role: "viewer",
    tag,
    summary: "List platforms",
    answers: { 200: strict({ data: Type.Array(PlatformView), next_cursor: Type.Null() }) },
    handle: async () => ({ body: { data: platforms.map(view), next_cursor: null } }),
  });
}

function read(deps: ApiDeps): Route {
  return defineRoute("GET", "/platforms/{name}", {
    role: "viewer",
    tag,
    summary: "Read how a platform is set up",
    description:
      "The guide in Markdown, with the URL of an integration when `integration_id` names one, and sample payloads.",
    query: PlatformQuery,
    answers: { 200: FullPlatformView },
    handle: async ({ caller, params, query, database }) => {
      const platform = findPlatform(String((params as { readonly name?: unknown }).name));
      if (platform === null) throw new OverwatchError("NOT_FOUND");
      const { integration_id: id } = query;
      const integration = id === undefined ? null : await findIntegration(database, caller.organizationId, id);
      if (id !== undefined && integration?.platform !== platform.name) throw new OverwatchError("NOT_FOUND");
      const webhookUrl =
        integration === null ? null : `${deps.publicUrl()}/api/v1/webhooks/${platform.name}/${integration.id}`;
      const { markdown, samples } = readSetUpGuide(platform.name);
      const guide = fillGuide(markdown, deps.publicUrl(), webhookUrl);
      return { body: { ...view(platform), guide, samples: [...samples] } };
    },
  });
}

function view(platform: Platform): Static<typeof PlatformView> {
  const limit = platform.defaultRateLimit;
  const others = ["basic", "hmac", "standard_webhooks", "none"] as const;
  return {
    name: platform.name,
    title: platform.title,
    can_sign: platform.canSign,
    verification_types: platform.canSign ? ["signature", "token", ...others] : ["token", "signature", ...others],
    signature_header: platform.signature.header,
    default_rate_limit: limit === null ? null : { requests: limit.requests, per_seconds: limit.perSeconds },
  };
}
