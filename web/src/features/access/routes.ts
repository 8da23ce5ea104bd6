import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "../../app/parent-routes.tsx";
import { readText } from "../../lib/search-params.ts";

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-in",
  validateSearch: (search): { next?: string | undefined; error?: string | undefined } => ({
    next: readText(search.next),
    error: readText(search.error),
  }),
  component: lazyRouteComponent(() => import("./sign-in-page.tsx"), "SignInPage"),
});

const setupRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/setup",
  validateSearch: (search): { token?: string | undefined } => ({ token: readText(search.token) }),
  component: lazyRouteComponent(() => import("./setup-page.tsx"), "SetupPage"),
});

const inviteRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/invite",
  validateSearch: (search): { token?: string | undefined } => ({ token: readText(search.token) }),
  component: lazyRouteComponent(() => import("./invite-page.tsx"), "InvitePage"),
});

/** The pages before the sign-in. */
export const accessRoutes = [signInRoute, setupRoute, inviteRoute] as const;
