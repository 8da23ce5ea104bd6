import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { consoleRoute } from "../../app/parent-routes.tsx";

const settingsRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: "/settings",
  component: lazyRouteComponent(() => import("./settings-page.tsx"), "SettingsPage"),
});

/** The pages of settings. */
export const settingsRoutes = [settingsRoute] as const;
