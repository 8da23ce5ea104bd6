import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { consoleRoute } from "../../app/parent-routes.tsx";
import { DELIVERY_STATES } from "../../lib/delivery-states.ts";
import { FAILURE_REASONS } from "../../lib/failure-words.ts";
import { readText, readWords } from "../../lib/search-params.ts";
import type { DeliverySearch } from "./delivery-search.ts";

const deliveriesRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: "/deliveries",
  validateSearch: (search): DeliverySearch => ({
    q: readText(search.q),
    status: readWords(search.status, DELIVERY_STATES),
    reason: readWords(search.reason, FAILURE_REASONS),
    endpoint: readText(search.endpoint),
    incident: readText(search.incident),
    type: readText(search.type),
    since: readText(search.since),
    until: readText(search.until),
  }),
  component: lazyRouteComponent(() => import("./deliveries-page.tsx"), "DeliveriesPage"),
});

const bulkRunsRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: "/bulk-runs",
  component: lazyRouteComponent(() => import("./bulk-runs-page.tsx"), "BulkRunsPage"),
});

const deliveryRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: "/deliveries/$deliveryId",
  validateSearch: (search): { attempt?: string | undefined } => ({ attempt: readText(search.attempt) }),
  component: lazyRouteComponent(() => import("./delivery-page.tsx"), "DeliveryPage"),
});

/** The pages of deliveries. */
export const deliveriesRoutes = [deliveriesRoute, bulkRunsRoute, deliveryRoute] as const;
