import { readHops } from "../core/hops.ts";
import type { Queryable } from "../runtime/database.ts";
import { type IncidentHops, raiseHops } from "../store/hops.ts";
import type { Folded } from "./fold.ts";

type Travelled = {
  readonly claim: { readonly organizationId: string };
  readonly payload: { readonly headers: Readonly<Record<string, string>> };
};

/** Keeps how far receipts of a batch have come with the incidents that they made or changed; nearly all have come nowhere. */
export async function keepHops(
  tx: Queryable,
  receipts: readonly Travelled[],
  signalsOf: (index: number) => readonly Folded[],
): Promise<void> {
  const raised = new Map<string, IncidentHops>();
  for (const [index, { claim, payload }] of receipts.entries()) {
    const hops = readHops(payload.headers);
    if (hops === 0) continue;
    for (const { incidentId, decision } of signalsOf(index)) {
      if (incidentId === null || decision === "ignored" || (raised.get(incidentId)?.hops ?? 0) >= hops) continue;
      raised.set(incidentId, { organizationId: claim.organizationId, incidentId, hops });
    }
  }
  if (raised.size > 0) await raiseHops(tx, [...raised.values()]);
}
