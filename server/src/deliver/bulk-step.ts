import { hearsMissed, missedFilter } from "../announce/missed.ts";
import type { BulkStep } from "../core/bulk-run.ts";
import type { Queryable } from "../runtime/database.ts";
import type { Ids } from "../runtime/id.ts";
import type { BulkRun, StepResult } from "../store/bulk-runs.ts";
import { cancelPicked, pickDeliveries, resendPicked, retryPicked, type Touched } from "../store/bulk-steps.ts";
import { turnsOf } from "../store/delivery-actions.ts";
import { collapseTurns } from "../store/delivery-collapse.ts";
import { settleTurns } from "../store/delivery-turns.ts";
import { findEndpoint } from "../store/endpoints.ts";
import { noteMatched } from "../store/ledger.ts";
import { insertMissedDeliveries, listMissedEvents } from "../store/missed-events.ts";

/** One step of a run in the caller's transaction: takes what is next, changes it, and puts the turns in order. */
export async function takeStep(
  tx: Queryable,
  ids: Ids,
  run: BulkRun,
  step: BulkStep,
  now: number,
): Promise<StepResult> {
  if (run.kind === "replay_missing") return replayMissed(tx, ids, run, step, now);
  const picked = await pickDeliveries(tx, run, step.size);
  const lastId = picked.at(-1)?.id ?? null;
  if (picked.length === 0) return { done: 0, skipped: 0, failed: 0, lastId };
  const dueAt = dueMoments(picked.length, run.perSecond, now);
  let touched = picked;
  if (run.kind === "retry") await retryPicked(tx, picked, dueAt, now);
  else if (run.kind === "cancel") await cancelPicked(tx, picked, now);
  else {
    const freshIds = picked.map(() => ids.next());
    touched = await resendPicked(tx, picked, freshIds, dueAt, now);
  }
  await putInOrder(tx, touched, now);
  return { done: touched.length, skipped: picked.length - touched.length, failed: 0, lastId };
}

/** When each of so many is due: spread evenly over the step. */
function dueMoments(count: number, perSecond: number | null, now: number): readonly number[] {
  return Array.from({ length: count }, (_, place) => now + (perSecond === null ? 0 : (place * 1_000) / perSecond));
}

async function putInOrder(tx: Queryable, touched: readonly Touched[], now: number): Promise<void> {
  await collapseTurns(tx, turnsOf(touched.filter((one) => one.collapses)), now);
  await settleTurns(tx, turnsOf(touched), now);
}

async function replayMissed(tx: Queryable, ids: Ids, run: BulkRun, step: BulkStep, now: number): Promise<StepResult> {
  const { organizationId } = run;
  const endpoint = await findEndpoint(tx, organizationId, run.selection.endpointId ?? "");
  // Deleted meanwhile: nothing is left to do.
  if (endpoint === null) return { done: 0, skipped: 0, failed: 0, lastId: null };
  const events = await listMissedEvents(tx, missedFilter(endpoint, run.selection), run.afterId, step.size);
  const judged = Map.groupBy(events, (event) => hearsMissed(endpoint, event));
  const heard = judged.get("heard") ?? [];
  const dueAt = dueMoments(heard.length, run.perSecond, now);
  const planned = heard.map((event, place) => ({
    organizationId,
    id: ids.next(),
    eventId: event.id,
    endpointId: endpoint.id,
    incidentId: event.incidentId,
    dueAt: dueAt[place] ?? now,
  }));
  const made = await insertMissedDeliveries(tx, planned, now);
  const touched = planned
    .filter((delivery) => made.has(delivery.id))
    .map((delivery) => ({ ...delivery, collapses: endpoint.collapse && endpoint.order === "incident" }));
  // One that was counted but lost is there again; all others are new to the ledger.
  const counted = new Set(heard.filter((event) => event.isCounted).map((event) => event.id));
  await noteMatched(
    tx,
    touched.filter((delivery) => !counted.has(delivery.eventId)),
  );
  await putInOrder(tx, touched, now);
  const failed = judged.get("failed")?.length ?? 0;
  const skipped = events.length - failed - touched.length;
  return { done: touched.length, skipped, failed, lastId: events.at(-1)?.id ?? null };
}
