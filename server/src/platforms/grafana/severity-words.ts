import type { Severity } from "../../core/severity.ts";

/** The words of a `severity`, `priority` or `level` label or tag; Grafana itself prescribes none. */
export const SEVERITY_WORDS: Readonly<Record<string, Severity>> = {
  critical: "critical",
  page: "critical",
  high: "high",
  error: "high",
  major: "high",
  warning: "medium",
  medium: "medium",
  minor: "medium",
  low: "low",
  info: "info",
  none: "info",
};
