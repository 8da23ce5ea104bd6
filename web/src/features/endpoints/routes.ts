import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { consoleRoute } from "../../app/parent-routes.tsx";
import { addPaletteSource } from "../../lib/palette.ts";
import { readText, readWord } from "../../lib/search-params.ts";

/** The tabs of an endpoint, the first without a word in the URL. */
export const ENDPOINT_TABS = ["overview", "settings", "template", "secret", "recovery"] as const;

/** What the making of an endpoint carries in its URL. */
export type NewEndpointSearch = {
  /** The integration whose incidents it hears; those of all when there is none. */
  readonly integration?: string | undefined;
  /** The page of this console that it goes back to. */
  readonly next?: string | undefined;
  /** The starting point that was chosen. */
  readonly preset?: string | undefined;
};

const endpointsRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: "/endpoints",
  component: lazyRouteComponent(() => import("./endpoints-page.tsx"), "EndpointsPage"),
});

const newEndpointRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: "/endpoints/new",
  validateSearch: (search): NewEndpointSearch => ({
    integration: readText(search.integration),
    next: readText(search.next),
    preset: readText(search.preset),
  }),
  component: lazyRouteComponent(() => import("./new-endpoint-page.tsx"), "NewEndpointPage"),
});

const endpointRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: "/endpoints/$endpointId",
  validateSearch: (search): { readonly tab?: (typeof ENDPOINT_TABS)[number] | undefined } => ({
    tab: readWord(search.tab, ENDPOINT_TABS),
  }),
  component: lazyRouteComponent(() => import("./endpoint-page.tsx"), "EndpointPage"),
});

addPaletteSource({
  id: "endpoints",
  search: async (text, signal) => (await import("./palette-search.ts")).findEndpoints(text, signal),
});

/** The pages of endpoints. */
export const endpointsRoutes = [endpointsRoute, newEndpointRoute, endpointRoute] as const;
