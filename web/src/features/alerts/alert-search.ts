import { readText, readWord } from "../../lib/search-params.ts";

const SEVERITIES = ["critical", "high", "medium", "low", "info"] as const;

/** The filters of the list as they stand in the URL; without a status it shows what fires. */
export type AlertSearch = {
  readonly q?: string | undefined;
  readonly status?: "resolved" | "all" | undefined;
  readonly severity?: (typeof SEVERITIES)[number] | undefined;
  readonly integration?: string | undefined;
};

/** Reads the filters; what cannot be understood is left out. */
export function readAlertSearch(search: Readonly<Record<string, unknown>>): AlertSearch {
  return {
    q: readText(search.q),
    status: readWord(search.status, ["resolved", "all"]),
    severity: readWord(search.severity, SEVERITIES),
    integration: readText(search.integration),
  };
}

/** The query of the API that finds what the filters ask for. */
export function queryOf({ q, status, severity, integration }: AlertSearch) {
  return {
    q,
    status: status === "all" ? undefined : (status ?? "firing"),
    severity,
    integration_id: integration,
  };
}
