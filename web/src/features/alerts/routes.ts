import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { consoleRoute } from "../../app/parent-routes.tsx";
import { readAlertSearch } from "./alert-search.ts";

const alertsRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: "/alerts",
  validateSearch: readAlertSearch,
  component: lazyRouteComponent(() => import("./alerts-page.tsx"), "AlertsPage"),
});

const alertRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: "/alerts/$alertId",
  component: lazyRouteComponent(() => import("./alert-page.tsx"), "AlertPage"),
});

/** The pages of alerts. */
export const alertsRoutes = [alertsRoute, alertRoute] as const;
