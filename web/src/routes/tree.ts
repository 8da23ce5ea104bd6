import { consoleRoute, rootRoute } from "../app/parent-routes.tsx";
import { accessRoutes } from "../features/access/routes.ts";
import { alertsRoutes } from "../features/alerts/routes.ts";
import { auditRoutes } from "../features/audit/routes.ts";
import { deliveriesRoutes } from "../features/deliveries/routes.ts";
import { endpointsRoutes } from "../features/endpoints/routes.ts";
import { homeRoutes } from "../features/home/routes.ts";
import { incidentsRoutes } from "../features/incidents/routes.ts";
import { integrationsRoutes } from "../features/integrations/routes.ts";
import { receiptsRoutes } from "../features/receipts/routes.ts";
import { settingsRoutes } from "../features/settings/routes.ts";
import { systemRoutes } from "../features/system/routes.ts";

/** Every page of the console. */
export const routeTree = rootRoute.addChildren([
  ...accessRoutes,
  consoleRoute.addChildren([
    ...homeRoutes,
    ...incidentsRoutes,
    ...alertsRoutes,
    ...integrationsRoutes,
    ...receiptsRoutes,
    ...endpointsRoutes,
    ...deliveriesRoutes,
    ...settingsRoutes,
    ...auditRoutes,
    ...systemRoutes,
  ]),
]);
