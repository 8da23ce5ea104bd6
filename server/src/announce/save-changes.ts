import type { Alert } from "../core/alert.ts";
import type { Incident, IncidentFact } from "../core/incident.ts";
import { incidentPayload, PAYLOAD_ALERTS } from "../core/incident-view.ts";
import { foldTimeline, type TimelineDraft } from "../core/timeline.ts";
import type { Queryable, Transaction } from "../runtime/database.ts";
import { insertAlerts, readAlertsOfIncidents, updateAlerts } from "../store/alerts.ts";
import { insertIncidents, updateIncidents } from "../store/incidents.ts";
import type { Subscriber } from "../store/subscribers.ts";
import { insertTimeline, type TimelineLine } from "../store/timeline.ts";
import { readTriageIntegrations } from "../store/triage-integrations.ts";
import { type AnnounceDeps, type Announcement, announceAll, type Fact } from "./announce.ts";

/** What a decision wants written; facts in their order. */
export type Changes = {
  readonly newAlerts: readonly Alert[];
  readonly changedAlerts: readonly Alert[];
  /** Without numbers: these are given here. */
  readonly newIncidents: readonly Incident[];
  readonly changedIncidents: readonly Incident[];
  readonly facts: readonly IncidentFact[];
  readonly timeline: readonly TimelineDraft[];
};

/** What was written: the announcement of each fact in order, and the numbers of new incidents by id. */
export type Saved = {
  readonly announcements: readonly Announcement[];
  readonly numbers: ReadonlyMap<string, number>;
};

/** What an event's payload says of an integration. */
export type NamedIntegration = { readonly id: string; readonly name: string; readonly platform: string };

/** Unique constraints by which a faster transaction shows itself: the work is then done again on what is there now. */
export const RACED_CONSTRAINTS = ["incidents_open_group", "alerts_dedup_key", "incidents_number"];

/** What the caller has read or asked for already, which need not be read again. */
export type Known = {
  readonly integrations: readonly NamedIntegration[];
  /** The endpoints of every organization that the changes belong to. */
  readonly subscribers: Promise<readonly Subscriber[]> | null;
};

const NOTHING_KNOWN: Known = { integrations: [], subscribers: null };

/** What saving needs; `publicUrl` is how the outside reaches the console, without a slash at the end. */
export type SaveDeps = AnnounceDeps & { readonly publicUrl: () => string };

/** Nothing to write. */
export const NO_CHANGES: Changes = {
  newAlerts: [],
  changedAlerts: [],
  newIncidents: [],
  changedIncidents: [],
  facts: [],
  timeline: [],
};

/**
 * Writes changed alerts and incidents with their timelines, and announces the facts, in the caller's transaction. Only
 * the numbers of new incidents are waited for, since events tell them.
 */
export async function saveChanges(
  tx: Transaction,
  deps: SaveDeps,
  changes: Changes,
  known: Known = NOTHING_KNOWN,
): Promise<Saved> {
  // In one order for all transactions, so that two that make the same alerts wait for each other only once.
  const newAlerts = changes.newAlerts.toSorted((one, other) => (one.dedupKey < other.dedupKey ? -1 : 1));
  const { changedIncidents, newIncidents, changedAlerts } = changes;
  // Changed incidents first: one whose window has passed gives its group's name to the new one.
  if (changedIncidents.length > 0) updateIncidents(tx, changedIncidents);
  const numbering = newIncidents.length > 0 ? insertIncidents(tx, newIncidents) : new Map<string, number>();
  if (newAlerts.length > 0) insertAlerts(tx, newAlerts);
  if (changedAlerts.length > 0) updateAlerts(tx, changedAlerts);
  const numbers = await numbering;
  const timeline = foldTimeline(changes.timeline).map((line) => ({ ...line, id: deps.ids.next() }));
  const announcements = await announceFacts(tx, deps, { facts: changes.facts, timeline }, numbers, known);
  return { announcements, numbers };
}

function numbered(incident: Incident, numbers: ReadonlyMap<string, number>): Incident {
  const number = numbers.get(incident.id);
  return number === undefined ? incident : { ...incident, number };
}

async function announceFacts(
  tx: Transaction,
  deps: SaveDeps,
  { facts, timeline }: { readonly facts: readonly IncidentFact[]; readonly timeline: readonly TimelineLine[] },
  numbers: ReadonlyMap<string, number>,
  known: Known,
): Promise<readonly Announcement[]> {
  if (facts.length === 0) {
    if (timeline.length > 0) insertTimeline(tx, timeline);
    return [];
  }
  const byId = new Map(known.integrations.map((integration) => [integration.id, integration]));
  const unknown = distinctIntegrations(facts).filter(({ id }) => !byId.has(id));
  if (unknown.length > 0) {
    for (const integration of await readTriageIntegrations(tx, unknown)) byId.set(integration.id, integration);
  }
  const members = await readMembers(tx, facts);
  const told = facts.map((fact): Fact & { readonly organizationId: string } => {
    const incident = numbered(fact.incident, numbers);
    const alerts = members.get(incident.id) ?? (fact.alert === null ? [] : [fact.alert]);
    return {
      organizationId: incident.organizationId,
      type: fact.type,
      incidentId: incident.id,
      integrationId: incident.integrationId,
      endpointId: null,
      sequence: incident.eventSequence,
      payload: {
        ...incidentPayload(
          incident,
          fact.alert ?? alerts[0] ?? null,
          alerts,
          byId.get(incident.integrationId) ?? null,
          deps.publicUrl(),
        ),
        ...fact.details,
      },
      at: fact.at,
    };
  });
  return announceAll(tx, deps, told, timeline, known.subscribers);
}

function distinctIntegrations(facts: readonly IncidentFact[]) {
  const found = new Map(
    facts.map(({ incident }) => [
      incident.integrationId,
      { organizationId: incident.organizationId, id: incident.integrationId },
    ]),
  );
  return [...found.values()];
}

/** The alerts of the incidents whose events cannot do with the one alert that caused them. */
async function readMembers(
  tx: Queryable,
  facts: readonly IncidentFact[],
): Promise<ReadonlyMap<string, readonly Alert[]>> {
  const wanted = new Map(
    facts
      .filter((fact) => fact.alert === null || fact.incident.alertCount > 1)
      .map(({ incident }) => [incident.id, { organizationId: incident.organizationId, id: incident.id }]),
  );
  if (wanted.size === 0) return new Map();
  const alerts = await readAlertsOfIncidents(tx, [...wanted.values()], PAYLOAD_ALERTS);
  return Map.groupBy(alerts, (alert) => alert.incidentId ?? "");
}
