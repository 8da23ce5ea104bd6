import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { consoleRoute } from "../../app/parent-routes.tsx";

const integrationsRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: "/integrations",
  component: lazyRouteComponent(() => import("./integrations-page.tsx"), "IntegrationsPage"),
});

/** The pages of integrations. */
export const integrationsRoutes = [integrationsRoute] as const;
