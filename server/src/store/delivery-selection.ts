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
  return joined([...conditionsByIndex(organizationId, selection), ...conditionsByRow(selection)], " and ");
}

/** What an index can follow, more or less. */
function conditionsByIndex(organizationId: string, selection: Selection): readonly Sql[] {
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
  return conditions;
}

/** What every row must be looked at for. */
function conditionsByRow(selection: Selection): readonly Sql[] {
  const conditions: Sql[] = [];
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
  return conditions;
}

/** So many deliveries are looked at to count what a selection means. */
export const MOST_COUNTED = 100_000;

/** Deliveries as `looked`, at most so many, and of these the selected ones as `deliveries`. */
function lookedAt(organizationId: string, selection: Selection, most: number): Sql {
  const byRow = conditionsByRow(selection);
  return sql`
    looked as materialized (
      select deliveries.organization_id, deliveries.id, deliveries.event_id, deliveries.event_type,
        deliveries.endpoint_id, deliveries.incident_id, deliveries.sequence, deliveries.status, deliveries.last_error,
        endpoints.name as endpoint_name, ${isBlocked} as is_blocked,
        endpoints.collapse and endpoints.delivery_order = 'incident' as collapses
      from ${selectionSource}
      where ${joined(conditionsByIndex(organizationId, selection), " and ")}
      limit ${most}
    ),
    selected as (
      select *
      from looked deliveries
      where ${byRow.length === 0 ? sql`true` : joined(byRow, " and ")}
    )`;
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

/** What a selection means; with `isExact` false there are at least so many. */
export type SelectionCounts = { readonly counts: readonly SelectionCount[]; readonly isExact: boolean };

/** Counts what a selection means, among a bounded number of deliveries. */
export async function countSelection(
  db: Queryable,
  organizationId: string,
  selection: Selection,
  most = MOST_COUNTED,
): Promise<SelectionCounts> {
  type Row = { [K in keyof SelectionCount]: SelectionCount[K] | null } & { readonly looked: number };
  const rows = await db.rows<Row>(sql`
    with ${lookedAt(organizationId, selection, most)},
    counted as (
      select endpoint_id, endpoint_name,
        case when status = 'pending' and is_blocked then 'parked' else status end as status,
        last_error ->> 'reason' as reason, count(*) as count
      from selected
      group by 1, 2, 3, 4
    )
    select counted.endpoint_id as "endpointId", counted.endpoint_name as "endpointName", counted.status, counted.reason,
      counted.count, sizes.looked
    from (select count(*) as looked from looked) sizes
    left join counted on true
    order by 2, 1, 3, 4`);
  const counts = rows.filter((row): row is Row & SelectionCount => row.endpointId !== null);
  return {
    counts: counts.map(({ looked: _looked, ...count }) => count),
    isExact: (rows[0]?.looked ?? 0) < most,
  };
}

/**
 * How many of the selected would be folded into later ones, at endpoints that collapse, among a bounded number of
 * deliveries; the rule is core's `collapse`.
 */
export async function countCollapsible(
  db: Queryable,
  organizationId: string,
  selection: Selection,
  most = MOST_COUNTED,
): Promise<number> {
  const isState = sql`event_type = any(${[...STATE_EVENTS]}::text[])`;
  const rows = await db.rows<{ count: number }>(sql`
    with ${lookedAt(organizationId, selection, most)},
    placed as (
      select selected.*,
        count(*) over later as later,
        count(*) filter (where ${isState}) over later as later_states
      from selected
      where incident_id is not null and collapses
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
