import type { BulkKind, BulkState, Selection } from "../core/bulk-run.ts";
import type { Queryable } from "../runtime/database.ts";
import { json, sql, timestamp } from "./sql.ts";

/** Many deliveries or events that are worked off at a pace; times are epoch milliseconds. */
export type BulkRun = {
  readonly organizationId: string;
  readonly id: string;
  readonly kind: BulkKind;
  readonly selection: Selection;
  readonly perSecond: number | null;
  /** How many at most. */
  readonly most: number;
  readonly state: BulkState;
  /** How many there were when it began. */
  readonly matched: number;
  /** False when there were more than were counted. */
  readonly isMatchedExact: boolean;
  readonly done: number;
  /** Not needed any more when their turn came. */
  readonly skipped: number;
  readonly failed: number;
  /** The last delivery or event that was looked at. */
  readonly afterId: string;
  readonly nextStepAt: number | null;
  readonly lastError: string | null;
  readonly startedBy: string;
  readonly startedAt: number;
  readonly updatedAt: number;
  readonly finishedAt: number | null;
};

const columns = sql`
  organization_id as "organizationId", id, kind, selection, per_second as "perSecond", most, status as "state", matched, is_matched_exact as "isMatchedExact",
  done, skipped, failed, after_id as "afterId", next_step_at as "nextStepAt", last_error as "lastError",
  started_by as "startedBy", started_at as "startedAt", updated_at as "updatedAt", finished_at as "finishedAt"`;

/** Stores a run whose first step is due at once. */
export async function insertBulkRun(db: Queryable, run: BulkRun): Promise<void> {
  await db.rows(sql`
    insert into bulk_runs (organization_id, id, kind, selection, per_second, most, matched, is_matched_exact, after_id, next_step_at,
      started_by, started_at, updated_at)
    values (${run.organizationId}, ${run.id}, ${run.kind}, ${json(run.selection)}, ${run.perSecond}, ${run.most},
      ${run.matched}, ${run.isMatchedExact}, ${run.afterId}, ${timestamp(run.startedAt)}, ${run.startedBy}, ${timestamp(run.startedAt)},
      ${timestamp(run.startedAt)})`);
}

/** A run of the organization; null when unknown or foreign. */
export async function findBulkRun(db: Queryable, organizationId: string, id: string): Promise<BulkRun | null> {
  const rows = await db.rows<BulkRun>(sql`
    select ${columns} from bulk_runs where organization_id = ${organizationId} and id = ${id}`);
  return rows[0] ?? null;
}

/** A page of runs, newest first. */
export function listBulkRuns(
  db: Queryable,
  organizationId: string,
  page: { readonly before: string | null; readonly limit: number; readonly state: BulkState | null },
): Promise<readonly BulkRun[]> {
  return db.rows<BulkRun>(sql`
    select ${columns}
    from bulk_runs
    where organization_id = ${organizationId}
      and (${page.before}::uuid is null or id < ${page.before}::uuid)
      and (${page.state}::text is null or status = ${page.state}::text)
    order by id desc
    limit ${page.limit}`);
}

/** Stops a run for good; a step that is under way ends first. False when it does not run. */
export async function stopBulkRun(db: Queryable, organizationId: string, id: string, now: number): Promise<boolean> {
  const rows = await db.rows(sql`
    update bulk_runs
    set status = 'stopped', next_step_at = null, updated_at = ${timestamp(now)}, finished_at = ${timestamp(now)}
    where organization_id = ${organizationId} and id = ${id} and status = 'running'
    returning id`);
  return rows.length > 0;
}

/**
 * The run whose step is due for longest, locked until the transaction ends. The lock is the lease: nobody else takes the
 * run meanwhile, it ends with the session of a node that dies, and a late write of that node cannot be committed.
 */
export async function lockDueBulkRun(tx: Queryable, now: number): Promise<BulkRun | null> {
  const rows = await tx.rows<BulkRun>(sql`
    select ${columns}
    from bulk_runs
    where status = 'running' and next_step_at <= ${timestamp(now)}
    order by next_step_at
    limit 1
    for update skip locked`);
  return rows[0] ?? null;
}

/** What one step of a run did. */
export type StepResult = {
  readonly done: number;
  readonly skipped: number;
  readonly failed: number;
  /** The last that was looked at; null when nothing was left. */
  readonly lastId: string | null;
};

/** Writes down a step of a locked run and when the next is due; null ends it. */
export async function saveStep(
  tx: Queryable,
  run: BulkRun,
  step: StepResult,
  nextStepAt: number | null,
  now: number,
): Promise<void> {
  await tx.rows(sql`
    update bulk_runs
    set done = done + ${step.done}, skipped = skipped + ${step.skipped}, failed = failed + ${step.failed},
      after_id = ${step.lastId ?? run.afterId}, next_step_at = ${timestamp(nextStepAt)}, last_error = null,
      status = ${nextStepAt === null ? "finished" : "running"},
      finished_at = ${timestamp(nextStepAt === null ? now : null)}, updated_at = ${timestamp(now)}
    where organization_id = ${run.organizationId} and id = ${run.id}`);
}

/** Writes down that a step failed and when it is tried again. */
export async function saveFailedStep(
  db: Queryable,
  run: BulkRun,
  message: string,
  nextStepAt: number,
  now: number,
): Promise<void> {
  await db.rows(sql`
    update bulk_runs
    set last_error = ${message}, next_step_at = ${timestamp(nextStepAt)}, updated_at = ${timestamp(now)}
    where organization_id = ${run.organizationId} and id = ${run.id} and status = 'running'
      and after_id = ${run.afterId}`);
}

/** The moment of the next step of any run, epoch milliseconds, or null. */
export async function findNextStepAt(db: Queryable): Promise<number | null> {
  const rows = await db.rows<{ nextStepAt: number | null }>(sql`
    select min(next_step_at) as "nextStepAt" from bulk_runs where status = 'running'`);
  return rows[0]?.nextStepAt ?? null;
}
