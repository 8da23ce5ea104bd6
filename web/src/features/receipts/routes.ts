import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { consoleRoute } from "../../app/parent-routes.tsx";

const receiptsRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: "/receipts",
  component: lazyRouteComponent(() => import("./receipts-page.tsx"), "ReceiptsPage"),
});

/** The pages of receipts. */
export const receiptsRoutes = [receiptsRoute] as const;
