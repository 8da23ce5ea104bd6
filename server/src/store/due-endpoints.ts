import type { WalkLook, WalkPosition } from "../core/due-walk.ts";
import type { Queryable } from "../runtime/database.ts";
import { uuids } from "./binary-array.ts";
import { sql, timestamp } from "./sql.ts";

/** An endpoint with something due that may be sent to now, and what its settings and its state allow over all nodes. */
export type DueEndpoint = {
  readonly organizationId: string;
  readonly endpointId: string;
  readonly circuitState: "closed" | "open" | "half_open";
  readonly circuitFailures: number;
  readonly maxInFlight: number;
  readonly rateLimit: { readonly requests: number; readonly per_seconds: number } | null;
  /** The limit that its state sets below `maxInFlight`, or null. */
  readonly paceLimit: number | null;
  readonly timeoutSeconds: number;
  /** A delivery that a person wants sent now, past whatever holds the endpoint back; or null. */
  readonly forcedDeliveryId: string | null;
  /** When the one that waits longest became due, epoch milliseconds. */
  readonly dueAt: number;
};

/** What a look found, and how far it came. */
export type DueEndpoints = WalkLook & { readonly due: readonly DueEndpoint[] };

const NOTHING_BEFORE = "00000000-0000-0000-0000-000000000000";

/**
 * Looks at some of the endpoints that have pending deliveries: of the next `mostOrganizations` organizations behind the
 * position an equal part of `most` each, in the order of their keys, with one index probe each however many deliveries they
 * have; endpoints without any are not looked at. Returned are those that have one due and are enabled, and not held back
 * and closed, or due for a probe, or told by a person to send one.
 */
export async function findDueEndpoints(
  db: Queryable,
  look: {
    readonly now: number;
    readonly position: WalkPosition;
    readonly most: number;
    readonly mostOrganizations: number;
  },
): Promise<DueEndpoints> {
  const now = timestamp(look.now);
  const { afterOrganization, resume } = look.position;
  const rows = await db.rows<DueEndpoint & { isReady: boolean; isCut: boolean; isLastOrganization: boolean }>(sql`
    with recursive organizations as (
      (
        select organization_id, 1 as nth
        from deliveries
        where status = 'pending' and organization_id > ${afterOrganization ?? NOTHING_BEFORE}::uuid
        order by organization_id, endpoint_id, next_attempt_at, id
        limit 1
      )
      union all
      select next.organization_id, organizations.nth + 1
      from organizations
      cross join lateral (
        select organization_id
        from deliveries
        where status = 'pending' and organization_id > organizations.organization_id
        order by organization_id, endpoint_id, next_attempt_at, id
        limit 1
      ) next
      where organizations.nth < ${look.mostOrganizations}::int
    ),
    part as (
      select greatest(1, ${look.most}::int / greatest(1, count(*)))::int as most from organizations
    ),
    resumed as (
      select organization_id, endpoint_id
      from unnest(${uuids(resume.map((one) => one.organizationId))}, ${uuids(resume.map((one) => one.endpointId))})
        as resumed (organization_id, endpoint_id)
    ),
    visited as (
      select organizations.organization_id, organizations.nth, walk.endpoint_id, walk.next_attempt_at, walk.place
      from organizations
      left join resumed on resumed.organization_id = organizations.organization_id
      left join lateral (
        with recursive steps as (
          (
            select endpoint_id, next_attempt_at, 1 as place
            from deliveries
            where status = 'pending'
              and organization_id = organizations.organization_id
              and endpoint_id > coalesce(resumed.endpoint_id, ${NOTHING_BEFORE}::uuid)
            order by endpoint_id, next_attempt_at, id
            limit 1
          )
          union all
          select next.endpoint_id, next.next_attempt_at, steps.place + 1
          from steps
          cross join lateral (
            select endpoint_id, next_attempt_at
            from deliveries
            where status = 'pending'
              and organization_id = organizations.organization_id
              and endpoint_id > steps.endpoint_id
            order by endpoint_id, next_attempt_at, id
            limit 1
          ) next
          where steps.place < (select most from part)
        )
        select endpoint_id, next_attempt_at, place from steps
      ) walk on true
    ),
    judged as (
      select
        visited.organization_id,
        visited.nth,
        visited.endpoint_id,
        visited.next_attempt_at,
        visited.place,
        circuits.state,
        circuits.consecutive_failures,
        circuits.in_flight_limit,
        circuits.forced_delivery_id,
        endpoints.max_in_flight,
        endpoints.rate_limit,
        endpoints.timeout_seconds,
        coalesce(
          visited.next_attempt_at <= ${now}
          and endpoints.enabled
          and endpoints.deleted_at is null
          and (circuits.held_until is null or circuits.held_until <= ${now} or circuits.forced_delivery_id is not null)
          and (circuits.state = 'closed' or (circuits.state in ('open', 'half_open') and circuits.next_probe_at <= ${now})),
          false
        ) as is_ready,
        coalesce(visited.place = (select most from part), false) as is_cut,
        visited.nth = ${look.mostOrganizations}::int as is_last_organization
      from visited
      -- Row by row, each by its key: PostgreSQL cannot know how few there are and would read whole tables.
      left join lateral (
        select max_in_flight, rate_limit, timeout_seconds, enabled, deleted_at
        from endpoints
        where endpoints.organization_id = visited.organization_id and endpoints.id = visited.endpoint_id
        offset 0
      ) endpoints on true
      left join lateral (
        select state, consecutive_failures, in_flight_limit, forced_delivery_id, held_until, next_probe_at
        from circuits
        where circuits.organization_id = visited.organization_id and circuits.endpoint_id = visited.endpoint_id
        offset 0
      ) circuits on true
    )
    select
      organization_id as "organizationId",
      endpoint_id as "endpointId",
      state as "circuitState",
      consecutive_failures as "circuitFailures",
      in_flight_limit as "paceLimit",
      max_in_flight as "maxInFlight",
      rate_limit as "rateLimit",
      timeout_seconds as "timeoutSeconds",
      forced_delivery_id as "forcedDeliveryId",
      next_attempt_at as "dueAt",
      is_ready as "isReady",
      is_cut as "isCut",
      is_last_organization as "isLastOrganization"
    from judged
    where is_ready or is_cut or is_last_organization
    order by place, nth`);
  return {
    due: rows.filter((row) => row.isReady),
    cut: rows.filter((row) => row.isCut),
    lastOrganization: rows.find((row) => row.isLastOrganization)?.organizationId ?? null,
  };
}
