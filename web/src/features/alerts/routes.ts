import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { consoleRoute } from "../../app/parent-routes.tsx";

const alertsRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: "/alerts",
  component: lazyRouteComponent(() => import("./alerts-page.tsx"), "AlertsPage"),
});

/** The pages of alerts. */
export const alertsRoutes = [alertsRoute] as const;
