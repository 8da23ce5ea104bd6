import type { JsonObject } from "../core/json.ts";
import type { Queryable } from "../runtime/database.ts";
import { json, sql, timestamp } from "./sql.ts";

/** Keeps what an endpoint's answer told of an incident, beside what is known already; newer values replace older ones. */
export async function saveLink(
  db: Queryable,
  link: {
    readonly organizationId: string;
    readonly endpointId: string;
    readonly incidentId: string;
    readonly captured: JsonObject;
  },
  now: number,
): Promise<void> {
  await db.rows(sql`
    insert into links (organization_id, endpoint_id, incident_id, captured, updated_at)
    values (${link.organizationId}, ${link.endpointId}, ${link.incidentId}, ${json(link.captured)}, ${timestamp(now)})
    on conflict (organization_id, endpoint_id, incident_id) do update
    set captured = links.captured || excluded.captured, updated_at = excluded.updated_at`);
}
