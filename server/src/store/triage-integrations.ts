import type { Integration } from "../core/integration.ts";
import type { Queryable } from "../runtime/database.ts";
import { timestamps, uuids } from "./binary-array.ts";
import { sql } from "./sql.ts";

/** What triage needs to know of an integration. */
export type TriageIntegration = Pick<
  Integration,
  "organizationId" | "id" | "name" | "platform" | "mapping" | "grouping" | "triage" | "version"
>;

const columns = sql`
  integrations.organization_id as "organizationId", integrations.id, integrations.name, integrations.platform,
  integrations.mapping, integrations.grouping, integrations.triage, integrations.version`;

/** Integrations by their full keys, deleted ones included: what was accepted is read. */
export function readTriageIntegrations(
  db: Queryable,
  keys: readonly { readonly organizationId: string; readonly id: string }[],
): Promise<readonly TriageIntegration[]> {
  return db.rows<TriageIntegration>(sql`
    select ${columns}
    from unnest(${uuids(keys.map((key) => key.organizationId))}, ${uuids(keys.map((key) => key.id))})
      as wanted (organization_id, id)
    join integrations on integrations.organization_id = wanted.organization_id and integrations.id = wanted.id`);
}

/** The enabled integrations that want stale alerts resolved or silence announced, with the time of their last receipt. */
export function listWatchedIntegrations(
  db: Queryable,
): Promise<readonly (TriageIntegration & { readonly lastHeardAt: number })[]> {
  return db.rows(sql`
    select ${columns}, coalesce(integrations.last_receipt_at, integrations.created_at) as "lastHeardAt"
    from integrations
    where integrations.enabled and integrations.deleted_at is null
      and (integrations.triage ->> 'stale_after_seconds' is not null
        or integrations.triage ->> 'silent_after_seconds' is not null)`);
}

/** Writes down when integrations were last heard of, and when they last sent a sign of life; never goes back. */
export async function touchIntegrations(
  db: Queryable,
  heard: readonly {
    readonly organizationId: string;
    readonly id: string;
    readonly receiptAt: number;
    readonly heartbeatAt: number | null;
  }[],
): Promise<void> {
  await db.rows(sql`
    update integrations
    set last_receipt_at = greatest(last_receipt_at, heard.receipt_at),
      last_heartbeat_at = greatest(last_heartbeat_at, heard.heartbeat_at)
    from unnest(${uuids(heard.map((one) => one.organizationId))}, ${uuids(heard.map((one) => one.id))},
                ${timestamps(heard.map((one) => one.receiptAt))},
                ${timestamps(heard.map((one) => one.heartbeatAt))})
      as heard (organization_id, id, receipt_at, heartbeat_at)
    where integrations.organization_id = heard.organization_id and integrations.id = heard.id`);
}
