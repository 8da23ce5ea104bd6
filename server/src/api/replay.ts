import type { Static } from "typebox";
import type { Database } from "../runtime/database.ts";
import { readReceiptPayloads } from "../store/receipt-payloads.ts";
import type { ApiDeps } from "./deps.ts";
import type { ReplayView } from "./schemas/receipts.ts";

/** A receipt whose replay is tried, and what it led to so far. */
export type ReplayedReceipt = { readonly id: string; readonly status: string };

const MAX_BYTES = 32 * 1_048_576;

/** Tells what processing receipts again would change; writes nothing. Oldest first. */
export async function tryReplay(
  deps: ApiDeps,
  database: Database,
  organizationId: string,
  receipts: readonly ReplayedReceipt[],
  hasMore: boolean,
): Promise<Static<typeof ReplayView>> {
  const keys = receipts.map((receipt) => ({ organizationId, receiptId: receipt.id }));
  const payloads = await readReceiptPayloads(database, keys, MAX_BYTES);
  const result = await deps.dryRun(payloads);
  const incidentsOf = (isRepeat: boolean): ReadonlySet<string> =>
    new Set(
      result.receipts.flatMap(({ outcome }) =>
        (outcome.status === "duplicate") === isRepeat ? [...outcome.incidentIds] : [],
      ),
    );
  const repeated = incidentsOf(true).difference(incidentsOf(false));
  // A receipt that tells only what is known is written to its incident all the same, and changes nothing that is seen of it.
  const incidents = result.changedIncidentIds.filter((id) => !repeated.has(id));
  const opened = result.events.filter((event) => event.type === "incident.created").length;
  return {
    dry_run: true,
    receipts: payloads.length,
    has_more: hasMore || payloads.length < receipts.length,
    queued: 0,
    changes: {
      incidents_opened: opened,
      incidents_changed: incidents.length - opened,
      incidents_resolved: result.events.filter((event) => event.type === "incident.resolved").length,
      events: result.events.length,
      deliveries: result.events.flatMap((event) => event.endpoints).filter((hearing) => hearing.matched).length,
      receipts: result.receipts.map((receipt) => ({
        receipt_id: receipt.id,
        status: receipt.outcome.status,
        reason: receipt.outcome.reason,
        was: receipts.find((one) => one.id === receipt.id)?.status ?? "queued",
        incident_ids: [...receipt.outcome.incidentIds],
      })),
    },
  };
}
