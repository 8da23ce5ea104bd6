import type { Alert } from "./alert.ts";
import type { EventType } from "./event.ts";
import { addStateChange, type FlappingPolicy, flappingEndsAt, isFlapping } from "./flapping.ts";
import type { JsonObject } from "./json.ts";
import type { Severity } from "./severity.ts";
import type { Link } from "./signal.ts";
import type { Tally } from "./tally.ts";
import type { TimelineDraft, TimelineKind } from "./timeline.ts";

/** What people act on; all times are epoch milliseconds. */
export type Incident = {
  readonly organizationId: string;
  readonly id: string;
  /** Counted per organization from 1; 0 until it is stored. */
  readonly number: number;
  readonly integrationId: string;
  readonly groupKey: string;
  readonly status: "open" | "acknowledged" | "resolved";
  readonly severity: Severity;
  readonly title: string;
  readonly description: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly links: readonly Link[];
  readonly flapping: boolean;
  readonly alertCount: number;
  readonly firingCount: number;
  readonly signalCount: number;
  readonly assignee: string | null;
  /** Fields that a person has set and no signal changes any more. */
  readonly editedFields: readonly EditableField[];
  readonly previousIncidentId: string | null;
  readonly mergedIntoId: string | null;
  readonly snoozedUntil: number | null;
  /** The latest openings and resolutions, for flapping. */
  readonly stateChanges: readonly number[];
  readonly eventSequence: number;
  /** When `incident.updated` is due, or the next look at a snooze or at flapping. */
  readonly updateDueAt: number | null;
  readonly lastUpdateEventAt: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly acknowledgedAt: number | null;
  readonly acknowledgedBy: string | null;
  readonly resolvedAt: number | null;
  readonly resolvedBy: string | null;
  readonly version: number;
};

/** Stands for the integration of an incident that a person opened by hand. */
export const NO_INTEGRATION = "00000000-0000-0000-0000-000000000000";

/** The fields of an incident that a person may set by hand. */
export const EDITABLE_FIELDS = ["title", "description", "severity"] as const;

/** A field that a person may set by hand. */
export type EditableField = (typeof EDITABLE_FIELDS)[number];

/** The type of an event that speaks of an incident. */
export type IncidentEventType = Extract<EventType, `incident.${string}`>;

/** An event about an incident as it was at that moment. */
export type IncidentFact = {
  readonly type: IncidentEventType;
  readonly incident: Incident;
  /** The alert that caused it, or null. */
  readonly alert: Alert | null;
  readonly at: number;
  /** What the payload says besides, such as the note that was added. */
  readonly details: JsonObject;
};

/** An incident with the tally of its firing alerts, and what has to be told of it; grows step by step. */
export type IncidentChange = {
  readonly incident: Incident;
  readonly tally: Tally;
  readonly facts: readonly IncidentFact[];
  readonly timeline: readonly TimelineDraft[];
};

/** An incident.updated follows the one before, or the creation, after so long at the earliest. */
export const UPDATE_INTERVAL_MS = 30_000;

/** How an incident is called in sentences. */
export function nameIncident(incident: Pick<Incident, "number">): string {
  return incident.number > 0 ? `incident #${incident.number}` : "the incident that was opened just before";
}

/** The starting point of a change. */
export function unchanged(incident: Incident, tally: Tally): IncidentChange {
  return { incident, tally, facts: [], timeline: [] };
}

/** The change with some fields set. */
export function withFields(change: IncidentChange, fields: Partial<Incident>): IncidentChange {
  return { ...change, incident: { ...change.incident, ...fields } };
}

/** Adds an event that shows the incident as it is now; the sequence counts the incident's events. */
export function withFact(
  change: IncidentChange,
  type: IncidentEventType,
  alert: Alert | null,
  at: number,
  details: JsonObject = {},
): IncidentChange {
  const incident = { ...change.incident, eventSequence: change.incident.eventSequence + 1 };
  return { ...change, incident, facts: [...change.facts, { type, incident, alert, at, details }] };
}

/** Adds a line to the timeline. */
export function withLine(
  change: IncidentChange,
  line: {
    readonly at: number;
    readonly kind: TimelineKind;
    readonly actor: string;
    readonly text: string;
    readonly details?: JsonObject;
  },
): IncidentChange {
  const { organizationId, id: incidentId } = change.incident;
  return { ...change, timeline: [...change.timeline, { organizationId, incidentId, details: {}, ...line }] };
}

/** Asks for an incident.updated, at most one per interval and none while it is snoozed. */
export function withUpdateDue(change: IncidentChange, now: number): IncidentChange {
  const { updateDueAt, lastUpdateEventAt, snoozedUntil } = change.incident;
  if (updateDueAt !== null) return change;
  const dueAt = Math.max(now, (lastUpdateEventAt ?? 0) + UPDATE_INTERVAL_MS, snoozedUntil ?? 0);
  return withFields(change, { updateDueAt: dueAt });
}

/**
 * Counts an opening or a resolution and tells of it by the given event; while the incident flaps it is told of entering
 * that state alone.
 */
export function withStateChange(
  change: IncidentChange,
  type: "incident.created" | "incident.reopened" | "incident.resolved",
  alert: Alert | null,
  policy: FlappingPolicy,
  now: number,
): IncidentChange {
  const wasFlapping = change.incident.flapping;
  const stateChanges = addStateChange(change.incident.stateChanges, policy, now);
  const flapping = wasFlapping || isFlapping(stateChanges, policy);
  if (!flapping) {
    const plain = withFields(change, { stateChanges, updateDueAt: null, lastUpdateEventAt: now });
    return withFact(plain, type, alert, now);
  }
  const next = withFields(change, { stateChanges, flapping, updateDueAt: flappingEndsAt(stateChanges, policy) });
  if (wasFlapping) return next;
  const text = `Flapping: ${stateChanges.length} state changes within ${policy.flapping_window_seconds} seconds; no more notifications until it calms down`;
  const entered = withLine(next, { at: now, kind: "flapping_started", actor: "overwatch", text });
  return withFact(withFields(entered, { lastUpdateEventAt: now }), "incident.updated", alert, now);
}
