import type { IncomingMessage } from "node:http";

/** The header in which a page proves that it may act for its session. */
export const CSRF_HEADER = "x-overwatch-csrf";

/** What a request tells of the page that made it. */
export type Origin = "same" | "other" | "unknown";

/**
 * Whose page made a request, by `Sec-Fetch-Site` (Fetch Metadata) and `Origin`; pages without an origin of their own are
 * others. Plain HTTP in a LAN has the latter alone. A proxy may change `Host`, so the public URL counts as well.
 */
export function originOf(request: IncomingMessage, publicUrl: string): Origin {
  const { origin, host } = request.headers;
  const site = request.headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") return "other";
  if (origin === undefined) return site === "same-origin" ? "same" : "unknown";
  if (!URL.canParse(origin)) return "other";
  const from = new URL(origin);
  const isOurs = from.host === host?.toLowerCase() || from.origin === new URL(publicUrl).origin;
  return isOurs && /^https?:$/.test(from.protocol) ? "same" : "other";
}
