import type { Queryable } from "../runtime/database.ts";
import { joined, sql, timestamp } from "./sql.ts";

/** The lengths of the buckets that activity is counted in, seconds. */
export const FINE_SECONDS = 300;
export const HOUR_SECONDS = 3_600;

/** So much is added to a measure of a subject in the buckets of a moment; `at` in epoch milliseconds. */
export type ActivityAddition = {
  readonly organizationId: string;
  readonly subjectId: string;
  readonly measure: string;
  readonly at: number;
  readonly count: number;
};

/** Adds counts to their buckets of five minutes and of an hour. Loses nothing but what a crash of the server takes. */
export async function addActivity(db: Queryable, additions: readonly ActivityAddition[]): Promise<void> {
  const column = <T>(pick: (one: ActivityAddition) => T): T[] => additions.map(pick);
  // In the order of the key, so that nodes that add to the same counts wait for each other and never in a circle.
  await db.rows(sql`
    insert into activity (organization_id, span_seconds, bucket, subject_id, measure, count)
    select given.organization_id, spans.seconds,
      to_timestamp(floor(extract(epoch from given.at) / spans.seconds) * spans.seconds) as bucket,
      given.subject_id, given.measure, sum(given.count)
    from unnest(
      ${column((one) => one.organizationId)}::uuid[], ${column((one) => one.subjectId)}::uuid[],
      ${column((one) => one.measure)}::text[], ${column((one) => timestamp(one.at))}::timestamptz[],
      ${column((one) => one.count)}::bigint[]
    ) given (organization_id, subject_id, measure, at, count)
    cross join (values (${FINE_SECONDS}::int), (${HOUR_SECONDS}::int)) spans (seconds)
    group by 1, 2, 3, 4, 5
    order by 1, 2, 3, 4, 5
    on conflict (organization_id, span_seconds, bucket, subject_id, measure)
    do update set count = activity.count + excluded.count`);
}

/** A count of a subject in a bucket; `bucket` in epoch milliseconds. */
export type ActivityRow = {
  readonly subjectId: string;
  readonly bucket: number;
  readonly measure: string;
  readonly count: number;
};

/** The hourly counts of some subjects since a moment: one look into the index for each subject and hour. */
export function readHours(
  db: Queryable,
  organizationId: string,
  subjectIds: readonly string[],
  since: number,
  now: number,
): Promise<readonly ActivityRow[]> {
  const hourMs = HOUR_SECONDS * 1_000;
  const first = Math.floor(since / hourMs) * hourMs;
  return db.rows<ActivityRow>(sql`
    select found.subject_id as "subjectId", found.bucket, found.measure, found.count
    from unnest(${[...subjectIds]}::uuid[]) subjects (id)
    cross join generate_series(
      ${timestamp(first)}::timestamptz, ${timestamp(now)}::timestamptz, interval '1 hour'
    ) hours (start)
    cross join lateral (
      select subject_id, bucket, measure, count
      from activity
      where organization_id = ${organizationId} and span_seconds = ${HOUR_SECONDS}
        and bucket = hours.start and subject_id = subjects.id
      offset 0
    ) found`);
}

/** The sums of the organization's measures over the last hour, in buckets of five minutes. */
export function sumLastHour(
  db: Queryable,
  organizationId: string,
  now: number,
): Promise<readonly { readonly measure: string; readonly count: number }[]> {
  const fineMs = FINE_SECONDS * 1_000;
  const first = Math.floor(now / fineMs) * fineMs - 11 * fineMs;
  return db.rows(sql`
    select measure, sum(count)::bigint as count
    from activity
    where organization_id = ${organizationId} and span_seconds = ${FINE_SECONDS} and bucket >= ${timestamp(first)}
    group by measure`);
}

const FINE_KEPT_MS = 3 * 3_600_000;
const HOURS_KEPT_MS = 8 * 86_400_000;

/** Deletes buckets that nobody looks at any more. */
export async function deleteOldActivity(db: Queryable, now: number): Promise<void> {
  for (const [seconds, keptMs] of [
    [FINE_SECONDS, FINE_KEPT_MS],
    [HOUR_SECONDS, HOURS_KEPT_MS],
  ] as const) {
    await db.rows(sql`
      delete from activity
      using organizations
      where activity.organization_id = organizations.id and activity.span_seconds = ${seconds}
        and activity.bucket < ${timestamp(now - keptMs)}`);
  }
}

/** A failed attempt of an endpoint; `at` in epoch milliseconds. */
export type EndpointFailure = {
  readonly organizationId: string;
  readonly endpointId: string;
  readonly deliveryId: string;
  readonly at: number;
  readonly reason: string;
  readonly statusCode: number | null;
  readonly message: string | null;
};

/** Keeps the last failure of each endpoint; at most one is given for an endpoint. */
export async function keepEndpointFailures(db: Queryable, failures: readonly EndpointFailure[]): Promise<void> {
  const sorted = failures.toSorted((one, other) => (one.endpointId < other.endpointId ? -1 : 1));
  const rows = sorted.map(
    (one) => sql`(${one.organizationId}::uuid, ${one.endpointId}::uuid, ${one.deliveryId}::uuid,
      ${timestamp(one.at)}::timestamptz, ${one.reason}::text, ${one.statusCode}::int, ${one.message}::text)`,
  );
  await db.rows(sql`
    insert into endpoint_failures (organization_id, endpoint_id, delivery_id, at, reason, status_code, message)
    values ${joined(rows, ", ")}
    on conflict (organization_id, endpoint_id) do update
    set delivery_id = excluded.delivery_id, at = excluded.at, reason = excluded.reason,
      status_code = excluded.status_code, message = excluded.message
    where endpoint_failures.at < excluded.at`);
}

/** The last failures of some endpoints. */
export function findEndpointFailures(
  db: Queryable,
  organizationId: string,
  endpointIds: readonly string[],
): Promise<readonly EndpointFailure[]> {
  return db.rows<EndpointFailure>(sql`
    select organization_id as "organizationId", endpoint_id as "endpointId", delivery_id as "deliveryId", at, reason,
      status_code as "statusCode", message
    from endpoint_failures
    where organization_id = ${organizationId} and endpoint_id = any(${[...endpointIds]}::uuid[])`);
}
