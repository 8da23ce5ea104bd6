import { readSwitch, readText, readTexts, readWord, readWords } from "../../lib/search-params.ts";

/** The words of `status` in the URL; without one the list shows what is unresolved. */
export const STATUS_PARAMETERS = ["open", "acknowledged", "resolved", "all"] as const;

/** The orders of the list. */
export const SORTS = ["newest", "oldest", "severity", "updated"] as const;

const SEVERITIES = ["critical", "high", "medium", "low", "info"] as const;

/** The filters of the list as they stand in the URL. */
export type IncidentSearch = {
  readonly q?: string | undefined;
  readonly status?: readonly (typeof STATUS_PARAMETERS)[number][] | undefined;
  readonly severity?: readonly (typeof SEVERITIES)[number][] | undefined;
  readonly integration?: readonly string[] | undefined;
  readonly assignee?: readonly string[] | undefined;
  readonly label?: readonly string[] | undefined;
  readonly flapping?: true | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly sort?: (typeof SORTS)[number] | undefined;
};

/** Reads the filters; what cannot be understood is left out. */
export function readIncidentSearch(search: Readonly<Record<string, unknown>>): IncidentSearch {
  return {
    q: readText(search.q),
    status: readWords(search.status, STATUS_PARAMETERS),
    severity: readWords(search.severity, SEVERITIES),
    integration: readTexts(search.integration),
    assignee: readTexts(search.assignee),
    label: readTexts(search.label),
    flapping: readSwitch(search.flapping),
    since: readText(search.since),
    until: readText(search.until),
    sort: readWord(search.sort, SORTS),
  };
}

/** The states that the filters ask for. */
export function statusesOf({ status }: IncidentSearch): readonly ("open" | "acknowledged" | "resolved")[] {
  if (status === undefined) return ["open", "acknowledged"];
  if (status.includes("all")) return ["open", "acknowledged", "resolved"];
  return status.filter((word) => word !== "all");
}

/** The query of the API that finds what the filters ask for. */
export function queryOf(search: IncidentSearch) {
  const statuses = statusesOf(search);
  return {
    q: search.q,
    status: statuses.length === 3 ? undefined : statuses,
    severity: search.severity,
    integration_id: search.integration,
    assignee: search.assignee,
    label: search.label,
    flapping: search.flapping,
    since: search.since,
    until: search.until,
  };
}

/** True when something beyond the default is asked for. */
export function isFiltered(search: IncidentSearch): boolean {
  const { sort: _sort, ...filters } = search;
  return Object.values(filters).some((value) => value !== undefined);
}

/** What can be open over an incident. */
export const INCIDENT_DIALOGS = ["assign", "snooze", "merge", "edit"] as const;

/** The tabs of an incident, the first without a word in the URL. */
export const INCIDENT_TABS = ["timeline", "alerts", "deliveries", "why"] as const;

/** What of an incident's page stands in the URL. */
export type IncidentPageSearch = {
  readonly tab?: (typeof INCIDENT_TABS)[number] | undefined;
  readonly dialog?: (typeof INCIDENT_DIALOGS)[number] | undefined;
  /** Everything that happened instead of the key moments. */
  readonly all?: true | undefined;
};
