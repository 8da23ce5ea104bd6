import { PLATFORM_NAMES, type PlatformName } from "../platforms/platform.ts";

/** Where webhooks arrive; what follows is `{platform}/{integration id}`. */
export const WEBHOOK_PREFIX = "/api/v1/webhooks/";

/** The two parts of a webhook URL that are there for certain: a known platform and a canonical UUID. */
export type WebhookRoute = { readonly platform: PlatformName; readonly integrationId: string };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** True for every target below the prefix but the health page; the query string does not count. */
export function isWebhookTarget(target: string): boolean {
  if (!target.startsWith(WEBHOOK_PREFIX)) return false;
  const rest = withoutQuery(target.slice(WEBHOOK_PREFIX.length));
  return rest !== "health" && rest !== "";
}

/**
 * Reads a webhook's target. There is one spelling only: no percent encoding, doubled or trailing slash, parameter or
 * capital letter; anything else is null, like an id that nobody has.
 */
export function readRoute(target: string): WebhookRoute | null {
  const rest = withoutQuery(target.slice(WEBHOOK_PREFIX.length));
  const slash = rest.indexOf("/");
  const platform = PLATFORM_NAMES.find((name) => name.length === slash && rest.startsWith(name));
  const integrationId = rest.slice(slash + 1);
  return platform !== undefined && UUID.test(integrationId) ? { platform, integrationId } : null;
}

/** The platform that a target names, or `unknown`; for metrics, whose labels must be few. */
export function platformLabel(target: string): PlatformName | "unknown" {
  const rest = target.slice(WEBHOOK_PREFIX.length);
  return PLATFORM_NAMES.find((name) => rest.startsWith(name) && rest[name.length] === "/") ?? "unknown";
}

function withoutQuery(text: string): string {
  const mark = text.indexOf("?");
  return mark === -1 ? text : text.slice(0, mark);
}
