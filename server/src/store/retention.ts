import type { Database, Queryable } from "../runtime/database.ts";
import { firstUuidAt } from "../runtime/id.ts";
import { dayOfEvent } from "./ledger.ts";
import { sql, timestamp } from "./sql.ts";

const BATCH = 500;
const MOST_BATCHES = 200;

/**
 * Deletes incidents that were resolved before the moment (epoch milliseconds), with all that hangs on them, in small
 * transactions; at most 100,000 a call. An incident of which a delivery is not final stays. Returns how many went.
 */
export async function deleteResolvedIncidentsBefore(database: Database, moment: number): Promise<number> {
  let deleted = 0;
  for (let batch = 0; batch < MOST_BATCHES; batch++) {
    const count = await database.transaction((tx) => deleteBatch(tx, moment));
    deleted += count;
    if (count < BATCH) break;
  }
  return deleted;
}

/**
 * Deletes events that belong to no incident – tests, and what is told of endpoints and integrations – and are older than
 * the moment (epoch milliseconds), with their deliveries, at most 100,000 a call. One of which a delivery is not final
 * stays. Returns how many went.
 */
export async function deleteLooseEventsBefore(database: Database, moment: number): Promise<number> {
  let deleted = 0;
  let after: string | null = null;
  for (let batch = 0; batch < MOST_BATCHES; batch++) {
    const step: LooseStep = await database.transaction((tx) => deleteLooseBatch(tx, moment, after));
    deleted += step.deleted;
    after = step.last;
    if (after === null) break;
  }
  return deleted;
}

type LooseStep = { readonly deleted: number; readonly last: string | null };

async function deleteLooseBatch(tx: Queryable, moment: number, after: string | null): Promise<LooseStep> {
  const [step] = await tx.rows<LooseStep>(sql`
    with old as (
      select events.organization_id, events.id, events.matched_endpoint_ids
      from organizations
      cross join lateral (
        select organization_id, id, matched_endpoint_ids
        from events
        where events.organization_id = organizations.id
          and events.incident_id is null
          and events.id < ${firstUuidAt(moment)}
          and (${after}::uuid is null or events.id > ${after}::uuid)
        order by events.id
        limit ${BATCH}
      ) events
      order by events.id
      limit ${BATCH}
    ),
    settled as (
      select organization_id, id, matched_endpoint_ids
      from old
      where not exists (
        select 1
        from deliveries
        where deliveries.organization_id = old.organization_id
          and deliveries.event_id = old.id
          and deliveries.finished_at is null
      )
    ),
    sends as (
      delete from deliveries using settled
      where deliveries.organization_id = settled.organization_id and deliveries.event_id = settled.id
    ),
    facts as (
      delete from events using settled
      where events.organization_id = settled.organization_id and events.id = settled.id
      returning events.organization_id, events.id, events.matched_endpoint_ids
    ),
    uncounted as (
      insert into ledger_entries (organization_id, endpoint_id, day, matched)
      select facts.organization_id, heard.endpoint_id, ${dayOfEvent(sql`facts.id`)}, -count(*)
      from facts
      cross join lateral unnest(facts.matched_endpoint_ids) as heard (endpoint_id)
      group by 1, 2, 3
    )
    select (select count(*) from settled) as deleted,
      case when count(*) = ${BATCH} then (array_agg(id order by id desc))[1] end as last
    from old`);
  return step ?? { deleted: 0, last: null };
}

/** Deletes bulk runs that ended before the moment (epoch milliseconds); what they did to deliveries stays. */
export async function deleteBulkRunsBefore(db: Queryable, moment: number): Promise<number> {
  const rows = await db.rows(sql`
    delete from bulk_runs
    where finished_at < ${timestamp(moment)}
    returning id`);
  return rows.length;
}

async function deleteBatch(tx: Queryable, moment: number): Promise<number> {
  const rows = await tx.rows<{ id: string }>(sql`
    with old as (
      select incidents.organization_id, incidents.id
      from incidents
      where incidents.status = 'resolved'
        and incidents.resolved_at < ${timestamp(moment)}
        and not exists (
          select 1
          from deliveries
          where deliveries.organization_id = incidents.organization_id
            and deliveries.incident_id = incidents.id
            and deliveries.finished_at is null
        )
      limit ${BATCH}
      for update skip locked
    ),
    lines as (
      delete from incident_timeline using old
      where incident_timeline.organization_id = old.organization_id and incident_timeline.incident_id = old.id
    ),
    sends as (
      delete from deliveries using old
      where deliveries.organization_id = old.organization_id and deliveries.incident_id = old.id
    ),
    facts as (
      delete from events using old
      where events.organization_id = old.organization_id and events.incident_id = old.id
      returning events.organization_id, events.id, events.matched_endpoint_ids
    ),
    -- What leaves the deliveries leaves the ledger, counted by the events: a delivery that was lost is settled by this.
    uncounted as (
      insert into ledger_entries (organization_id, endpoint_id, day, matched)
      select facts.organization_id, heard.endpoint_id, ${dayOfEvent(sql`facts.id`)}, -count(*)
      from facts
      cross join lateral unnest(facts.matched_endpoint_ids) as heard (endpoint_id)
      group by 1, 2, 3
    ),
    travelled as (
      delete from incident_hops using old
      where incident_hops.organization_id = old.organization_id and incident_hops.incident_id = old.id
    ),
    conditions as (
      delete from alerts using old
      where alerts.organization_id = old.organization_id and alerts.incident_id = old.id and alerts.status = 'resolved'
    )
    delete from incidents using old
    where incidents.organization_id = old.organization_id and incidents.id = old.id
    returning incidents.id`);
  return rows.length;
}
