import type { Static } from "typebox";
import { wireTime } from "../core/incident-view.ts";
import { isObject, type JsonObject } from "../core/json.ts";
import type { Queryable } from "../runtime/database.ts";
import { listDeliveriesOfEvents } from "../store/deliveries-list.ts";
import type { FullReceipt } from "../store/receipts-read.ts";
import type { LifecycleView } from "./schemas/receipts.ts";

type Lifecycle = Static<typeof LifecycleView>;
type Step = Lifecycle["steps"][number];

const MOST_DELIVERIES = 100;

/** The way of a receipt, step by step: received, verified, read, decided, delivered. */
export async function viewLifecycle(
  database: Queryable,
  organizationId: string,
  receipt: FullReceipt,
): Promise<Lifecycle> {
  const events = eventsOf(receipt.trace);
  const deliveries =
    events.length === 0 ? [] : await listDeliveriesOfEvents(database, organizationId, events, MOST_DELIVERIES);
  const finishedAt = deliveries.every((one) => one.finishedAt !== null)
    ? Math.max(0, ...deliveries.map((one) => one.finishedAt ?? 0))
    : 0;
  const { processedAt, receivedAt, status } = receipt;
  const sentState = stateOfDeliveries(deliveries.map((one) => one.status));
  return {
    steps: [
      step("received", "done", receivedAt, null, `${receipt.bodyBytes} bytes from ${receipt.sourceIp}`),
      step("verified", "done", receivedAt, null, receipt.verifiedBy),
      step(
        "read",
        processedAt === null ? "waiting" : status === "quarantined" ? "failed" : "done",
        processedAt,
        processedAt === null ? null : processedAt - receivedAt,
        status === "quarantined" ? receipt.reason : variantOf(receipt.trace),
      ),
      step(
        "decided",
        processedAt === null ? "waiting" : receipt.incidentIds.length > 0 ? "done" : "skipped",
        receipt.incidentIds.length > 0 ? processedAt : null,
        null,
        processedAt === null ? null : (receipt.reason ?? decisionsOf(receipt.trace)),
      ),
      step(
        "delivered",
        processedAt === null ? "waiting" : sentState,
        finishedAt === 0 ? null : finishedAt,
        finishedAt === 0 || processedAt === null ? null : Math.max(0, finishedAt - processedAt),
        deliveries.length === 0 ? null : countStates(deliveries.map((one) => one.status)),
      ),
    ],
    deliveries: deliveries.map((one) => ({
      id: one.id,
      event_id: one.eventId,
      event_type: one.eventType,
      endpoint_id: one.endpointId,
      endpoint_name: one.endpointName,
      incident_id: one.incidentId,
      status: one.status,
      attempt_count: one.attemptCount,
      finished_at: wireTime(one.finishedAt),
    })),
  };
}

function step(
  name: Step["step"],
  state: Step["state"],
  at: number | null,
  durationMs: number | null,
  text: string | null,
): Step {
  return {
    step: name,
    state,
    at: wireTime(at),
    duration_ms: durationMs === null ? null : Math.round(durationMs),
    text,
  };
}

function stateOfDeliveries(states: readonly string[]): Step["state"] {
  if (states.length === 0) return "skipped";
  if (states.some((state) => state === "exhausted")) return "failed";
  return states.every((state) => state === "succeeded" || state === "cancelled") ? "done" : "waiting";
}

function countStates(states: readonly string[]): string {
  const counts = Map.groupBy(states, (state) => state);
  return [...counts].map(([state, all]) => `${all.length} ${state.replace("_", " ")}`).join(", ");
}

function eventsOf(trace: JsonObject | null): readonly string[] {
  const events = Array.isArray(trace?.events) ? trace.events : [];
  return events.flatMap((event) => (isObject(event) && typeof event.id === "string" ? [event.id] : []));
}

function variantOf(trace: JsonObject | null): string | null {
  const read = trace?.read;
  return isObject(read) && typeof read.variant === "string" ? read.variant : null;
}

function decisionsOf(trace: JsonObject | null): string | null {
  const signals = Array.isArray(trace?.signals) ? trace.signals : [];
  const words = signals.flatMap((one) => (isObject(one) && typeof one.decision === "string" ? [one.decision] : []));
  return words.length === 0 ? null : countStates(words);
}
