import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { consoleRoute } from "../../app/parent-routes.tsx";

const auditRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: "/audit",
  component: lazyRouteComponent(() => import("./audit-page.tsx"), "AuditPage"),
});

/** The pages of audit. */
export const auditRoutes = [auditRoute] as const;
