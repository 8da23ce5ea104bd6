import type { Alert } from "./alert.ts";
import { addStateChange, isFlapping } from "./flapping.ts";
import { type Incident, nameIncident } from "./incident.ts";
import type { Grouping, TriagePolicy } from "./integration.ts";

/** Where a firing alert belongs, and a sentence that says what was compared. */
export type Placement =
  | { readonly kind: "stay" | "join" | "reopen"; readonly incident: Incident; readonly why: string }
  | {
      readonly kind: "open";
      readonly previous: Incident | null;
      /** An unresolved incident of the same group whose window has passed: it gives its group's name away. */
      readonly outgrown: Incident | null;
      readonly why: string;
    };

/** What is known when a firing alert is placed. */
export type PlacementState = {
  /** The incident that the alert belongs or belonged to. */
  readonly own: Incident | null;
  /** The unresolved incident of the alert's group, else the newest; of a merged group the one of the group it became. */
  readonly current: Incident | null;
};

/**
 * Finds the incident of a firing alert: its own while that is unresolved, else the group's, else a resolved one that is
 * reopened because it is not long ago, else a new one that links to the one before.
 */
export function placeAlert(
  alert: Alert,
  { own, current }: PlacementState,
  policy: TriagePolicy,
  grouping: Grouping,
  now: number,
): Placement {
  if (own !== null && own.status !== "resolved") {
    return { kind: "stay", incident: own, why: `it belongs to ${nameIncident(own)}, which is ${own.status}` };
  }
  if (current !== null && current.status !== "resolved") {
    const what = `${nameIncident(current)} of the same group`;
    if (isWithinWindow(current, grouping, now))
      return { kind: "join", incident: current, why: `${what} is ${current.status}` };
    const why = `${what} is older than the window of ${grouping.window_seconds} seconds`;
    return { kind: "open", previous: current, outgrown: current.groupKey === alert.groupKey ? current : null, why };
  }
  // Only an incident of the same group may come back: of any other group there may be an unresolved one by now.
  const ownOfGroup = own !== null && own.groupKey === current?.groupKey ? own : null;
  for (const candidate of [ownOfGroup, current]) {
    if (candidate === null || (candidate !== own && !isWithinWindow(candidate, grouping, now))) continue;
    const why = whyReopened(candidate, policy, now);
    if (why !== null) return { kind: "reopen", incident: candidate, why };
  }
  const previous = ownOfGroup ?? current ?? own;
  return { kind: "open", previous, outgrown: null, why: whyOpened(alert, previous, policy) };
}

function whyOpened(alert: Alert, previous: Incident | null, policy: TriagePolicy): string {
  if (previous === null) return "no incident of its group was known";
  if (previous.groupKey !== alert.groupKey) return "no unresolved incident of its group was known";
  if (policy.reopen_seconds <= 0) return `${nameIncident(previous)} is resolved, and none is ever reopened`;
  return `${nameIncident(previous)} was resolved more than ${policy.reopen_seconds} seconds ago`;
}

function isWithinWindow(incident: Incident, grouping: Grouping, now: number): boolean {
  return grouping.window_seconds === undefined || now - incident.createdAt <= grouping.window_seconds * 1000;
}

function whyReopened(incident: Incident, policy: TriagePolicy, now: number): string | null {
  if (incident.resolvedAt === null || incident.mergedIntoId !== null) return null;
  const seconds = Math.max(0, Math.round((now - incident.resolvedAt) / 1000));
  const name = nameIncident(incident);
  if (policy.reopen_seconds > 0 && now - incident.resolvedAt <= policy.reopen_seconds * 1000) {
    return `${name} was resolved ${seconds} seconds ago, within the ${policy.reopen_seconds} seconds for reopening`;
  }
  // A flapping incident stays one incident, or flapping could never be seen with a short time for reopening.
  if (incident.flapping || isFlapping(addStateChange(incident.stateChanges, policy, now), policy)) {
    return `${name} is flapping and stays one incident`;
  }
  return null;
}
