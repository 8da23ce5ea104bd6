import type { Queryable } from "../runtime/database.ts";
import { uuids } from "./binary-array.ts";
import { sql } from "./sql.ts";

/** What announcing needs to know of an endpoint. */
export type Subscriber = {
  readonly organizationId: string;
  readonly id: string;
  readonly name: string;
  /** Set when it hears only that integration's incidents. */
  readonly integrationId: string | null;
  readonly events: readonly string[];
  readonly filter: string | null;
  /** False when a person or its circuit has disabled it: then it hears nothing until a person enables it. */
  readonly isEnabled: boolean;
  /** True when the events of one incident go out in order, one at a time. */
  readonly isOrdered: boolean;
  /** Who hears in its place while it cannot be reached, or null; with one, a disabled endpoint hears on. */
  readonly fallbackId: string | null;
  /** True when what waits of an incident is folded into its latest state. */
  readonly collapses: boolean;
};

/** All endpoints of the organizations that are not deleted, in the order of their ids. */
export function readSubscribers(db: Queryable, organizationIds: readonly string[]): Promise<readonly Subscriber[]> {
  return db.rows<Subscriber>(sql`
    select endpoints.organization_id as "organizationId", endpoints.id, endpoints.name,
      endpoints.integration_id as "integrationId", endpoints.events, endpoints.filter,
      endpoints.fallback is not null
        or (endpoints.enabled and coalesce(circuits.state, 'closed') <> 'disabled') as "isEnabled",
      endpoints.delivery_order = 'incident' as "isOrdered",
      endpoints.delivery_order = 'incident' and endpoints.collapse as "collapses",
      endpoints.fallback ->> 'endpoint_id' as "fallbackId"
    from endpoints
    left join circuits on circuits.organization_id = endpoints.organization_id and circuits.endpoint_id = endpoints.id
    where endpoints.organization_id = any(${uuids(organizationIds)}) and endpoints.deleted_at is null
    order by endpoints.organization_id, endpoints.id`);
}
