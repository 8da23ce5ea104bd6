import type { Static } from "typebox";
import { describeGroup, type GroupMakeup } from "../core/grouping.ts";
import { type Incident, NO_INTEGRATION } from "../core/incident.ts";
import { wireTime } from "../core/incident-view.ts";
import type { Grouping } from "../core/integration.ts";
import { isObject, type JsonObject, type JsonValue } from "../core/json.ts";
import type { Queryable } from "../runtime/database.ts";
import { findAlert } from "../store/alerts.ts";
import { findIncident } from "../store/incidents.ts";
import { findIntegration } from "../store/integrations.ts";
import { findReceipt } from "../store/receipts-read.ts";
import { findFirstLine } from "../store/timeline.ts";
import type { WhyView } from "./schemas/incident-lists.ts";

type Why = Static<typeof WhyView>;

const LONGEST_VALUE = 80;

/** Explains an incident from its first line, the receipt named there and that receipt's trace. */
export async function explainIncident(database: Queryable, incident: Incident): Promise<Why> {
  const { organizationId } = incident;
  const first = await findFirstLine(database, organizationId, incident.id);
  const receiptId = first?.details.receipt_id;
  const [receipt, integration, previous] = await Promise.all([
    typeof receiptId === "string" ? findReceipt(database, organizationId, receiptId) : null,
    incident.integrationId === NO_INTEGRATION
      ? null
      : findIntegration(database, organizationId, incident.integrationId),
    incident.previousIncidentId === null ? null : findIncident(database, organizationId, incident.previousIncidentId),
  ]);
  const signal = signalOf(receipt?.trace ?? null, first?.details.alert_id, incident.id);
  const alertId = first?.details.alert_id;
  const alert = typeof alertId === "string" ? await findAlert(database, organizationId, alertId) : null;
  const makeup =
    integration === null || alert === null
      ? null
      : describeGroup(incident.groupKey, integration.grouping, integration.id, alert);
  const grouping = {
    group_key: incident.groupKey,
    rule: integration === null ? null : { ...integration.grouping },
    fields: makeup?.kind === "fields" ? [...makeup.fields] : [],
    sentence: describeGrouping(integration?.grouping ?? null, makeup, signal?.dedup_key_from ?? []),
  };
  return {
    sentence: sentenceOf(integration?.name ?? null, signal, first?.text ?? null, grouping.sentence),
    opened: {
      at: wireTime(first?.at ?? incident.createdAt),
      actor: first?.actor ?? "overwatch",
      text: first?.text ?? "",
    },
    receipt:
      receipt === null
        ? null
        : {
            id: receipt.id,
            integration_id: receipt.integrationId,
            received_at: wireTime(receipt.receivedAt),
            source_ip: receipt.sourceIp,
            verified_by: receipt.verifiedBy,
          },
    signal,
    grouping,
    previous_incident:
      previous === null
        ? null
        : { id: previous.id, number: previous.number, resolved_at: wireTime(previous.resolvedAt) },
  };
}

function signalOf(trace: JsonObject | null, alertId: JsonValue | undefined, incidentId: string): Why["signal"] {
  const told = Array.isArray(trace?.signals) ? trace.signals : [];
  const ours = told.filter((one): one is JsonObject => isObject(one) && one.incident_id === incidentId);
  const signal = ours.find((one) => one.alert_id === alertId) ?? ours[0];
  if (signal === undefined) return null;
  const textOf = (name: string): string => (typeof signal[name] === "string" ? signal[name] : "");
  const from = signal.dedup_key_from;
  return {
    dedup_key: textOf("dedup_key"),
    dedup_key_from: Array.isArray(from) ? from.filter((one) => typeof one === "string") : [],
    status: textOf("status"),
    severity: textOf("severity"),
    decision: textOf("decision"),
    why: textOf("why"),
  };
}

function sentenceOf(name: string | null, signal: Why["signal"], line: string | null, grouping: string): string {
  if (signal === null) return line ?? "It was opened.";
  return `A webhook of ${name ?? "an integration that is deleted"} opened it: ${signal.why}. ${grouping}`;
}

/** In words, by which rule alerts share an incident, and what they share in this one. */
function describeGrouping(grouping: Grouping | null, makeup: GroupMakeup | null, from: readonly string[]): string {
  if (grouping === null) return "It stands alone: it was opened by hand, or its integration is deleted.";
  const rule = describeRule(grouping);
  switch (makeup?.kind) {
    case "dedup_key": {
      const key =
        from.length === 0 ? "the sender's own key" : `the sender's own key, ${joinWords(from.map(fieldWords))}`;
      return `${rule}; alerts are told apart by ${key}.`;
    }
    case "fields":
      return `${rule}; here ${joinWords(makeup.fields.map(({ name, value }) => `${name} ${valueWords(value)}`))}.`;
    case "changed":
      return `It was grouped by a rule, or by labels, that have changed since. Now: ${rule}.`;
    case undefined:
      return `${rule}.`;
  }
}

/** The present rule of an integration. */
function describeRule(grouping: Grouping): string {
  const isByKey = grouping.by.length === 1 && grouping.by[0] === "dedup_key";
  const what = isByKey
    ? "Every alert has an incident of its own"
    : `Alerts with the same ${joinWords(grouping.by)} share an incident`;
  const where = grouping.scope === "organization" ? ", whatever their integration" : "";
  const { window_seconds: seconds } = grouping;
  const when = seconds === undefined ? "" : `, while it is younger than ${seconds} seconds`;
  return `${what}${where}${when}`;
}

/** `$.labels.service` as people write it. */
function fieldWords(path: string): string {
  return path.replace(/^\$mapped(\[\d+\])?\./, "mapped ").replace(/^\$\.?/, "");
}

function valueWords(value: string): string {
  if (value === "") return "is missing";
  return `is “${value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE)}…` : value}”`;
}

function joinWords(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
