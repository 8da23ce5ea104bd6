import type { Severity } from "../../core/severity.ts";
import type { ReadContext, Reading } from "../../core/signal.ts";
import { capText } from "../../core/text.ts";
import { type GroupDialect, prometheusAside, readGroup } from "../alertmanager-shape.ts";
import { definePlatform } from "../platform.ts";
import { member, readPayload, requireObject, type Spot, textAt, UnreadableError } from "../reading.ts";
import { hmacHeader } from "../verification.ts";

// Alertmanager's webhook receiver, body version 4, Alertmanager 0.15 to 0.34:
// https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
// Smallest body: {"version":"4","alerts":[{"status":"firing","labels":{"alertname":"X"},"startsAt":"…"}]}

/** The words of the `severity` label; it is a convention only, so unknown words are `medium` with a warning. */
const SEVERITY_WORDS: Readonly<Record<string, Severity>> = {
  critical: "critical",
  page: "critical",
  error: "high",
  high: "high",
  major: "high",
  warning: "medium",
  minor: "medium",
  low: "low",
  ticket: "low",
  info: "info",
  none: "info",
};

const DIALECT: GroupDialect = {
  variant: "alertmanager",
  severities: SEVERITY_WORDS,
  severityLabels: ["severity", "priority"],
  aside: prometheusAside,
  refine: (_alert, draft) => draft,
};

/** Prometheus, by way of its Alertmanager. */
export const prometheus = definePlatform({
  name: "prometheus",
  title: "Prometheus Alertmanager",
  signature: hmacHeader({ header: "x-overwatch-signature", prefix: "sha256=" }),
  canSign: false,
  overloadStatus: 503,
  deliveryIdHeader: null,
  defaultRateLimit: null,
  read: (payload, context) => readPayload(payload, (root) => readAlertmanager(root, context)),
});

function readAlertmanager(root: Spot, context: ReadContext): Reading {
  const alerts = member(requireObject(root), "alerts");
  if (!Array.isArray(alerts.value)) {
    throw new UnreadableError(
      alerts.path,
      "Not Alertmanager's own body: `alerts` is no array. Remove the custom payload from the receiver, " +
        "or use a custom integration with a mapping.",
    );
  }
  const reading = readGroup(root, context, DIALECT);
  if (reading.kind !== "signals") return reading;
  const version = textAt(member(root, "version"));
  if (version === null || version === "4") return reading;
  return { ...reading, warnings: [...reading.warnings, `body version ${capText(version, 16)} was read as version 4`] };
}
