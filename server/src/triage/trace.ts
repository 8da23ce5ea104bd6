import type { Announcement } from "../announce/announce.ts";
import { wireTime } from "../core/incident-view.ts";
import type { JsonObject } from "../core/json.ts";
import type { Reading } from "../core/signal.ts";
import type { ReceiptOutcome } from "../store/receipt-outcomes.ts";
import type { Folded } from "./fold.ts";

const MOST_SIGNALS = 100;
const MOST_EVENTS = 20;
const MOST_ENDPOINTS = 50;
const MOST_IDS = 500;

/** What is known of a receipt when its trace is written. */
export type Story = {
  readonly verifiedBy: string;
  readonly configVersion: number;
  readonly reading: Reading;
  readonly folded: readonly Folded[];
  readonly announcements: readonly Announcement[];
  /** The numbers of incidents by id. */
  readonly numberOf: (incidentId: string) => number | null;
  /** The dedup keys nearest to that of a resolve that met nothing, by its dedup key. */
  readonly nearestKeys: ReadonlyMap<string, readonly string[]>;
};

/** The outcome of a receipt that was read, with the trace that explains it. */
export function concludeReceipt(story: Story): ReceiptOutcome {
  const { reading, folded } = story;
  const trace = traceOf(story);
  if (reading.kind === "unreadable") {
    const reason = `${reading.path}: ${reading.message}`;
    return { status: "quarantined", reason, alertIds: [], incidentIds: [], trace };
  }
  if (reading.kind === "ignored") {
    const reason = `${reading.reason}: ${reading.message}`;
    return { status: "ignored", reason, alertIds: reading.externalIds.slice(0, MOST_IDS), incidentIds: [], trace };
  }
  const alertIds = distinct(folded.map((one) => one.signal.externalId));
  const incidentIds = distinct(folded.flatMap((one) => (one.incidentId === null ? [] : [one.incidentId])));
  const { status, reason } = judge(reading, folded);
  return { status, reason, alertIds, incidentIds, trace };
}

function judge(
  reading: Extract<Reading, { kind: "signals" }>,
  folded: readonly Folded[],
): Pick<ReceiptOutcome, "status" | "reason"> {
  if (folded.length === 0) {
    return {
      status: "ignored",
      reason: reading.heartbeat ? "heartbeat: a sign of life" : "not_an_alert: no alert in it",
    };
  }
  if (folded.every((one) => one.decision === "ignored")) return { status: "ignored", reason: folded[0]?.why ?? null };
  if (folded.every((one) => one.isRepeat)) return { status: "duplicate", reason: "everything in it was known already" };
  return { status: "processed", reason: null };
}

/** The outcome of a receipt that failed every time. */
export function concludePoison(verifiedBy: string, message: string, attempts: number): ReceiptOutcome {
  const reason = `poison: ${message.slice(0, 500)}`;
  return {
    status: "quarantined",
    reason,
    alertIds: [],
    incidentIds: [],
    trace: { verified: { by: verifiedBy }, failed: { attempts, message: message.slice(0, 500) } },
  };
}

function traceOf(story: Story): JsonObject {
  const { reading, folded, announcements } = story;
  const shown = folded.slice(0, MOST_SIGNALS);
  return {
    verified: { by: story.verifiedBy },
    read: traceReading(reading),
    signals: shown.map((one) => traceSignal(one, story)),
    ...(folded.length > shown.length ? { signals_left_out: folded.length - shown.length } : {}),
    events: announcements.slice(0, MOST_EVENTS).map(traceEvent),
    ...(announcements.length > MOST_EVENTS ? { events_left_out: announcements.length - MOST_EVENTS } : {}),
    config_version: story.configVersion,
  };
}

function traceReading(reading: Reading): JsonObject {
  if (reading.kind === "unreadable") return { kind: reading.kind, path: reading.path, message: reading.message };
  const { kind, variant } = reading;
  if (kind === "ignored") return { kind, variant, reason: reading.reason, message: reading.message, warnings: [] };
  return { kind, variant, warnings: reading.warnings.slice(0, 20), heartbeat: reading.heartbeat };
}

function traceSignal(one: Folded, story: Story): JsonObject {
  const nearest = one.decision === "tombstone" ? story.nearestKeys.get(one.signal.dedupKey) : undefined;
  return {
    dedup_key: one.signal.dedupKey,
    dedup_key_from: one.signal.dedupKeyFrom,
    status: one.signal.status,
    severity: one.signal.severity,
    source_time: wireTime(one.signal.sourceTime),
    decision: one.decision,
    why: one.why,
    alert_id: one.alertId,
    incident_id: one.incidentId,
    incident_number: one.incidentId === null ? null : story.numberOf(one.incidentId),
    ...(nearest === undefined ? {} : { nearest_open_keys: nearest }),
  };
}

function traceEvent(announcement: Announcement): JsonObject {
  const shown = announcement.endpoints.slice(0, MOST_ENDPOINTS);
  return {
    id: announcement.id,
    type: announcement.type,
    endpoints: shown.map((hearing) => ({
      endpoint_id: hearing.endpointId,
      name: hearing.name,
      matched: hearing.matched,
      why: hearing.why,
    })),
    ...(announcement.endpoints.length > shown.length
      ? { endpoints_left_out: announcement.endpoints.length - shown.length }
      : {}),
  };
}

function distinct(values: readonly string[]): readonly string[] {
  return [...new Set(values)].slice(0, MOST_IDS);
}
