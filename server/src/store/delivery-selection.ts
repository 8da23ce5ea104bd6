import type { SelectableStatus, Selection } from "../core/bulk-run.ts";
import { STATE_EVENTS } from "../core/collapse.ts";
import type { Queryable } from "../runtime/database.ts";
import { firstUuidAt } from "../runtime/id.ts";
import { joined, type Sql, sql } from "./sql.ts";

/** The tables that the conditions of a selection look at. */
export const selectionSource = sql`
  deliveries
  join endpoints on endpoints.organization_id = deliveries.organization_id and endpoints.id = deliveries.endpoint_id
  join circuits on circuits.organization_id = deliveries.organization_id
    and circuits.endpoint_id = deliveries.endpoint_id`;

const isBlocked = sql`(not endpoints.enabled or circuits.state <> 'closed')`;

/** Written out word by word, so that the partial indexes of the states can be used. */
const CONDITION_OF: Readonly<Record<SelectableStatus, Sql>> = {
  pending: sql`(deliveries.status = 'pending' and not ${isBlocked})`,
  parked: sql`(deliveries.status = 'pending' and ${isBlocked})`,
  succeeded: sql`deliveries.status = 'succeeded'`,
  exhausted: sql`deliveries.status = 'exhausted'`,
  cancelled: sql`deliveries.status = 'cancelled'`,
};

/** The conditions of a selection; of what another delivery speaks for nothing is ever selected. */
export function selectionConditions(organizationId: string, selection: Selection): Sql {
  const conditions: Sql[] = [
    sql`deliveries.organization_id = ${organizationId}`,
    sql`deliveries.id >= ${firstUuidAt(selection.since)}`,
    sql`deliveries.id < ${firstUuidAt(selection.until)}`,
    sql`(${joined(
      selection.statuses.map((status) => CONDITION_OF[status]),
      " or ",
    )})`,
    sql`deliveries.replaced_by is null`,
    sql`endpoints.deleted_at is null`,
  ];
  if (selection.endpointId !== null) conditions.push(sql`deliveries.endpoint_id = ${selection.endpointId}`);
  if (selection.incidentId !== null) conditions.push(sql`deliveries.incident_id = ${selection.incidentId}`);
  if (selection.eventType !== null) conditions.push(sql`deliveries.event_type = ${selection.eventType}`);
  if (selection.reason !== null) conditions.push(sql`deliveries.last_error ->> 'reason' = ${selection.reason}`);
  if (selection.integrationId !== null) {
    conditions.push(sql`exists (
      select 1
      from events
      where events.organization_id = deliveries.organization_id and events.id = deliveries.event_id
        and events.integration_id = ${selection.integrationId}
    )`);
  }
  return joined(conditions, " and ");
}

/** How many selected deliveries of an endpoint are in a state and failed last for a reason. */
export type SelectionCount = {
  readonly endpointId: string;
  readonly endpointName: string;
  readonly status: SelectableStatus;
  /** Null when no attempt has failed. */
  readonly reason: string | null;
  readonly count: number;
};

/** Counts what a selection means. */
export function countSelection(
  db: Queryable,
  organizationId: string,
  selection: Selection,
): Promise<readonly SelectionCount[]> {
  return db.rows<SelectionCount>(sql`
    select endpoints.id as "endpointId", endpoints.name as "endpointName",
      case when deliveries.status = 'pending' and ${isBlocked} then 'parked' else deliveries.status end as status,
      deliveries.last_error ->> 'reason' as reason, count(*) as count
    from ${selectionSource}
    where ${selectionConditions(organizationId, selection)}
    group by 1, 2, 3, 4
    order by 2, 1, 3, 4`);
}

/** How many of the selected would be folded into later ones, at endpoints that collapse; the rule is core's `collapse`. */
export async function countCollapsible(db: Queryable, organizationId: string, selection: Selection): Promise<number> {
  const isState = sql`event_type = any(${[...STATE_EVENTS]}::text[])`;
  const rows = await db.rows<{ count: number }>(sql`
    with selected as (
      select deliveries.organization_id, deliveries.id, deliveries.endpoint_id, deliveries.incident_id,
        deliveries.event_type, deliveries.sequence
      from ${selectionSource}
      where ${selectionConditions(organizationId, selection)}
        and deliveries.incident_id is not null and endpoints.collapse and endpoints.delivery_order = 'incident'
    ),
    placed as (
      select selected.*,
        count(*) over later as later,
        count(*) filter (where ${isState}) over later as later_states
      from selected
      window later as (
        partition by endpoint_id, incident_id
        order by sequence, id
        rows between 1 following and unbounded following
      )
    )
    select count(*) as count
    from placed
    where later > 0
      and (later_states > 0 or not ${isState})
      and (event_type <> 'incident.created' or exists (
        select 1
        from deliveries told
        where told.organization_id = placed.organization_id and told.incident_id = placed.incident_id
          and told.endpoint_id = placed.endpoint_id and told.status = 'succeeded'
      ))`);
  return rows[0]?.count ?? 0;
}
