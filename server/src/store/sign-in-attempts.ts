import type { Queryable } from "../runtime/database.ts";
import { sql, timestamp } from "./sql.ts";

/** How often something was tried within its window; `since` in epoch milliseconds. */
export type AttemptCount = { readonly count: number; readonly since: number };

/**
 * Counts one more attempt for each subject, in the order of their hashes, and answers the counts in that order. A window
 * begins with its first attempt and lasts `windowMs`.
 */
export function countAttempts(
  db: Queryable,
  subjectHashes: readonly Buffer[],
  windowMs: number,
  now: number,
): Promise<readonly (AttemptCount & { readonly subjectHash: Buffer })[]> {
  return db.rows(sql`
    insert into sign_in_attempts as known (subject_hash, count, since)
    select subject_hash, 1, ${timestamp(now)}
    from unnest(${[...subjectHashes]}::bytea[]) as subject_hash
    order by subject_hash
    on conflict (subject_hash) do update
    set count = case when known.since > ${timestamp(now - windowMs)} then known.count + 1 else 1 end,
      since = case when known.since > ${timestamp(now - windowMs)} then known.since else excluded.since end
    returning subject_hash as "subjectHash", count, since`);
}

/** Takes an attempt back that was no guess. */
export async function forgiveAttempts(db: Queryable, subjectHashes: readonly Buffer[]): Promise<void> {
  await db.rows(sql`
    update sign_in_attempts set count = count - 1
    where subject_hash = any(${[...subjectHashes]}::bytea[]) and count > 0`);
}

/** Forgets windows that began before a moment. */
export async function deleteAttemptsBefore(db: Queryable, moment: number): Promise<void> {
  await db.rows(sql`delete from sign_in_attempts where since < ${timestamp(moment)}`);
}
