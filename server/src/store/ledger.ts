import type { Database, Queryable, Transaction } from "../runtime/database.ts";
import { dayOfUuid } from "../runtime/id.ts";
import { bigints, ints, uuids } from "./binary-array.ts";
import { countOldestDay } from "./ledger-count.ts";
import { type Sql, sql } from "./sql.ts";

/** Deliveries that an endpoint must have more (or, when negative, less) by the day of their event's id. */
export type LedgerEntry = {
  readonly organizationId: string;
  readonly endpointId: string;
  /** Days since 1970. */
  readonly day: number;
  readonly matched: number;
};

/** The day by which the ledger counts an event whose id stands in this column; the same as `dayOfUuid`. */
export const dayOfEvent = (id: Sql): Sql =>
  sql`(('x' || translate(left(${id}::text, 13), '-', ''))::bit(48)::bigint / 86400000)::int`;

/** One entry for each endpoint and day of what these events have matched. */
export function entriesOf(
  events: readonly {
    readonly organizationId: string;
    readonly id: string;
    readonly matchedEndpointIds: readonly string[];
  }[],
): readonly LedgerEntry[] {
  const entries = new Map<string, LedgerEntry>();
  for (const { organizationId, id, matchedEndpointIds } of events) {
    const day = dayOfUuid(id);
    for (const endpointId of matchedEndpointIds) {
      const name = `${endpointId} ${day}`;
      const matched = (entries.get(name)?.matched ?? 0) + 1;
      entries.set(name, { organizationId, endpointId, day, matched });
    }
  }
  return [...entries.values()];
}

/** The statement that appends entries; to stand in the statement that stores what they count. */
export function insertOfEntries(entries: readonly LedgerEntry[]): Sql {
  return sql`
    insert into ledger_entries (organization_id, endpoint_id, day, matched)
    select * from unnest(
      ${uuids(entries.map((entry) => entry.organizationId))}, ${uuids(entries.map((entry) => entry.endpointId))},
      ${ints(entries.map((entry) => entry.day))}, ${bigints(entries.map((entry) => entry.matched))})`;
}

const LOCK_CLASS = 7242;
const FOLDED = 20_000;

/** Folds entries into the days, up to 20,000 a call; returns how many. */
async function foldEntries(tx: Queryable): Promise<number> {
  const rows = await tx.rows<{ folded: number }>(sql`
    with taken as (
      delete from ledger_entries
      where (organization_id, id) in (select organization_id, id from ledger_entries limit ${FOLDED})
      returning organization_id, endpoint_id, day, matched
    ),
    folded as (
      insert into ledger_days (organization_id, endpoint_id, day, matched)
      select organization_id, endpoint_id, day, sum(matched)
      from taken
      group by organization_id, endpoint_id, day
      -- Looked at next, since something has changed.
      on conflict (organization_id, endpoint_id, day)
        do update set matched = ledger_days.matched + excluded.matched, checked_at = null
    )
    select count(*) as folded from taken`);
  return rows[0]?.folded ?? 0;
}

/**
 * Folds what was appended and counts up to `days` days: those that have changed, those with deliveries that are not
 * finished, and then those that were not looked at since the moment. One node at a time; false when another is at it. All
 * times are epoch milliseconds.
 */
export async function checkLedger(
  database: Database,
  check: { readonly now: number; readonly lookedAtBefore: number; readonly days: number },
): Promise<boolean> {
  let isMine = true;
  const step = (work: (tx: Transaction) => Promise<boolean>): Promise<boolean> =>
    database.transaction(async (tx) => {
      // Several statements count one day as of one moment.
      await tx.rows(sql`set transaction isolation level repeatable read`);
      const rows = await tx.rows<{ locked: boolean }>(
        sql`select pg_try_advisory_xact_lock(${LOCK_CLASS}, 0) as locked`,
      );
      isMine = rows[0]?.locked === true;
      return isMine && (await work(tx));
    });
  while (await step(async (tx) => (await foldEntries(tx)) === FOLDED));
  for (let day = 0; day < check.days; day++) {
    if (!(await step((tx) => countOldestDay(tx, check.lookedAtBefore, check.now)))) break;
  }
  return isMine;
}

/** Deliveries that were finished may be finished no longer: their days are counted anew. */
export async function noteReopened(
  tx: Queryable,
  deliveries: readonly { readonly organizationId: string; readonly eventId: string; readonly endpointId: string }[],
): Promise<void> {
  if (deliveries.length === 0) return;
  const days = new Map<string, LedgerEntry>();
  for (const { organizationId, eventId, endpointId } of deliveries) {
    const day = dayOfUuid(eventId);
    days.set(`${endpointId} ${day}`, { organizationId, endpointId, day, matched: 0 });
  }
  await tx.rows(insertOfEntries([...days.values()]));
}

/** An endpoint of which deliveries are missing (negative) or too many, as of the last look. */
export type LedgerDifference = {
  readonly organizationId: string;
  readonly endpointId: string;
  readonly difference: number;
};

/** The endpoints whose ledger did not balance when it was last looked at, at most so many. */
export function listLedgerDifferences(db: Queryable, limit: number): Promise<readonly LedgerDifference[]> {
  return db.rows<LedgerDifference>(sql`
    select organization_id as "organizationId", endpoint_id as "endpointId", sum(difference)::bigint as difference
    from ledger_days
    where difference <> 0
    group by organization_id, endpoint_id
    order by organization_id, endpoint_id
    limit ${limit}`);
}

/** How many deliveries are missing and how many too many, of all organizations, as of the last look. */
export async function readLedgerTotals(db: Queryable): Promise<{ readonly missing: number; readonly surplus: number }> {
  const rows = await db.rows<{ missing: number; surplus: number }>(sql`
    select coalesce(sum(-difference) filter (where difference < 0), 0)::bigint as missing,
      coalesce(sum(difference) filter (where difference > 0), 0)::bigint as surplus
    from ledger_days
    where difference <> 0`);
  return rows[0] ?? { missing: 0, surplus: 0 };
}

/**
 * Writes down deliveries that the announcement of their events did not know of, such as those that somebody asked for
 * later, in the transaction that stores them.
 */
export async function noteMatched(
  tx: Queryable,
  deliveries: readonly { readonly organizationId: string; readonly eventId: string; readonly endpointId: string }[],
): Promise<void> {
  if (deliveries.length === 0) return;
  const counted = deliveries.map(({ organizationId, eventId, endpointId }) => ({
    organizationId,
    id: eventId,
    matchedEndpointIds: [endpointId],
  }));
  await tx.rows(sql`
    with counted as (${insertOfEntries(entriesOf(counted))})
    update events
    set matched_endpoint_ids = events.matched_endpoint_ids || given.endpoint_ids
    from (
      select organization_id, event_id, array_agg(endpoint_id) as endpoint_ids
      from unnest(${uuids(deliveries.map((one) => one.organizationId))}, ${uuids(deliveries.map((one) => one.eventId))},
                  ${uuids(deliveries.map((one) => one.endpointId))}) as given (organization_id, event_id, endpoint_id)
      group by organization_id, event_id
    ) given
    where events.organization_id = given.organization_id and events.id = given.event_id`);
}
