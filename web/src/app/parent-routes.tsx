import { createRootRoute, createRoute, redirect } from "@tanstack/react-router";
import { queryClient } from "../lib/query-client.ts";
import { sessionQuery } from "../lib/session.ts";
import { FailedPage } from "./failed-page.tsx";
import { NotFoundPage } from "./not-found-page.tsx";
import { Root } from "./root.tsx";
import { Shell } from "./shell.tsx";

/** The parent of pages that need nobody signed in. */
export const rootRoute = createRootRoute({
  component: Root,
  errorComponent: FailedPage,
  notFoundComponent: NotFoundPage,
});

/** The parent of every page behind the sign-in; whoever is not signed in goes there first and comes back. */
export const consoleRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "console",
  beforeLoad: async ({ location }) => {
    const session = await queryClient.ensureQueryData(sessionQuery);
    if (session === null) throw redirect({ to: "/sign-in", search: { next: location.href } });
  },
  component: Shell,
  errorComponent: FailedPage,
});
