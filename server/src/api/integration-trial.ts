import type { Static } from "typebox";
import { nameGroup } from "../core/grouping.ts";
import { wireTime } from "../core/incident-view.ts";
import type { Integration } from "../core/integration.ts";
import { isObject } from "../core/json.ts";
import type { Database } from "../runtime/database.ts";
import { readReceiptPayloads } from "../store/receipt-payloads.ts";
import { listReceipts } from "../store/receipts-read.ts";
import type { ApiDeps, TrialResult } from "./deps.ts";
import { applyIntegrationFields } from "./integration-config.ts";
import type { TrialRequest, TrialView } from "./schemas/integrations.ts";

type Trial = Static<typeof TrialView>;
type Side = Trial["receipts"][number]["present"];

const MAX_BYTES = 8 * 1_048_576;
const DEFAULT_RECEIPTS = 20;
const SHOWN_SIGNALS = 20;

/**
 * Runs the last stored payloads of an integration through the present configuration and through a proposed one, side by
 * side, in transactions that are rolled back.
 */
export async function tryConfiguration(
  deps: ApiDeps,
  database: Database,
  integration: Integration,
  request: Static<typeof TrialRequest>,
): Promise<Trial> {
  const proposed = applyIntegrationFields(integration, {
    ...(request.mapping === undefined ? {} : { mapping: request.mapping }),
    ...(request.grouping === undefined ? {} : { grouping: request.grouping }),
  });
  const { organizationId } = integration;
  const newest = await listReceipts(
    database,
    organizationId,
    { integrationId: integration.id, status: null, since: null, until: null },
    { before: null, limit: request.limit ?? DEFAULT_RECEIPTS },
  );
  const keys = newest.map(({ id }) => ({ organizationId, receiptId: id }));
  const payloads = await readReceiptPayloads(database, keys, MAX_BYTES);
  const before = await deps.dryRun(payloads);
  const after = await deps.dryRun(payloads, { mapping: proposed.mapping, grouping: proposed.grouping });
  const receipts = payloads.flatMap((payload) => {
    const present = sideOf(before, payload.id, integration);
    const then = sideOf(after, payload.id, proposed);
    if (present === null || then === null) return [];
    const differences = differencesBetween(present, then);
    return [
      { receipt_id: payload.id, received_at: wireTime(payload.receivedAt), differences, present, proposed: then },
    ];
  });
  return {
    tried: receipts.length,
    different: receipts.filter((one) => one.differences.length > 0).length,
    readable_before: receipts.filter((one) => one.present.status !== "quarantined").length,
    readable_after: receipts.filter((one) => one.proposed.status !== "quarantined").length,
    receipts: receipts.reverse(),
  };
}

function sideOf(result: TrialResult, id: string, integration: Integration): Side | null {
  const tried = result.receipts.find((one) => one.id === id);
  if (tried === undefined) return null;
  const { reading, outcome } = tried;
  const told = Array.isArray(outcome.trace.signals) ? outcome.trace.signals : [];
  const signals = reading.kind === "signals" ? reading.signals.slice(0, SHOWN_SIGNALS) : [];
  return {
    status: outcome.status,
    reason: outcome.reason,
    variant: reading.kind === "unreadable" ? null : reading.variant,
    warnings: reading.kind === "signals" ? [...reading.warnings] : [],
    signals: signals.map((signal, index) => {
      const decided = told[index];
      const decision = isObject(decided) && typeof decided.decision === "string" ? decided.decision : null;
      const incidentId = isObject(decided) && typeof decided.incident_id === "string" ? decided.incident_id : null;
      return {
        dedup_key: signal.dedupKey,
        status: signal.status,
        severity: signal.severity,
        title: signal.title,
        labels: signal.labels,
        group_key: nameGroup(integration.grouping, integration.id, signal).key,
        decision,
        // An incident that would be opened does not exist.
        incident_id: decision === "opened" ? null : incidentId,
      };
    }),
  };
}

const COMPARED = ["dedup_key", "status", "severity", "title", "group_key", "decision", "incident_id"] as const;

function differencesBetween(one: Side, other: Side): string[] {
  const differences = new Set<string>();
  if (one.status !== other.status) differences.add("receipt_status");
  if (one.signals.length !== other.signals.length) differences.add("signals");
  for (const [index, signal] of one.signals.entries()) {
    const next = other.signals[index];
    if (next === undefined) break;
    for (const field of COMPARED) if (signal[field] !== next[field]) differences.add(field);
    if (JSON.stringify(sorted(signal.labels)) !== JSON.stringify(sorted(next.labels))) differences.add("labels");
  }
  return [...differences];
}

function sorted(labels: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1));
}
