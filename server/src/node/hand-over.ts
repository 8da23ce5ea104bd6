import type { HandOver, ReadyReceipt } from "../receive/hand-over.ts";
import type { ReadReceipt } from "../triage/batch.ts";
import type { Triage } from "../triage/triage.ts";
import { LEASE_MS } from "../triage/work-claims.ts";

/**
 * Lets receiving give receipts to the triage stage of the same process. They are stored all the same, with the claim that
 * triage would have made, so that a crash costs nothing. Only a node that is alone does it: several take the receipts of
 * an organization from the queue, in their order.
 */
export function createHandOver(deps: {
  readonly triage: Pick<Triage, "canHold" | "hold">;
  readonly nodeId: string;
  readonly now: () => number;
  readonly isAlone: () => boolean;
}): HandOver {
  return {
    lease: (count) =>
      deps.isAlone() && deps.triage.canHold(count) ? { nodeId: deps.nodeId, until: deps.now() + LEASE_MS } : null,
    give: (receipts) => deps.triage.hold(receipts.map(claimedOf)),
  };
}

function claimedOf({ receipt, integration, headers, reading }: ReadyReceipt): ReadReceipt {
  const { organizationId, id, integrationId, platform, receivedAt, verifiedBy, requestId } = receipt;
  return {
    claim: { organizationId, receiptId: id, integrationId, attempt: 1, lastError: null },
    payload: {
      organizationId,
      id,
      integrationId,
      platform,
      receivedAt,
      verifiedBy,
      requestId,
      headers,
      isReplay: false,
    },
    integration,
    reading,
  };
}
