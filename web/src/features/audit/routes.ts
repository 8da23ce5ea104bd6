import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { consoleRoute } from "../../app/parent-routes.tsx";
import { readText, readWord } from "../../lib/search-params.ts";
import { type AuditSearch, OBJECT_KINDS } from "./audit-search.ts";

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
