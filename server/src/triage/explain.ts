import type { AlertChange } from "../core/alert.ts";
import { type Incident, nameIncident } from "../core/incident.ts";
import { wireTime } from "../core/incident-view.ts";

/** What can be decided about a signal; the words of a receipt's trace. docs/incidents.md is tested against it. */
export const DECISIONS = [
  "opened",
  "joined",
  "reopened",
  "refired",
  "refreshed",
  "escalated",
  "acknowledged",
  "unacknowledged",
  "resolved",
  "tombstone",
  "already_resolved",
  "older_than_resolve",
  "older_than_firing",
  "noted",
  "ignored",
] as const;

/** What was decided about a signal. */
export type Decision = (typeof DECISIONS)[number];

/** The decision about a signal that opened no incident, with a sentence that names what was compared. */
export function explainChange(
  change: AlertChange,
  incident: Incident | null,
  isEscalated: boolean,
): { readonly decision: Decision; readonly why: string } {
  const { before, after } = change;
  const where = incident === null ? "no incident" : `${nameIncident(incident)}, which is ${incident.status}`;
  const time = (ms: number | null | undefined): string => wireTime(ms ?? null) ?? "never";
  switch (change.kind) {
    case "fired":
      return { decision: "refired", why: `the alert fires again in ${where}` };
    case "refreshed":
      if (isEscalated) {
        return {
          decision: "escalated",
          why: `the severity rose from ${before?.severity} to ${after.severity} in ${where}`,
        };
      }
      return {
        decision: "refreshed",
        why: change.isRepeat
          ? `the alert was firing already with the same source time ${time(after.firedAt)}, in ${where}`
          : `the alert was firing already, in ${where}`,
      };
    case "acknowledged":
      return {
        decision: "acknowledged",
        why: `acknowledged at its source at ${time(after.acknowledgedAt)}, in ${where}`,
      };
    case "unacknowledged":
      return {
        decision: "unacknowledged",
        why: `its acknowledgement of ${time(after.acknowledgedAt)} was taken back, in ${where}`,
      };
    case "resolved":
      return {
        decision: "resolved",
        why: `the resolve of ${time(after.resolvedAt)} is not older than the firing of ${time(after.firedAt)}, in ${where}`,
      };
    case "tombstone":
      return {
        decision: "tombstone",
        why: "the resolve met no alert with this dedup key; it is kept, so that an older firing that comes late opens nothing",
      };
    case "already_resolved":
      return { decision: "already_resolved", why: `the alert was resolved already at ${time(before?.resolvedAt)}` };
    case "older_than_resolve":
      return {
        decision: "older_than_resolve",
        why: `the firing is not newer than the resolve of ${time(after.resolvedAt)}, so the alert stays resolved`,
      };
    case "older_than_firing":
      return {
        decision: "older_than_firing",
        why: `the resolve is older than the firing of ${time(after.firedAt)}, so the alert stays firing, in ${where}`,
      };
  }
}
