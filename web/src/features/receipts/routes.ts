import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { consoleRoute } from "../../app/parent-routes.tsx";
import { RECEIPT_STATUSES } from "../../lib/receipt-words.ts";
import { readText, readWord, readWords } from "../../lib/search-params.ts";
import { BODY_VIEWS, type ReceiptSearch, SPANS } from "./receipt-search.ts";

const receiptsRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: "/receipts",
  validateSearch: (search): ReceiptSearch => ({
    q: readText(search.q),
    status: readWords(search.status, RECEIPT_STATUSES),
    integration: readText(search.integration),
    span: readWord(search.span, SPANS),
    since: readText(search.since),
    until: readText(search.until),
  }),
  component: lazyRouteComponent(() => import("./receipts-page.tsx"), "ReceiptsPage"),
});

const receiptRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: "/receipts/$receiptId",
  validateSearch: (search): { tab?: (typeof BODY_VIEWS)[number] | undefined } => ({
    tab: readWord(search.tab, BODY_VIEWS),
  }),
  component: lazyRouteComponent(() => import("./receipt-page.tsx"), "ReceiptPage"),
});

/** The pages of receipts. */
export const receiptsRoutes = [receiptsRoute, receiptRoute] as const;
