import "@mantine/core/styles.css";
import "./ui/global.css";
import { createRouter, RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { FailedContent } from "./app/failed-page.tsx";
import { listSearches } from "./lib/list-searches.ts";
import { openPathsWith } from "./lib/palette.ts";
import { parseSearch, stringifySearch } from "./lib/search-params.ts";
import { routeTree } from "./routes/tree.ts";

const router = createRouter({
  routeTree,
  parseSearch,
  stringifySearch,
  defaultPreload: "intent",
  defaultPreloadStaleTime: 0,
  defaultErrorComponent: FailedContent,
  scrollRestoration: true,
});

router.subscribe("onBeforeNavigate", listSearches.note);
openPathsWith((path) => router.history.push(path));

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <RouterProvider router={router} />
  </StrictMode>,
);
