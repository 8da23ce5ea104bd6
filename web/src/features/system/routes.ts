import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { consoleRoute } from "../../app/parent-routes.tsx";

const systemRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: "/system",
  component: lazyRouteComponent(() => import("./system-page.tsx"), "SystemPage"),
});

/** The pages of system. */
export const systemRoutes = [systemRoute] as const;
