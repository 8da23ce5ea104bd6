import type { Static } from "typebox";
import { type BulkKind, durationOf, type SelectableStatus, type Selection } from "../core/bulk-run.ts";
import { OverwatchError } from "../core/errors.ts";
import type { EventType } from "../core/event.ts";
import { wireTime } from "../core/incident-view.ts";
import type { Queryable } from "../runtime/database.ts";
import { firstUuidAt } from "../runtime/id.ts";
import { type BulkRun, insertBulkRun } from "../store/bulk-runs.ts";
import { countCollapsible, countSelection, type SelectionCount } from "../store/delivery-selection.ts";
import { findEndpoint } from "../store/endpoints.ts";
import type { ApiDeps } from "./deps.ts";
import { readMoment } from "./paging.ts";
import { type Answer, type Call, describeCaller } from "./route.ts";
import type { BulkPreviewView, BulkRunView } from "./schemas/bulk-runs.ts";

/** How many a second where a request does not say. */
export const DEFAULT_PER_SECOND = 10;
const NO_LIMIT = 10_000_000;

/** What a request says of the deliveries that it means. */
export type SelectionFields = {
  readonly endpoint_id?: string;
  readonly integration_id?: string;
  readonly incident_id?: string;
  readonly event_type?: EventType;
  readonly status?: readonly SelectableStatus[];
  readonly reason?: string;
  readonly since?: string;
  readonly until?: string;
};

/** The selection of a request; `until` is now where it is not said, so that a run has an end. */
export function readSelection(fields: SelectionFields, statuses: readonly SelectableStatus[], now: number): Selection {
  return {
    endpointId: fields.endpoint_id ?? null,
    integrationId: fields.integration_id ?? null,
    incidentId: fields.incident_id ?? null,
    eventType: fields.event_type ?? null,
    statuses: fields.status ?? statuses,
    reason: fields.reason ?? null,
    since: readMoment(fields.since ?? undefined, "since") ?? 0,
    until: Math.min(readMoment(fields.until ?? undefined, "until") ?? now, now),
  };
}

/** What a request says of the run itself. */
export type RunFields = { readonly per_second?: number; readonly limit?: number; readonly dry_run?: boolean };

type StartCall = Pick<Call<never, never, never>, "caller" | "database" | "afterCommit">;

/** Counts what a selection means and, unless only that is asked, stores a run that works it off. */
export async function startBulkRun(
  deps: ApiDeps,
  call: StartCall,
  kind: BulkKind,
  selection: Selection,
  fields: RunFields,
): Promise<Answer> {
  const { caller, database } = call;
  const { counts, isExact } = await countSelection(database, caller.organizationId, selection);
  const perSecond = kind === "cancel" ? null : (fields.per_second ?? DEFAULT_PER_SECOND);
  const matched = counts.reduce((sum, row) => sum + row.count, 0);
  if (fields.dry_run !== true)
    return storeRun(deps, call, { kind, selection, perSecond, matched, isMatchedExact: isExact }, fields);
  const { counts: waiting, isExact: isWaitingExact } = await countSelection(database, caller.organizationId, {
    ...selection,
    statuses: ["parked", "exhausted"],
  });
  const willGo = Math.min(matched, fields.limit ?? matched);
  const body: Static<typeof BulkPreviewView> = {
    dry_run: true,
    matched,
    is_exact: isExact && isWaitingExact,
    parked: sumOf(waiting, (row) => row.status === "parked"),
    exhausted: sumOf(waiting, (row) => row.status === "exhausted"),
    would_collapse: kind === "cancel" ? 0 : await countCollapsible(database, caller.organizationId, selection),
    seconds: durationOf(willGo, perSecond),
    by_endpoint: [...Map.groupBy(counts, (row) => row.endpointId)].map(([endpointId, rows]) => ({
      endpoint_id: endpointId,
      name: rows[0]?.endpointName ?? "",
      matched: sumOf(rows),
    })),
    by_reason: [...Map.groupBy(counts, (row) => row.reason)]
      .map(([reason, rows]) => ({ reason, matched: sumOf(rows) }))
      .sort((one, other) => other.matched - one.matched),
  };
  return { body };
}

/** Stores a run and answers 202 with it. */
export async function storeRun(
  deps: ApiDeps,
  { caller, database, afterCommit }: StartCall,
  plan: Pick<BulkRun, "kind" | "selection" | "perSecond" | "matched" | "isMatchedExact">,
  fields: RunFields,
): Promise<Answer> {
  const now = deps.clock.now();
  const run: BulkRun = {
    ...plan,
    organizationId: caller.organizationId,
    id: deps.ids.next(),
    most: fields.limit ?? NO_LIMIT,
    state: "running",
    done: 0,
    skipped: 0,
    failed: 0,
    afterId: firstUuidAt(plan.selection.since),
    nextStepAt: now,
    lastError: null,
    startedBy: describeCaller(caller),
    startedAt: now,
    updatedAt: now,
    finishedAt: null,
  };
  await insertBulkRun(database, run);
  afterCommit(deps.wakeDeliver);
  return { status: 202, body: viewBulkRun(run), headers: { location: `/api/v1/bulk-runs/${run.id}` } };
}

/** Throws NOT_FOUND unless the organization has the endpoint. */
export async function requireEndpoint(db: Queryable, organizationId: string, id: string) {
  const endpoint = await findEndpoint(db, organizationId, id);
  if (endpoint === null) throw new OverwatchError("NOT_FOUND");
  return endpoint;
}

/** A run on the wire. */
export function viewBulkRun(run: BulkRun): Static<typeof BulkRunView> {
  const { selection } = run;
  const over = run.done + run.skipped + run.failed;
  // What was not counted to its end has turned out to be at least as many as were worked off.
  const matched = run.isMatchedExact ? run.matched : Math.max(run.matched, over);
  const expected = Math.min(matched, run.most);
  return {
    id: run.id,
    kind: run.kind,
    state: run.state,
    selection: {
      endpoint_id: selection.endpointId,
      integration_id: selection.integrationId,
      incident_id: selection.incidentId,
      event_type: selection.eventType as EventType | null,
      status: [...selection.statuses],
      reason: selection.reason,
      since: wireTime(selection.since),
      until: wireTime(selection.until),
    },
    per_second: run.perSecond,
    limit: run.most,
    matched,
    is_matched_exact: run.isMatchedExact,
    done: run.done,
    skipped: run.skipped,
    failed: run.failed,
    remaining: run.state === "finished" ? 0 : Math.max(0, expected - over),
    last_error: run.lastError,
    started_by: run.startedBy,
    started_at: wireTime(run.startedAt),
    updated_at: wireTime(run.updatedAt),
    finished_at: wireTime(run.finishedAt),
  };
}

function sumOf(rows: readonly SelectionCount[], isMeant: (row: SelectionCount) => boolean = () => true): number {
  return rows.reduce((sum, row) => (isMeant(row) ? sum + row.count : sum), 0);
}
