import { cidrsContain } from "../core/cidr.ts";
import type { SourceAddress } from "../core/source-address.ts";
import type { Exchange, Refusal } from "./answer.ts";
import type { ReadyIntegration } from "./integration-cache.ts";
import { rateLimited, tooLarge } from "./refusals.ts";
import { readRoute, type WebhookRoute } from "./route.ts";

/** Either the route of a webhook, or what its method or spelling is answered with; null is the 404. */
export function checkTarget(exchange: Exchange): WebhookRoute | Refusal | null {
  const { req } = exchange;
  const isPutOfGrafana = req.method === "PUT" && exchange.platform === "grafana";
  if (req.method !== "POST" && !isPutOfGrafana) {
    const allow = exchange.platform === "grafana" ? "POST, PUT" : "POST";
    return { code: "METHOD_NOT_ALLOWED", headers: ["Allow", allow] };
  }
  return readRoute(req.url ?? "");
}

/** The first check of an integration that a webhook does not pass, or null; nothing of the body is looked at. */
export function checkIntegration(
  exchange: Exchange,
  ready: ReadyIntegration,
  source: SourceAddress,
  now: { readonly monotonic: number; readonly liveNodes: number },
): Refusal | null {
  if (!ready.integration.enabled) return { code: "INTEGRATION_DISABLED" };
  if (ready.allowed !== null && (source.ip === null || !cidrsContain(ready.allowed, source.ip))) {
    return { code: "SOURCE_NOT_ALLOWED" };
  }
  const verdict = ready.rate?.take(now.monotonic, now.liveNodes);
  if (verdict?.isAllowed === false) return rateLimited(ready, verdict.retryAfterMs);
  if (declaredLength(exchange) > ready.integration.bodyLimitBytes) return tooLarge(ready);
  if (readEncoding(exchange) === null) return { code: "UNSUPPORTED_ENCODING", closes: true };
  return null;
}

/** How a body is encoded on the wire; null for what is not offered. */
export function readEncoding(exchange: Exchange): "identity" | "gzip" | null {
  const encoding = exchange.req.headers["content-encoding"];
  if (encoding === undefined) return "identity";
  const word = encoding.toLowerCase();
  if (word === "gzip" || word === "x-gzip") return "gzip";
  return word === "identity" || word === "" ? "identity" : null;
}

/** The bytes that a request says it has, 0 when it does not say. */
export function declaredLength(exchange: Exchange): number {
  return Number(exchange.req.headers["content-length"] ?? 0);
}
