import type { ReadContext, Reading } from "../../core/signal.ts";
import {
  type Aside,
  annotationOf,
  type GroupAlert,
  type GroupDialect,
  labelOf,
  prometheusAside,
  readGroup,
} from "../alertmanager-shape.ts";
import { definePlatform } from "../platform.ts";
import {
  entriesAt,
  isMissing,
  member,
  memberAt,
  readPayload,
  requireObject,
  type Spot,
  textAt,
  UnreadableError,
} from "../reading.ts";
import { httpLink, type LabelEntry, type SignalDraft } from "../signal-draft.ts";
import { hmacHeader } from "../verification.ts";
import { isLegacy, readLegacy } from "./legacy.ts";
import { SEVERITY_WORDS } from "./severity-words.ts";

// Grafana Alerting's webhook contact point, body version 1, Grafana 8 to 12; also its Alertmanager-shaped version 4:
// https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
// Smallest body: {"version":"1","orgId":1,"alerts":[{"status":"firing","labels":{"alertname":"X"},"fingerprint":"…"}]}

/** The names of the alerts that Grafana makes of a rule that cannot be evaluated, and what they say of it. */
const RULE_TROUBLE: Readonly<Record<string, { readonly state: string; readonly words: string }>> = {
  DatasourceNoData: { state: "no_data", words: "no data" },
  DatasourceError: { state: "error", words: "query error" },
};

/** Grafana Alerting, and Grafana's legacy alerting up to version 10. */
export const grafana = definePlatform({
  name: "grafana",
  title: "Grafana",
  signature: hmacHeader({ header: "x-grafana-alerting-signature" }),
  canSign: true,
  overloadStatus: 503,
  deliveryIdHeader: null,
  defaultRateLimit: null,
  read: (payload, context) => readPayload(payload, (root) => readGrafana(requireObject(root), context)),
});

function readGrafana(root: Spot, context: ReadContext): Reading {
  if (Array.isArray(member(root, "alerts").value)) {
    const isOwn = !isMissing(member(root, "orgId")) || textAt(member(root, "version")) === "1";
    return readGroup(root, context, dialect(isOwn ? "unified" : "alertmanager"));
  }
  if (isLegacy(root)) return readLegacy(root, context);
  throw new UnreadableError(
    root.path,
    "Not Grafana's own body: neither `alerts` nor `ruleId` is there. Remove the custom payload from the contact point, " +
      "or use a custom integration with a mapping.",
  );
}

function dialect(variant: string): GroupDialect {
  return { variant, severities: SEVERITY_WORDS, severityLabels: ["severity", "priority", "level"], aside, refine };
}

function aside(alert: GroupAlert): Aside | null {
  const isTest =
    labelOf(alert, "alertname") === "TestAlert" &&
    (labelOf(alert, "instance") === "Grafana" || annotationOf(alert, "summary") === "Notification test");
  return isTest ? "test" : prometheusAside(alert);
}

function refine(alert: GroupAlert, draft: SignalDraft): SignalDraft {
  const name = labelOf(alert, "alertname") ?? "";
  const trouble = Object.hasOwn(RULE_TROUBLE, name) ? RULE_TROUBLE[name] : undefined;
  const ruleName = labelOf(alert, "rulename") ?? name;
  const summary = annotationOf(alert, "summary");
  const plain = name === "" || summary === null || summary === name ? draft.title : `${name}: ${summary}`;
  return {
    ...draft,
    title: trouble === undefined ? plain : `${ruleName}: ${trouble.words}`,
    description: (trouble === undefined ? null : annotationOf(alert, "Error")) ?? draft.description ?? null,
    labels: [...identityLabels(alert, ruleName, trouble?.state), ...(draft.labels ?? []), ...values(alert)],
    links: links(alert),
  };
}

/** Labels by which the no-data and error alerts of a rule can be grouped with the alerts of the rule itself. */
function identityLabels(alert: GroupAlert, ruleName: string, state: string | undefined): readonly LabelEntry[] {
  const uid = ruleUid(alert);
  return [
    ...(uid === null ? [] : [["rule_uid", uid] as const]),
    ...(ruleName === "" ? [] : [["rule_name", ruleName] as const]),
    ...(state === undefined ? [] : [["rule_state", state] as const]),
  ];
}

/** Grafana names the rule since 12; before that its id stands in the links only. */
function ruleUid(alert: GroupAlert): string | null {
  const named = textAt(member(alert.spot, "ruleUID")) ?? labelOf(alert, "__alert_rule_uid__");
  if (named !== null) return named;
  const silence = /__alert_rule_uid__(?:%3D|=)([\w-]{1,64})/i.exec(textAt(member(alert.spot, "silenceURL")) ?? "");
  const rule = /\/alerting\/grafana\/([\w-]{1,64})\/view/.exec(textAt(member(alert.spot, "generatorURL")) ?? "");
  return silence?.[1] ?? rule?.[1] ?? null;
}

function values(alert: GroupAlert): readonly LabelEntry[] {
  return entriesAt(member(alert.spot, "values")).map(([name, value]) => [`value.${name}`, value] as const);
}

function links(alert: GroupAlert): SignalDraft["links"] & object {
  const link = (field: string, text: string) => httpLink(member(alert.spot, field).value, text);
  const annotated = (field: string, text: string) => httpLink(memberAt(alert.spot, "annotations", field).value, text);
  return [
    link("panelURL", "Panel"),
    link("dashboardURL", "Dashboard"),
    link("generatorURL", "Alert rule"),
    annotated("runbook_url", "Runbook"),
    link("silenceURL", "Silence"),
    link("imageURL", "Image"),
  ];
}
