import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { consoleRoute } from "../../app/parent-routes.tsx";
import { RECEIPT_STATUSES } from "../../lib/receipt-words.ts";
import { readText, readWord, readWords } from "../../lib/search-params.ts";

/** The spans back from now that receipts can be narrowed to. */
export const SPANS = ["15m", "1h", "24h", "7d"] as const;

/** The filters of receipts as they stand in the URL. */
export type ReceiptSearch = {
  readonly q?: string | undefined;
  readonly status?: readonly (typeof RECEIPT_STATUSES)[number][] | undefined;
  readonly integration?: string | undefined;
  readonly span?: (typeof SPANS)[number] | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
};

/** The ways in which a receipt's body can be looked at. */
export const BODY_VIEWS = ["body", "read", "difference", "headers"] as const;

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
