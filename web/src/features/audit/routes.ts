import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { consoleRoute } from "../../app/parent-routes.tsx";
import { readText, readWord } from "../../lib/search-params.ts";

/** What entries can be about, in the words of the API. */
export const OBJECT_KINDS = [
  "incident",
  "integration",
  "endpoint",
  "delivery",
  "receipt",
  "user",
  "session",
  "api_key",
  "view",
] as const;

/** The filters of the audit as they stand in the URL. */
export type AuditSearch = {
  readonly q?: string | undefined;
  readonly actor?: string | undefined;
  readonly kind?: (typeof OBJECT_KINDS)[number] | undefined;
  readonly object?: string | undefined;
  readonly entry?: string | undefined;
};

const auditRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: "/audit",
  validateSearch: (search): AuditSearch => ({
    q: readText(search.q),
    actor: readText(search.actor),
    kind: readWord(search.kind, OBJECT_KINDS),
    object: readText(search.object),
    entry: readText(search.entry),
  }),
  component: lazyRouteComponent(() => import("./audit-page.tsx"), "AuditPage"),
});

/** The pages of audit. */
export const auditRoutes = [auditRoute] as const;
