import type { Static } from "typebox";
import { ALL_INCIDENTS, type IncidentFilter } from "../store/incident-filter.ts";
import { invalidField } from "./error-answer.ts";
import { readMoment } from "./paging.ts";
import type { Caller } from "./route.ts";
import { actorOf } from "./routes/incidents.ts";
import type { IncidentFacetQuery } from "./schemas/incident-lists.ts";

/** The filter that a query asks for, in the eyes of whoever asks. */
export function readIncidentFilter(query: Static<typeof IncidentFacetQuery>, caller: Caller): IncidentFilter {
  return {
    ...ALL_INCIDENTS,
    integrationIds: query.integration_id ?? null,
    statuses: query.status ?? null,
    severities: query.severity ?? null,
    assignees: query.assignee?.flatMap((name) => readAssignee(name, caller)) ?? null,
    flapping: query.flapping ?? null,
    labels: query.label === undefined ? null : readLabels(query.label),
    since: readMoment(query.since, "since"),
    until: readMoment(query.until, "until"),
    q: query.q ?? null,
  };
}

/** People are assigned to by name or by address. */
function readAssignee(name: string, caller: Caller): readonly (string | null)[] {
  if (name === "none") return [null];
  if (name !== "me") return [name];
  return caller.session === null ? [actorOf(caller)] : [actorOf(caller), caller.session.email];
}

/** Labels as `label=name:value` has them. */
export function readLabels(texts: readonly string[]): Readonly<Record<string, string>> {
  const pairs = texts.map((text): readonly [string, string] => {
    const colon = text.indexOf(":");
    if (colon < 1) throw invalidField("label", "must be written `name:value`");
    return [text.slice(0, colon), text.slice(colon + 1)];
  });
  return Object.fromEntries(pairs);
}
