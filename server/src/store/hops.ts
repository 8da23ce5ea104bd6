import type { Queryable } from "../runtime/database.ts";
import { sql } from "./sql.ts";

/** How often what an incident is made of went through an Overwatch. */
export type IncidentHops = { readonly organizationId: string; readonly incidentId: string; readonly hops: number };

/** Raises the hops of incidents, each named once; they never fall. */
export async function raiseHops(tx: Queryable, raised: readonly IncidentHops[]): Promise<void> {
  await tx.rows(sql`
    insert into incident_hops (organization_id, incident_id, hops)
    select *
    from unnest(${raised.map((one) => one.organizationId)}::uuid[], ${raised.map((one) => one.incidentId)}::uuid[],
                ${raised.map((one) => one.hops)}::int[])
    order by 1, 2
    on conflict (organization_id, incident_id) do update
    set hops = greatest(incident_hops.hops, excluded.hops)`);
}
