import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { consoleRoute } from "../../app/parent-routes.tsx";
import { addPaletteSource } from "../../lib/palette.ts";
import { readSwitch, readWord } from "../../lib/search-params.ts";
import { INCIDENT_DIALOGS, INCIDENT_TABS, type IncidentPageSearch, readIncidentSearch } from "./incident-search.ts";

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

addPaletteSource({
  id: "incidents",
  search: async (text, signal) => (await import("./palette-search.ts")).findIncidents(text, signal),
});

/** The pages of incidents. */
export const incidentsRoutes = [incidentsRoute, incidentRoute] as const;
