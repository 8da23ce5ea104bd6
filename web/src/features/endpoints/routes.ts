import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { consoleRoute } from "../../app/parent-routes.tsx";

const endpointsRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: "/endpoints",
  component: lazyRouteComponent(() => import("./endpoints-page.tsx"), "EndpointsPage"),
});

/** The pages of endpoints. */
export const endpointsRoutes = [endpointsRoute] as const;
