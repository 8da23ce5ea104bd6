import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { consoleRoute } from "../../app/parent-routes.tsx";

const incidentsRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: "/incidents",
  component: lazyRouteComponent(() => import("./incidents-page.tsx"), "IncidentsPage"),
});

/** The pages of incidents. */
export const incidentsRoutes = [incidentsRoute] as const;
