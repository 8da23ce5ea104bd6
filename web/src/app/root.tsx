import { MantineProvider } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { QueryClientProvider } from "@tanstack/react-query";
import { Outlet, useRouterState } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { isFocusLost, keepFocusOfBusyButtons } from "../lib/keep-focus.ts";
import { refreshByLiveEvents } from "../lib/live-queries.ts";
import { queryClient } from "../lib/query-client.ts";
import { useScheme } from "../lib/scheme.ts";
import { listenForShortcuts } from "../lib/shortcuts.ts";
import { cssVariables, theme } from "../ui/theme.ts";
import { ToastRegion } from "./toast-region.tsx";

/** What surrounds every page, the sign-in included. */
export function Root() {
  const scheme = useScheme();
  const isSystemDark = useMediaQuery("(prefers-color-scheme: dark)", false, { getInitialValueInEffect: false });
  const isDark = scheme === "dark" || (scheme === "auto" && isSystemDark);
  useEffect(listenForShortcuts, []);
  useEffect(keepFocusOfBusyButtons, []);
  useEffect(() => refreshByLiveEvents(queryClient), []);
  return (
    <QueryClientProvider client={queryClient}>
      <FocusOnNavigation />
      <MantineProvider theme={theme} cssVariablesResolver={cssVariables} forceColorScheme={isDark ? "dark" : "light"}>
        <Outlet />
        <ToastRegion />
      </MantineProvider>
    </QueryClientProvider>
  );
}

/**
 * A change of page moves the focus to its heading, so that the keyboard and readers begin there, and so does a step within
 * a page that took away what had the focus. A component of its own, so that what surrounds every page is not drawn again
 * for each.
 */
function FocusOnNavigation() {
  const pathname = useRouterState({ select: (state) => state.resolvedLocation?.pathname });
  const href = useRouterState({ select: (state) => state.resolvedLocation?.href });
  const before = useRef<string | undefined>(undefined);
  useEffect(() => {
    const last = before.current;
    before.current = pathname;
    // The first page leaves the focus where the browser put it.
    if (pathname === undefined || last === undefined || href === undefined) return;
    if (last === pathname && !isFocusLost()) return;
    const target = document.querySelector<HTMLElement>("main h1") ?? document.querySelector<HTMLElement>("main");
    target?.focus({ preventScroll: true });
  }, [pathname, href]);
  return null;
}
