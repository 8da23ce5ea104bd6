import { sumOf } from "../../core/activity-series.ts";
import { wireTime } from "../../core/incident-view.ts";
import { SEVERITIES } from "../../core/severity.ts";
import { sumLastHour } from "../../store/activity.ts";
import { listUnbalanced, readLastLedgerCheck, type UnbalancedEndpoint } from "../../store/ledger-read.ts";
import {
  countConfigured,
  countUnresolved,
  listBrokenEndpoints,
  listNewIntegrations,
  listNodes,
  listSilentIntegrations,
  MOST_UNRESOLVED,
  type NodeView,
  readOldestWaiting,
} from "../../store/overview.ts";
import { pingDatabase } from "../../store/settings.ts";
import type { ApiDeps } from "../deps.ts";
import { defineRoute, type Route } from "../route.ts";
import { OverviewView } from "../schemas/overview.ts";

const MOST_SHOWN = 20;
const SEEN_MS = 20_000;

/** `GET /overview`. */
export function overviewRoutes(deps: ApiDeps): readonly Route[] {
  return [overview(deps)];
}

/** A node on the wire. */
export function viewNode(node: NodeView, now: number) {
  return {
    id: node.id,
    role: node.role,
    version: node.version,
    started_at: wireTime(node.startedAt),
    seen_at: wireTime(node.seenAt),
    is_seen: now - node.seenAt < SEEN_MS,
  };
}

function overview(deps: ApiDeps): Route {
  return defineRoute("GET", "/overview", {
    role: "viewer",
    tag: "overview",
    summary: "See how things stand",
    description:
      "What is open, what the last hour brought, what waits, what is broken or silent, and whether the ledger balances.",
    answers: { 200: OverviewView },
    handle: async ({ caller, database }) => {
      const { organizationId } = caller;
      const now = deps.clock.now();
      const startedAt = performance.now();
      await pingDatabase(database);
      const latencyMs = performance.now() - startedAt;
      const [unresolved, hour, waiting, broken, silent, fresh, unbalanced, checkedAt, configured, nodes, ready] =
        await Promise.all([
          countUnresolved(database, organizationId),
          sumLastHour(database, organizationId, now),
          readOldestWaiting(database, organizationId),
          listBrokenEndpoints(database, organizationId, MOST_SHOWN),
          listSilentIntegrations(database, organizationId, now, MOST_SHOWN),
          listNewIntegrations(database, organizationId, MOST_SHOWN),
          listUnbalanced(database, organizationId),
          readLastLedgerCheck(database, organizationId),
          countConfigured(database, organizationId),
          listNodes(database),
          deps.readyChecks(),
        ]);
      const awaiting = fresh.filter(({ hasReceipt }) => !hasReceipt);
      const bySeverity = (status: string) =>
        Object.fromEntries(
          SEVERITIES.map((severity) => [
            severity,
            unresolved.find((one) => one.status === status && one.severity === severity)?.count ?? 0,
          ]),
        );
      return {
        body: {
          at: wireTime(now),
          incidents: {
            open: bySeverity("open"),
            acknowledged: bySeverity("acknowledged"),
            is_exact: unresolved.reduce((sum, one) => sum + one.count, 0) < MOST_UNRESOLVED,
          },
          last_hour: viewHour(new Map(hour.map(({ measure, count }) => [measure, count]))),
          waiting: {
            oldest_receipt_at: wireTime(waiting.receiptAt),
            oldest_receipt_seconds: secondsSince(waiting.receiptAt, now),
            oldest_due_at: wireTime(waiting.dueAt),
            // A retry that lies in the future does not wait yet.
            oldest_due_seconds: secondsSince(waiting.dueAt, now),
            oldest_parked_at: wireTime(waiting.parkedEventAt),
          },
          broken_endpoints: broken.map((one) => ({
            id: one.id,
            name: one.name,
            state: one.state,
            opened_at: wireTime(one.openedAt),
            next_probe_at: wireTime(one.nextProbeAt),
            consecutive_failures: one.consecutiveFailures,
            diagnosis: one.diagnosis,
            disabled_reason: one.disabledReason,
          })),
          silent_integrations: silent.map((one) => ({
            id: one.id,
            name: one.name,
            platform: one.platform,
            last_receipt_at: wireTime(one.lastReceiptAt),
            silent_after_seconds: one.silentAfterSeconds,
          })),
          awaiting_integrations: awaiting.map((one) => ({
            id: one.id,
            name: one.name,
            platform: one.platform,
            created_at: wireTime(one.createdAt),
          })),
          ledger: viewBalance(unbalanced, checkedAt),
          configured: { ...configured, heard: configured.heard + fresh.length - awaiting.length },
          nodes: nodes.map((node) => viewNode(node, now)),
          database: { latency_ms: Math.round(latencyMs * 10) / 10 },
          ready: ready.map(({ name, ok, message }) => ({ name, ok, message })),
        },
      };
    },
  });
}

function viewHour(counts: ReadonlyMap<string, number>) {
  return {
    accepted: counts.get("accepted") ?? 0,
    refused: sumOf(counts, (measure) => measure.startsWith("refused:")),
    quarantined: counts.get("read:quarantined") ?? 0,
    signals: counts.get("signals") ?? 0,
    attempts_ok: counts.get("attempt:ok") ?? 0,
    attempts_failed: sumOf(counts, (measure) => measure.startsWith("attempt:") && measure !== "attempt:ok"),
    deliveries_succeeded: counts.get("delivery:succeeded") ?? 0,
    deliveries_exhausted: counts.get("delivery:exhausted") ?? 0,
  };
}

function viewBalance(unbalanced: readonly UnbalancedEndpoint[], checkedAt: number | null) {
  return {
    balanced: unbalanced.length === 0,
    missing: unbalanced.reduce((sum, { missing }) => sum + missing, 0),
    surplus: unbalanced.reduce((sum, { surplus }) => sum + surplus, 0),
    checked_at: wireTime(checkedAt),
    endpoints: unbalanced.slice(0, MOST_SHOWN).map(({ id, name, isDeleted, missing, surplus }) => ({
      id,
      name,
      is_deleted: isDeleted,
      missing,
      surplus,
    })),
  };
}

function secondsSince(at: number | null, now: number): number | null {
  return at === null ? null : Math.max(0, Math.round((now - at) / 1_000));
}
