import type { RECEIPT_STATUSES } from "../../lib/receipt-words.ts";

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
