import type { Queryable } from "../runtime/database.ts";
import { bigints, uuids } from "./binary-array.ts";
import { type Sql, sql, timestamp } from "./sql.ts";

// A fraction of a second each, far below the time that a statement may take.
const COUNTED_TOGETHER = 200_000;
// A count costs about two microseconds a delivery; it shall not take more than a few hundredths of the time.
const COST = sql`interval '50 microseconds'`;
const UNFINISHED_AGE = sql`interval '60 seconds'`;

type Counts = {
  readonly endpointId: string;
  readonly succeeded: number;
  readonly waiting: number;
  readonly inFlight: number;
  readonly exhausted: number;
  readonly cancelled: number;
};
type Day = { readonly organizationId: string; readonly day: number };

/**
 * Counts the deliveries of an organization's day and writes down what there is in each state and how far that is from
 * what was matched: of a day that has changed, else of one with deliveries that are not finished, else of the one that
 * was not looked at for longest. False when nothing is to be looked at: `before` and `now` are epoch milliseconds. To be
 * called in a transaction that sees one moment.
 */
export async function countOldestDay(tx: Queryable, before: number, now: number): Promise<boolean> {
  const day = await findDay(tx, before, now);
  if (day === null) return false;
  const counts = new Map<string, Counts>();
  let total = 0;
  for (let after: string | null = null; ; ) {
    const part = await countPart(tx, day, after);
    for (const row of part.counts) add(counts, row);
    total += part.looked;
    if (part.looked < COUNTED_TOGETHER || part.last === null) break;
    after = part.last;
  }
  await saveCounts(tx, day, [...counts.values()], total, now);
  return true;
}

function add(counts: Map<string, Counts>, row: Counts): void {
  const known = counts.get(row.endpointId);
  if (known === undefined) {
    counts.set(row.endpointId, row);
    return;
  }
  counts.set(row.endpointId, {
    endpointId: row.endpointId,
    succeeded: known.succeeded + row.succeeded,
    waiting: known.waiting + row.waiting,
    inFlight: known.inFlight + row.inFlight,
    exhausted: known.exhausted + row.exhausted,
    cancelled: known.cancelled + row.cancelled,
  });
}

async function findDay(tx: Queryable, before: number, now: number): Promise<Day | null> {
  const moment = sql`${timestamp(now)}::timestamptz`;
  const [day] = await tx.rows<Day>(sql`
    select organization_id as "organizationId", day
    from (
      (
        select organization_id, day, 1 as rank, counted_at
        from ledger_days
        where checked_at is null and (counted_at is null or counted_at + day_deliveries * ${COST} <= ${moment})
        order by checked_at nulls first
        limit 1
      )
      union all
      (
        select organization_id, day, 2, counted_at
        from ledger_days
        where waiting + in_flight > 0 and counted_at + ${UNFINISHED_AGE} + day_deliveries * ${COST} <= ${moment}
        order by counted_at
        limit 1
      )
      union all
      (
        select organization_id, day, 3, counted_at
        from ledger_days
        where checked_at < ${timestamp(before)}
        order by checked_at
        limit 1
      )
    ) candidates
    order by rank, counted_at
    limit 1`);
  return day ?? null;
}

/** Counts a bounded number of deliveries behind one, in the order of the events. */
async function countPart(
  tx: Queryable,
  { organizationId, day }: Day,
  after: string | null,
): Promise<{ readonly counts: readonly Counts[]; readonly looked: number; readonly last: string | null }> {
  // The last delivery as one text, since an event has many and the part may end between two of them.
  const [lastEvent, lastEndpoint, lastResendOf] = after === null ? [null, null, null] : after.split(" ");
  const rows = await tx.rows<Counts & { readonly looked: number; readonly last: string | null }>(sql`
    with part as materialized (
      select event_id, endpoint_id, status, coalesce(resend_of, ${NONE}::uuid) as resend_of
      from deliveries
      where organization_id = ${organizationId}
        and event_id >= coalesce(${lastEvent}::uuid, ${firstUuidOf(day)})
        and event_id < ${firstUuidOf(day + 1)}
        and (
          ${lastEvent}::uuid is null
          or (event_id, endpoint_id, coalesce(resend_of, ${NONE}::uuid))
            > (${lastEvent}::uuid, ${lastEndpoint}::uuid, ${lastResendOf}::uuid)
        )
      order by event_id, endpoint_id, coalesce(resend_of, ${NONE}::uuid)
      limit ${COUNTED_TOGETHER}
    ),
    ended as (
      select event_id || ' ' || endpoint_id || ' ' || resend_of as last, (select count(*) from part) as looked
      from part
      order by event_id desc, endpoint_id desc, resend_of desc
      limit 1
    )
    select endpoint_id as "endpointId",
      count(*) filter (where status = 'succeeded') as succeeded,
      count(*) filter (where status = 'pending') as waiting,
      count(*) filter (where status = 'in_flight') as "inFlight",
      count(*) filter (where status = 'exhausted') as exhausted,
      count(*) filter (where status = 'cancelled') as cancelled,
      ended.looked, ended.last
    from part
    cross join ended
    group by endpoint_id, ended.looked, ended.last`);
  return { counts: rows, looked: rows[0]?.looked ?? 0, last: rows[0]?.last ?? null };
}

async function saveCounts(
  tx: Queryable,
  { organizationId, day }: Day,
  counts: readonly Counts[],
  total: number,
  now: number,
): Promise<void> {
  const column = (pick: (one: Counts) => number) => bigints(counts.map(pick));
  await tx.rows(sql`
    with stored as (
      select *
      from unnest(
        ${uuids(counts.map((one) => one.endpointId))}, ${column((one) => one.succeeded)},
        ${column((one) => one.waiting)}, ${column((one) => one.inFlight)}, ${column((one) => one.exhausted)},
        ${column((one) => one.cancelled)}
      ) as stored (endpoint_id, succeeded, waiting, in_flight, exhausted, cancelled)
    ),
    appended as (
      select endpoint_id, sum(matched) as matched
      from ledger_entries
      where organization_id = ${organizationId} and day = ${day}
      group by endpoint_id
    )
    update ledger_days
    set succeeded = coalesce(stored.succeeded, 0),
        waiting = coalesce(stored.waiting, 0),
        in_flight = coalesce(stored.in_flight, 0),
        exhausted = coalesce(stored.exhausted, 0),
        cancelled = coalesce(stored.cancelled, 0),
        difference = coalesce(stored.succeeded + stored.waiting + stored.in_flight + stored.exhausted
          + stored.cancelled, 0) - ledger_days.matched - coalesce(appended.matched, 0),
        day_deliveries = ${total},
        counted_at = ${timestamp(now)},
        checked_at = ${timestamp(now)}
    from ledger_days looked
    left join stored on stored.endpoint_id = looked.endpoint_id
    left join appended on appended.endpoint_id = looked.endpoint_id
    where looked.organization_id = ${organizationId}
      and looked.day = ${day}
      and ledger_days.organization_id = looked.organization_id
      and ledger_days.endpoint_id = looked.endpoint_id
      and ledger_days.day = looked.day`);
}

const NONE = "00000000-0000-0000-0000-000000000000";
const DAY_MS = 86_400_000;

/** The smallest UUIDv7 of a day. */
function firstUuidOf(day: number): Sql {
  const digits = (day * DAY_MS).toString(16).padStart(12, "0");
  return sql`${`${digits.slice(0, 8)}-${digits.slice(8)}-0000-0000-000000000000`}::uuid`;
}
