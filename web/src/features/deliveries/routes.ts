import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { consoleRoute } from "../../app/parent-routes.tsx";

const deliveriesRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: "/deliveries",
  component: lazyRouteComponent(() => import("./deliveries-page.tsx"), "DeliveriesPage"),
});

/** The pages of deliveries. */
export const deliveriesRoutes = [deliveriesRoute] as const;
