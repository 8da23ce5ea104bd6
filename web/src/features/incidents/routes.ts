import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { consoleRoute } from "../../app/parent-routes.tsx";
import { readSwitch, readWord } from "../../lib/search-params.ts";
import { readIncidentSearch } from "./incident-search.ts";

/** What can be open over an incident. */
export const INCIDENT_DIALOGS = ["assign", "snooze", "merge", "edit"] as const;

/** The tabs of an incident, the first without a word in the URL. */
export const INCIDENT_TABS = ["timeline", "alerts", "deliveries", "why"] as const;

/** What of an incident's page stands in the URL. */
export type IncidentPageSearch = {
  readonly tab?: (typeof INCIDENT_TABS)[number] | undefined;
  readonly dialog?: (typeof INCIDENT_DIALOGS)[number] | undefined;
  /** Everything that happened instead of the key moments. */
  readonly all?: true | undefined;
};

const incidentsRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: "/incidents",
  validateSearch: readIncidentSearch,
  component: lazyRouteComponent(() => import("./incidents-page.tsx"), "IncidentsPage"),
});

const incidentRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: "/incidents/$incidentId",
  validateSearch: (search): IncidentPageSearch => ({
    tab: readWord(search.tab, INCIDENT_TABS),
    dialog: readWord(search.dialog, INCIDENT_DIALOGS),
    all: readSwitch(search.all),
  }),
  component: lazyRouteComponent(() => import("./incident-page.tsx"), "IncidentPage"),
});

/** The pages of incidents. */
export const incidentsRoutes = [incidentsRoute, incidentRoute] as const;
