import { createHash } from "node:crypto";
import { announceAll, type Fact } from "../announce/announce.ts";
import { viewIntegration, wireTime } from "../core/incident-view.ts";
import { firstUuidAt } from "../runtime/id.ts";
import { findEventIds } from "../store/events.ts";
import type { TriageIntegration } from "../store/triage-integrations.ts";
import type { BatchDeps } from "./batch.ts";
import { hasDeliveries, NOTHING_DONE, type PeriodicResult } from "./periodic-result.ts";

/** An integration and when it was last heard of, epoch milliseconds. */
export type Watched = TriageIntegration & { readonly lastHeardAt: number };

/**
 * Announces integrations that have been silent for longer than they want, once per silence: the event's id is made of
 * what it speaks of, so that no node can announce the same silence twice.
 */
export async function announceSilence(deps: BatchDeps, watched: readonly Watched[]): Promise<PeriodicResult> {
  const now = deps.clock.now();
  const silent = watched.flatMap((integration) => factOf(integration, now));
  if (silent.length === 0) return NOTHING_DONE;
  return deps.database.transaction(
    async (tx) => {
      const known = await findEventIds(tx, silent);
      const fresh = silent.filter((fact) => !known.has(fact.id));
      if (fresh.length === 0) return NOTHING_DONE;
      const announcements = await announceAll(tx, deps, fresh);
      return { rows: fresh.length, isFull: false, hasDeliveries: hasDeliveries(announcements), changed: [] };
    },
    { retryOn: ["events_pkey"] },
  );
}

type SilenceFact = Fact & { readonly organizationId: string; readonly id: string };

function factOf(integration: Watched, now: number): readonly SilenceFact[] {
  const seconds = integration.triage.silent_after_seconds ?? null;
  if (seconds === null) return [];
  const silentAt = integration.lastHeardAt + seconds * 1000;
  if (now < silentAt) return [];
  return [
    {
      organizationId: integration.organizationId,
      id: silenceId(integration.id, silentAt),
      type: "integration.silent",
      incidentId: null,
      integrationId: integration.id,
      endpointId: null,
      sequence: 0,
      payload: {
        integration: viewIntegration(integration),
        silence: { last_receipt_at: wireTime(integration.lastHeardAt), silent_after_seconds: seconds },
      },
      at: now,
    },
  ];
}

/** A UUID of version 7 with the time at which the silence was reached; the rest is made of the integration's id. */
function silenceId(integrationId: string, silentAt: number): string {
  const digest = createHash("sha256").update(`${integrationId} ${silentAt}`).digest("hex");
  return `${firstUuidAt(silentAt).slice(0, 14)}7${digest.slice(0, 3)}-8${digest.slice(3, 6)}-${digest.slice(6, 18)}`;
}
