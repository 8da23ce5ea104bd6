/** The five severities, worst first. */
export const SEVERITIES = ["critical", "high", "medium", "low", "info"] as const;

/** How bad a condition is. */
export type Severity = (typeof SEVERITIES)[number];

/** The rank of a severity: 0 is the worst, 4 the mildest. */
export function severityRank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

/** The worse of two severities. */
export function worseSeverity(one: Severity, other: Severity): Severity {
  return severityRank(one) <= severityRank(other) ? one : other;
}

/** The words for severities that products commonly send, in lower case. */
export const COMMON_SEVERITY_WORDS: Readonly<Record<string, Severity>> = {
  critical: "critical",
  crit: "critical",
  fatal: "critical",
  emergency: "critical",
  page: "critical",
  p1: "critical",
  sev1: "critical",
  disaster: "critical",
  high: "high",
  error: "high",
  major: "high",
  p2: "high",
  sev2: "high",
  warning: "medium",
  warn: "medium",
  medium: "medium",
  moderate: "medium",
  minor: "medium",
  p3: "medium",
  sev3: "medium",
  low: "low",
  p4: "low",
  sev4: "low",
  ticket: "low",
  info: "info",
  information: "info",
  informational: "info",
  notice: "info",
  none: "info",
  ok: "info",
  success: "info",
  p5: "info",
  sev5: "info",
};

/** What an unknown or missing severity word means. */
export const DEFAULT_SEVERITY: Severity = "medium";

/** Reads a severity word through a platform's own table first and the common table second; null when neither knows it. */
export function readSeverity(word: unknown, table: Readonly<Record<string, Severity>> = {}): Severity | null {
  if (typeof word !== "string") return null;
  const key = word.trim().toLowerCase();
  if (Object.hasOwn(table, key)) return table[key] ?? null;
  return Object.hasOwn(COMMON_SEVERITY_WORDS, key) ? (COMMON_SEVERITY_WORDS[key] ?? null) : null;
}
