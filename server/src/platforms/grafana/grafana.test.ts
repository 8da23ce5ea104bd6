import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../core/json.ts";
import type { Signal } from "../../core/signal.ts";
import { grafana } from "./grafana.ts";

const CONTEXT = { receivedAt: Date.UTC(2026, 10, 20, 12, 0, 0), headers: {} };

function signalOf(alert: JsonObject): Signal | undefined {
  const full = { status: "firing", fingerprint: "f", ...alert };
  const reading = grafana.read({ version: "1", orgId: 1, alerts: [full] }, CONTEXT);
  return reading.kind === "signals" ? reading.signals[0] : undefined;
}

describe("the rule that an alert belongs to", () => {
  const labels = { alertname: "High CPU" };

  test.each([
    ["the field of Grafana 12", { labels, ruleUID: "cpu-rule" }],
    ["the link to silence it", { labels, silenceURL: "https://g.example.com/s?matcher=__alert_rule_uid__%3Dcpu-rule" }],
    ["the link to the rule", { labels, generatorURL: "https://g.example.com/alerting/grafana/cpu-rule/view?orgId=1" }],
  ])("is known from %s", (_from, alert) => {
    expect(signalOf(alert)?.labels.rule_uid).toBe("cpu-rule");
  });

  test("links the rule's own alerts with its no-data alert, whose end must not end theirs", () => {
    const own = signalOf({ labels, ruleUID: "cpu-rule", fingerprint: "1" });
    const noData = signalOf({
      labels: { alertname: "DatasourceNoData", rulename: "High CPU" },
      ruleUID: "cpu-rule",
      fingerprint: "2",
    });
    expect(noData?.labels.rule_uid).toBe(own?.labels.rule_uid);
    expect(noData?.labels.rule_name).toBe(own?.labels.rule_name);
    expect(noData?.dedupKey).not.toBe(own?.dedupKey);
  });
});

test("a rule of the user's that is called TestAlert is no test", () => {
  expect(signalOf({ labels: { alertname: "TestAlert", instance: "web-1" } })?.status).toBe("firing");
});

test("a summary that repeats the name is not said twice", () => {
  const signal = signalOf({ labels: { alertname: "High CPU" }, annotations: { summary: "High CPU" } });
  expect(signal?.title).toBe("High CPU");
});

test("the scheme is Grafana's default: bare hex SHA-256 in its own header, without a time", () => {
  expect(grafana.signature).toMatchObject({
    header: "x-grafana-alerting-signature",
    prefix: "",
    algorithm: "sha256",
    encoding: "hex",
    isList: false,
    timestampHeader: null,
  });
});
