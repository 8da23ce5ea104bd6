import { wireTime } from "../core/incident-view.ts";
import type { JsonObject } from "../core/json.ts";
import { firstUuidAt } from "../runtime/id.ts";
import { listDeliveryStates, listReceiptStates } from "../store/changes.ts";
import { readReceiptTitles } from "../store/receipt-titles.ts";
import type { ApiDeps } from "./deps.ts";

/** What a live stream can be about; `incidents` are the events of incidents. */
export const TOPICS = ["events", "incidents", "receipts", "deliveries"] as const;

/** A topic of a live stream. */
export type Topic = (typeof TOPICS)[number];

/** What changed of a topic within a tick: rows, or with too many of them a count alone. */
export type Change = { readonly topic: "receipts" | "deliveries"; readonly data: JsonObject };

/** Tells what changed of receipts and deliveries of an organization, tick by tick. */
export type ChangeFeed = { next(now: number): Promise<readonly Change[]> };

/** More rows than this in one tick are told as a count: a list that grows so fast nobody reads row by row. */
const MOST_ROWS = 100;
const MOST_COUNTED = 1_000;
const MOST_OPEN = 200;
// Ids are given before their transaction is committed: an older one can appear after a younger one was told.
const OVERLAP_MS = 10_000;
const LONGEST_LOOK_BACK_MS = 600_000;

/** A feed that begins behind a moment (epoch milliseconds), ten minutes ago at the earliest. */
export function createChangeFeed(
  deps: Pick<ApiDeps, "database" | "clock">,
  organizationId: string,
  topics: ReadonlySet<Topic>,
  since: number,
): ChangeFeed {
  const receipts = createTold();
  const deliveries = createTold();
  let from = Math.max(since, deps.clock.now() - LONGEST_LOOK_BACK_MS);
  let isFirst = true;

  const readReceipts = async (sinceId: string, isQuiet: boolean, now: number): Promise<readonly Change[]> => {
    const ask = { since: sinceId, ids: receipts.open(), limit: MOST_COUNTED };
    const rows = await listReceiptStates(deps.database, organizationId, ask);
    const fresh = rows.filter((row) => receipts.note(row.id, row.status, row.status === "queued", now));
    if (isQuiet) return [];
    const isTold = fresh.length <= MOST_ROWS;
    const read = isTold ? fresh.filter((row) => row.status !== "queued").map((row) => row.id) : [];
    const titles = await readReceiptTitles(deps.database, organizationId, read);
    const views = fresh.map((row) => ({
      id: row.id,
      integration_id: row.integrationId,
      status: row.status,
      reason: row.reason,
      title: titles.get(row.id) ?? null,
      alert_ids: row.alertIds,
      incident_ids: row.incidentIds,
    }));
    return tell("receipts", views);
  };

  const readDeliveries = async (sinceId: string, isQuiet: boolean, now: number): Promise<readonly Change[]> => {
    const rows = await listDeliveryStates(deps.database, organizationId, { since: sinceId, limit: MOST_COUNTED });
    const fresh = rows.filter((row) => deliveries.note(row.id, `${row.status} ${row.attemptCount}`, false, now));
    const views = fresh.map((row) => ({
      id: row.id,
      endpoint_id: row.endpointId,
      incident_id: row.incidentId,
      event_type: row.eventType,
      status: row.status,
      attempt_count: row.attemptCount,
      next_attempt_at: wireTime(row.nextAttemptAt),
      last_error: row.lastError === null ? null : { status_code: null, message: null, ...row.lastError },
    }));
    return isQuiet ? [] : tell("deliveries", views);
  };

  return {
    async next(now) {
      const sinceId = firstUuidAt(from - OVERLAP_MS);
      // What had changed before the beginning is known to whoever opens a page; only what follows is told.
      const isQuiet = isFirst && since >= now;
      isFirst = false;
      const found = await Promise.all([
        topics.has("receipts") ? readReceipts(sinceId, isQuiet, now) : [],
        topics.has("deliveries") ? readDeliveries(sinceId, isQuiet, now) : [],
      ]);
      from = now;
      receipts.forget(now - 2 * OVERLAP_MS);
      deliveries.forget(now - 2 * OVERLAP_MS);
      return found.flat();
    },
  };
}

function tell(topic: Change["topic"], rows: readonly JsonObject[]): readonly Change[] {
  if (rows.length === 0) return [];
  const isFlood = rows.length > MOST_ROWS;
  const isExact = rows.length < MOST_COUNTED;
  return [{ topic, data: { count: rows.length, is_exact: isExact, rows: isFlood ? [] : rows } }];
}

/** What was told already, and what waits for a last word. */
function createTold() {
  const told = new Map<string, { state: string; seenAt: number }>();
  const open = new Set<string>();
  return {
    open: (): readonly string[] => [...open],
    /** True when this state of the thing was not told yet. */
    note(id: string, state: string, isOpen: boolean, now: number): boolean {
      if (!isOpen) open.delete(id);
      else if (open.size < MOST_OPEN) open.add(id);
      const known = told.get(id);
      told.set(id, { state, seenAt: now });
      return known?.state !== state;
    },
    /** Forgets what no look has met since a moment. */
    forget(before: number): void {
      for (const [id, { seenAt }] of told) if (seenAt < before && !open.has(id)) told.delete(id);
    },
  };
}
