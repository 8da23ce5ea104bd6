import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { consoleRoute } from "../../app/parent-routes.tsx";
import { addPaletteSource } from "../../lib/palette.ts";
import { readText, readWord } from "../../lib/search-params.ts";

/** The parts of an integration's page. */
export const TABS = ["overview", "setup", "settings", "mapping", "refusals"] as const;

/** Where somebody is in the set-up walk, so that it can be left and taken up again. */
export type WalkSearch = {
  readonly platform?: string | undefined;
  readonly integration?: string | undefined;
};

const integrationsRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: "/integrations",
  validateSearch: (search): { q?: string | undefined } => ({ q: readText(search.q) }),
  component: lazyRouteComponent(() => import("./integrations-page.tsx"), "IntegrationsPage"),
});

const newRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: "/integrations/new",
  validateSearch: (search): WalkSearch => ({
    platform: readText(search.platform),
    integration: readText(search.integration),
  }),
  component: lazyRouteComponent(() => import("./walk-page.tsx"), "WalkPage"),
});

const integrationRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: "/integrations/$integrationId",
  validateSearch: (search): { tab?: (typeof TABS)[number] | undefined } => ({ tab: readWord(search.tab, TABS) }),
  component: lazyRouteComponent(() => import("./integration-page.tsx"), "IntegrationPage"),
});

addPaletteSource({
  id: "integrations",
  search: async (text, signal) => (await import("./palette-search.ts")).findIntegrations(text, signal),
});

/** The pages of integrations. */
export const integrationsRoutes = [integrationsRoute, newRoute, integrationRoute] as const;
