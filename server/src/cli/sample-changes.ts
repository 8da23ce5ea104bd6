import { isObject, type JsonObject, type JsonValue } from "../core/json.ts";
import type { Severity } from "../core/severity.ts";
import type { PlatformName } from "../platforms/platform.ts";
import { CliError, EXIT } from "./exit.ts";

/** Values to put into a payload, each by its path. */
export type Changes = readonly (readonly [path: string, value: JsonValue])[];

const LABELS = ["commonLabels.severity", "groupLabels.severity", "alerts.0.labels.severity"];

const alertmanager = {
  severity: (severity: Severity): Changes => LABELS.map((path) => [path, severity]),
  resolved: (now: number): Changes => [
    ["status", "resolved"],
    ["alerts.0.status", "resolved"],
    ["alerts.0.endsAt", new Date(now).toISOString()],
  ],
};

type SampleWays = {
  readonly severity: (severity: Severity) => Changes;
  readonly resolved: (now: number) => Changes;
};

/** How the sample of each platform says another severity, and that the condition is over. */
export const SAMPLE_CHANGES: Readonly<Record<PlatformName, SampleWays>> = {
  datadog: {
    severity: (severity) => [["severity", severity]],
    resolved: () => [
      ["alert_status", "resolved"],
      ["alert_type", "success"],
    ],
  },
  newrelic: {
    severity: (severity) => [["priority", severity.toUpperCase()]],
    resolved: (now) => [
      ["state", "CLOSED"],
      ["closedAt", now],
    ],
  },
  pagerduty: {
    severity: (severity) => [
      ["messages.0.incident.urgency", severity === "critical" || severity === "high" ? "high" : "low"],
      [
        "messages.0.incident.priority.summary",
        `P${["critical", "high", "medium", "low", "info"].indexOf(severity) + 1}`,
      ],
    ],
    resolved: () => [
      ["messages.0.event", "incident.resolved"],
      ["messages.0.incident.status", "resolved"],
    ],
  },
  grafana: { ...alertmanager, resolved: (now) => [...alertmanager.resolved(now), ["state", "ok"]] },
  elasticsearch: {
    severity: (severity) => [["severity", severity]],
    resolved: () => [["alert.actionGroup", "recovered"]],
  },
  signoz: alertmanager,
  prometheus: alertmanager,
  custom: {
    severity: (severity) => [["severity", severity]],
    resolved: () => [["status", "resolved"]],
  },
};

/** Puts a value into a payload at a path of names and list places separated by dots; makes what is missing. */
export function putAt(payload: JsonObject, path: string, value: JsonValue): JsonObject {
  const keys = path.split(".");
  if (keys.some((key) => key === "" || key === "__proto__")) {
    throw new CliError(EXIT.usage, `"${path}" is not a path such as alerts.0.labels.host`);
  }
  return put(payload, keys, value) as JsonObject;
}

function put(target: JsonValue, keys: readonly string[], value: JsonValue): JsonValue {
  const [key, ...rest] = keys;
  if (key === undefined) return value;
  if (Array.isArray(target) && /^\d{1,4}$/.test(key)) {
    const list: JsonValue[] = [...(target as readonly JsonValue[])];
    list[Number(key)] = put(list[Number(key)] ?? null, rest, value);
    return Array.from(list, (element) => element ?? null);
  }
  const object = isObject(target) ? target : {};
  return { ...object, [key]: put(object[key] ?? null, rest, value) };
}
