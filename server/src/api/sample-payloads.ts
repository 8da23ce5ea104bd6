import type { JsonObject } from "../core/json.ts";
import type { PlatformName } from "../platforms/platform.ts";

/** What tells one sample from another. */
export type SampleName = { readonly id: string /** Epoch milliseconds. */; readonly now: number };

const TITLE = "Test alert from Overwatch";
const TEXT = "Sent by the test button; nothing is wrong. Resolve the incident when you have seen it.";

/** A firing payload of each platform, in a shape that the platform really sends; every id is a condition of its own. */
export const SAMPLE_PAYLOADS: Readonly<Record<PlatformName, (sample: SampleName) => JsonObject>> = {
  datadog: ({ id }) => ({
    id,
    alert_type: "error",
    alert_name: TITLE,
    alert_status: "triggered",
    severity: "low",
    message: TEXT,
    tags: ["source:overwatch"],
  }),
  newrelic: ({ id, now }) => ({
    issueId: id,
    state: "OPEN",
    title: TITLE,
    priority: "LOW",
    createdAt: now,
    policyName: "Overwatch",
    conditionName: TEXT,
  }),
  pagerduty: ({ id }) => ({
    messages: [{ event: "incident.triggered", incident: { id, title: TITLE, status: "triggered", urgency: "low" } }],
  }),
  grafana: (sample) => ({
    ...alertmanagerShape(sample),
    version: "1",
    orgId: 1,
    title: `[FIRING:1] ${TITLE}`,
    state: "alerting",
    message: TEXT,
  }),
  elasticsearch: ({ id, now }) => ({
    rule: { id: "overwatch-test", name: TITLE },
    alert: { id, actionGroup: "default" },
    date: new Date(now).toISOString(),
    reason: TEXT,
  }),
  signoz: (sample) => ({ ...alertmanagerShape(sample), version: "4" }),
  prometheus: (sample) => ({ ...alertmanagerShape(sample), version: "4" }),
  custom: ({ id, now }) => ({
    id,
    title: TITLE,
    description: TEXT,
    severity: "low",
    status: "firing",
    timestamp: new Date(now).toISOString(),
  }),
};

function alertmanagerShape({ id, now }: SampleName): JsonObject {
  const labels = { alertname: TITLE, severity: "low", instance: id };
  return {
    groupKey: `{}:{instance="${id}"}`,
    truncatedAlerts: 0,
    status: "firing",
    receiver: "overwatch",
    groupLabels: labels,
    commonLabels: labels,
    commonAnnotations: { summary: TITLE },
    externalURL: "https://overwatch.example",
    alerts: [
      {
        status: "firing",
        labels,
        annotations: { summary: TITLE, description: TEXT },
        startsAt: new Date(now).toISOString(),
        endsAt: "0001-01-01T00:00:00Z",
        generatorURL: "",
        fingerprint: id.replaceAll("-", "").slice(-16),
      },
    ],
  };
}
