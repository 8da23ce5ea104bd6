import type { Queryable } from "../runtime/database.ts";
import { firstUuidAt } from "../runtime/id.ts";
import { sql } from "./sql.ts";

/** What happened to a platform's webhooks lately, over all organizations; counts only, nothing of anybody's content. */
export type PlatformHealth = {
  readonly platform: string;
  readonly integrations: number;
  /** Integrations that received something in the period. */
  readonly receivingIntegrations: number;
  /** Receipts of the shorter period that could not be read, counted up to 100 an integration. */
  readonly quarantined: number;
  /** Receipts of the shorter period, counted up to 100 an integration. */
  readonly received: number;
};

/** Health of each platform that has enabled integrations: looks back to `since`, and for counts to `recently`. */
export function readPlatformHealth(
  db: Queryable,
  period: { readonly since: number; readonly recently: number },
): Promise<readonly PlatformHealth[]> {
  const since = firstUuidAt(period.since);
  const recently = firstUuidAt(period.recently);
  return db.rows<PlatformHealth>(sql`
    select
      integrations.platform,
      count(*) as integrations,
      count(*) filter (where latest.id is not null) as "receivingIntegrations",
      coalesce(sum(troubled.count), 0)::int as quarantined,
      coalesce(sum(counted.count), 0)::int as received
    from integrations
    left join lateral (
      select receipts.id
      from receipts
      where receipts.organization_id = integrations.organization_id
        and receipts.integration_id = integrations.id
        and receipts.id >= ${since}
      order by receipts.id desc
      limit 1
    ) latest on true
    left join lateral (
      select count(*) as count
      from (
        select 1
        from receipts
        where receipts.organization_id = integrations.organization_id
          and receipts.integration_id = integrations.id
          and receipts.id >= ${recently}
          and latest.id is not null
        limit 100
      ) some_receipts
    ) counted on true
    left join lateral (
      select count(*) as count
      from (
        select 1
        from receipt_outcomes
        where receipt_outcomes.organization_id = integrations.organization_id
          and receipt_outcomes.integration_id = integrations.id
          and receipt_outcomes.status = 'quarantined'
          and receipt_outcomes.receipt_id >= ${recently}
          and latest.id is not null
        limit 100
      ) some_outcomes
    ) troubled on true
    where integrations.deleted_at is null and integrations.enabled
    group by integrations.platform`);
}
