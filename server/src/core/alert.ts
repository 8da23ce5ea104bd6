import type { Severity } from "./severity.ts";
import type { Link, Signal } from "./signal.ts";

/** The ongoing condition that signals talk about; all times are epoch milliseconds. */
export type Alert = {
  readonly organizationId: string;
  readonly id: string;
  readonly integrationId: string;
  readonly dedupKey: string;
  readonly externalId: string;
  readonly status: "firing" | "resolved";
  readonly acknowledged: boolean;
  readonly severity: Severity;
  readonly title: string;
  readonly description: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly links: readonly Link[];
  readonly incidentId: string | null;
  readonly groupKey: string;
  /** The newest source time at which it was seen firing; acknowledged and unacknowledged signals count, too. */
  readonly firedAt: number | null;
  /** The newest source time of each other kind of signal. */
  readonly resolvedAt: number | null;
  readonly acknowledgedAt: number | null;
  readonly unacknowledgedAt: number | null;
  /** The source time of the signal that made it fire; best effort when signals come out of order. */
  readonly firingSince: number | null;
  readonly signalCount: number;
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
};

/** Names an alert in full. */
export type AlertKey = Pick<Alert, "organizationId" | "integrationId" | "dedupKey">;

/** What a signal did to its alert. */
export type AlertChange = {
  readonly kind:
    | "fired"
    | "refreshed"
    | "acknowledged"
    | "unacknowledged"
    | "resolved"
    | "tombstone"
    | "already_resolved"
    | "older_than_resolve"
    | "older_than_firing";
  readonly before: Alert | null;
  readonly after: Alert;
  /** True when the signal told only what was known already, with the same source time. */
  readonly isRepeat: boolean;
};

/** What an alert needs besides its signal. */
export type AlertSetting = {
  readonly organizationId: string;
  readonly integrationId: string;
  /** The id of the alert, if the signal makes one. */
  readonly newId: string;
  /** When the signal was received, epoch milliseconds. */
  readonly receivedAt: number;
  /** False for a replay: then a known alert counts no further signal. */
  readonly isCounted: boolean;
};

/**
 * Applies one signal. The state is made of maxima of source times, so it is the same for every order of arrival: firing
 * when the newest firing is newer than the newest resolve (at equal times the resolve wins), acknowledged when the
 * newest acknowledgement is newer than both the newest resolve and the newest unacknowledgement.
 */
export function applySignal(before: Alert | null, signal: Signal, setting: AlertSetting): AlertChange {
  const isEvidence = signal.status !== "resolved";
  const time = signal.sourceTime;
  const times = {
    firedAt: isEvidence ? latest(before?.firedAt, time) : (before?.firedAt ?? null),
    resolvedAt: isEvidence ? (before?.resolvedAt ?? null) : latest(before?.resolvedAt, time),
    acknowledgedAt:
      signal.status === "acknowledged" ? latest(before?.acknowledgedAt, time) : (before?.acknowledgedAt ?? null),
    unacknowledgedAt:
      signal.status === "unacknowledged" ? latest(before?.unacknowledgedAt, time) : (before?.unacknowledgedAt ?? null),
  };
  const isNewest = isEvidence && time >= (before?.firedAt ?? Number.NEGATIVE_INFINITY);
  const isFiring = isAfter(times.firedAt, times.resolvedAt) && (before === null || !isStale(before) || isNewest);
  const wasFiring = before?.status === "firing";
  const after: Alert = {
    ...content(before, signal, isNewest),
    ...times,
    organizationId: setting.organizationId,
    id: before?.id ?? setting.newId,
    integrationId: setting.integrationId,
    dedupKey: signal.dedupKey,
    status: isFiring ? "firing" : "resolved",
    acknowledged: isFiring && isAfter(times.acknowledgedAt, later(times.resolvedAt, times.unacknowledgedAt)),
    incidentId: before?.incidentId ?? null,
    groupKey: before?.groupKey ?? "",
    firingSince: isFiring && !wasFiring ? time : (before?.firingSince ?? null),
    signalCount: (before?.signalCount ?? 0) + (before === null || setting.isCounted ? 1 : 0),
    firstSeenAt: before?.firstSeenAt ?? setting.receivedAt,
    lastSeenAt: setting.isCounted
      ? Math.max(before?.lastSeenAt ?? 0, setting.receivedAt)
      : (before?.lastSeenAt ?? setting.receivedAt),
  };
  return { kind: kindOf(before, after, signal), before, after, isRepeat: isRepeat(before, after, signal) };
}

/** Resolves an alert as a person's word or a merge does: only a source time newer than now fires it again. */
export function resolveByHand(alert: Alert, now: number): Alert {
  const resolvedAt = Math.max(now, alert.firedAt ?? 0, alert.resolvedAt ?? 0);
  return { ...alert, status: "resolved", acknowledged: false, resolvedAt };
}

/**
 * Resolves an alert that its source forgot. The source times stay as they are, so that the same firing, when it is
 * heard again, counts as news.
 */
export function resolveAsStale(alert: Alert): Alert {
  return { ...alert, status: "resolved", acknowledged: false };
}

function isStale(alert: Alert): boolean {
  return alert.status === "resolved" && isAfter(alert.firedAt, alert.resolvedAt);
}

type Content = Pick<Alert, "externalId" | "severity" | "title" | "description" | "labels" | "links">;

function content(before: Alert | null, signal: Signal, isNewest: boolean): Content {
  if (before === null) {
    const { externalId, severity, title, description, labels, links } = signal;
    return { externalId, severity, title, description, labels, links };
  }
  if (!isNewest) {
    const { externalId, severity, title, description, labels, links } = before;
    return { externalId, severity, title, description, labels, links };
  }
  return {
    externalId: signal.externalId || before.externalId,
    severity: signal.severity,
    title: signal.title || before.title,
    description: signal.description || before.description,
    labels: Object.keys(signal.labels).length > 0 ? signal.labels : before.labels,
    links: signal.links.length > 0 ? signal.links : before.links,
  };
}

function kindOf(before: Alert | null, after: Alert, signal: Signal): AlertChange["kind"] {
  const wasFiring = before?.status === "firing";
  if (after.status === "firing") {
    if (!wasFiring) return "fired";
    if (signal.status === "resolved") return "older_than_firing";
    if (after.acknowledged !== before.acknowledged) return after.acknowledged ? "acknowledged" : "unacknowledged";
    return "refreshed";
  }
  if (wasFiring) return "resolved";
  if (signal.status !== "resolved") return "older_than_resolve";
  return before === null ? "tombstone" : "already_resolved";
}

const TIME_OF_STATUS = {
  firing: "firedAt",
  acknowledged: "acknowledgedAt",
  unacknowledged: "unacknowledgedAt",
  resolved: "resolvedAt",
  noted: "firedAt",
} as const satisfies Record<Signal["status"], keyof Alert>;

function isRepeat(before: Alert | null, after: Alert, signal: Signal): boolean {
  return (
    before !== null &&
    before[TIME_OF_STATUS[signal.status]] === signal.sourceTime &&
    before.status === after.status &&
    before.acknowledged === after.acknowledged &&
    before.severity === after.severity &&
    before.title === after.title &&
    before.description === after.description
  );
}

function latest(known: number | null | undefined, time: number): number {
  return Math.max(known ?? Number.NEGATIVE_INFINITY, time);
}

function later(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.max(one, other);
}

function isAfter(one: number | null, other: number | null): boolean {
  return one !== null && (other === null || one > other);
}
