import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { consoleRoute } from "../../app/parent-routes.tsx";
import { readWord } from "../../lib/search-params.ts";

/** The parts of the settings, in their order. */
export const SETTINGS_TABS = ["profile", "people", "keys", "secrets", "retention"] as const;

const settingsRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: "/settings",
  validateSearch: (search): { tab?: (typeof SETTINGS_TABS)[number] | undefined } => ({
    tab: readWord(search.tab, SETTINGS_TABS),
  }),
  component: lazyRouteComponent(() => import("./settings-page.tsx"), "SettingsPage"),
});

/** The pages of settings. */
export const settingsRoutes = [settingsRoute] as const;
