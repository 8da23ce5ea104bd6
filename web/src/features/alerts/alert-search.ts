import { readText, readTexts, readWords } from "../../lib/search-params.ts";

const SEVERITIES = ["critical", "high", "medium", "low", "info"] as const;

/** The words of `status` in the URL; without one the list shows what fires. */
const STATUS_PARAMETERS = ["firing", "resolved", "all"] as const;

/** The filters of the list as they stand in the URL. */
export type AlertSearch = {
  readonly q?: string | undefined;
  readonly status?: readonly (typeof STATUS_PARAMETERS)[number][] | undefined;
  readonly severity?: readonly (typeof SEVERITIES)[number][] | undefined;
  readonly integration?: readonly string[] | undefined;
  readonly label?: readonly string[] | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
};

/** Reads the filters; what cannot be understood is left out. */
export function readAlertSearch(search: Readonly<Record<string, unknown>>): AlertSearch {
  return {
    q: readText(search.q),
    status: readWords(search.status, STATUS_PARAMETERS),
    severity: readWords(search.severity, SEVERITIES),
    integration: readTexts(search.integration),
    label: readTexts(search.label),
    since: readText(search.since),
    until: readText(search.until),
  };
}

/** The states that the filters ask for. */
export function statusesOf({ status }: AlertSearch): readonly ("firing" | "resolved")[] {
  if (status === undefined) return ["firing"];
  if (status.includes("all")) return ["firing", "resolved"];
  return status.filter((word) => word !== "all");
}

/** How chosen states stand in the URL: the default is not written, both are one word. */
export function statusParameter(chosen: readonly string[] | undefined): AlertSearch["status"] {
  if (chosen === undefined || chosen.length === 2) return ["all"];
  return chosen.includes("resolved") ? ["resolved"] : undefined;
}

/** The query of the API that finds what the filters ask for. */
export function queryOf(search: AlertSearch) {
  const statuses = statusesOf(search);
  return {
    q: search.q,
    status: statuses.length === 2 ? undefined : statuses,
    severity: search.severity,
    integration_id: search.integration,
    label: search.label,
    since: search.since,
    until: search.until,
  };
}

/** True when something beyond the default is asked for. */
export function isFiltered(search: AlertSearch): boolean {
  return Object.values(search).some((value) => value !== undefined);
}
