import type { Queryable } from "../runtime/database.ts";
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
  /** When the one that waits longest became due, epoch milliseconds. */
  readonly dueAt: number;
};

/** Names an endpoint. */
export type EndpointKey = { readonly organizationId: string; readonly endpointId: string };

/** What a look found: `visitedTo` is where the next one goes on, null when there is nothing behind. */
export type DueEndpoints = { readonly due: readonly DueEndpoint[]; readonly visitedTo: EndpointKey | null };

const FIRST: EndpointKey = {
  organizationId: "00000000-0000-0000-0000-000000000000",
  endpointId: "00000000-0000-0000-0000-000000000000",
};

/**
 * Looks at up to `most` of the endpoints that have pending deliveries, in the order of their keys behind `after`, one index
 * probe each however many deliveries they have; endpoints without any are not looked at. Returned are those that have one
 * due and are enabled, not held back, and closed or due for a probe.
 */
export async function findDueEndpoints(
  db: Queryable,
  look: { readonly now: number; readonly after: EndpointKey | null; readonly most: number },
): Promise<DueEndpoints> {
  const now = timestamp(look.now);
  const after = look.after ?? FIRST;
  const rows = await db.rows<DueEndpoint & { readonly isReady: boolean; readonly place: number }>(sql`
    with recursive visited as (
      (
        select organization_id, endpoint_id, next_attempt_at, 1 as place
        from deliveries
        where status = 'pending'
          and (organization_id, endpoint_id) > (${after.organizationId}::uuid, ${after.endpointId}::uuid)
        order by organization_id, endpoint_id, next_attempt_at, id
        limit 1
      )
      union all
      select next.organization_id, next.endpoint_id, next.next_attempt_at, visited.place + 1
      from visited
      cross join lateral (
        select organization_id, endpoint_id, next_attempt_at
        from deliveries
        where status = 'pending'
          and (organization_id, endpoint_id) > (visited.organization_id, visited.endpoint_id)
        order by organization_id, endpoint_id, next_attempt_at, id
        limit 1
      ) next
      where visited.place < ${look.most}::int
    ),
    judged as (
      select
        visited.organization_id,
        visited.endpoint_id,
        visited.next_attempt_at,
        visited.place,
        circuits.state,
        circuits.consecutive_failures,
        circuits.in_flight_limit,
        endpoints.max_in_flight,
        endpoints.rate_limit,
        endpoints.timeout_seconds,
        visited.next_attempt_at <= ${now}
          and endpoints.enabled
          and endpoints.deleted_at is null
          and (circuits.held_until is null or circuits.held_until <= ${now})
          and (circuits.state = 'closed' or (circuits.state in ('open', 'half_open') and circuits.next_probe_at <= ${now}))
          as is_ready
      from visited
      join endpoints
        on endpoints.organization_id = visited.organization_id and endpoints.id = visited.endpoint_id
      join circuits
        on circuits.organization_id = visited.organization_id and circuits.endpoint_id = visited.endpoint_id
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
      next_attempt_at as "dueAt",
      coalesce(is_ready, false) as "isReady",
      place
    from judged
    where is_ready or place = ${look.most}::int
    order by place`);
  const last = rows.at(-1);
  return {
    due: rows.filter((row) => row.isReady),
    visitedTo: last !== undefined && last.place === look.most ? last : null,
  };
}
