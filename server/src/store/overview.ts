import type { Severity } from "../core/severity.ts";
import type { Queryable } from "../runtime/database.ts";
import { sql, timestamp } from "./sql.ts";

/** Counts of unresolved incidents stop here. */
export const MOST_UNRESOLVED = 10_000;

/** Unresolved incidents by state and severity, of the newest MOST_UNRESOLVED. */
export function countUnresolved(
  db: Queryable,
  organizationId: string,
): Promise<readonly { readonly status: string; readonly severity: Severity; readonly count: number }[]> {
  return db.rows(sql`
    select status, severity, count(*)::int as count
    from (
      select status, severity
      from incidents
      where organization_id = ${organizationId} and status <> 'resolved'
      order by id desc
      limit ${MOST_UNRESOLVED}
    ) unresolved
    group by status, severity`);
}

/** What has waited longest, as epoch milliseconds; null when nothing waits. */
export type OldestWaiting = {
  /** When the oldest receipt was received that triage has not read. */
  readonly receiptAt: number | null;
  /** When the delivery was due that has waited longest at an endpoint that can be sent to. */
  readonly dueAt: number | null;
  /** When the event happened of which a delivery waits at an endpoint that cannot be sent to. */
  readonly parkedEventAt: number | null;
};

/** Looks for what has waited longest: one look into an index for each endpoint. */
export async function readOldestWaiting(db: Queryable, organizationId: string): Promise<OldestWaiting> {
  const rows = await db.rows<OldestWaiting>(sql`
    with heads as (
      select head.next_attempt_at, head.event_at, (not endpoints.enabled or circuits.state <> 'closed') as is_blocked
      from endpoints
      join circuits on circuits.organization_id = endpoints.organization_id and circuits.endpoint_id = endpoints.id
      cross join lateral (
        select deliveries.next_attempt_at, deliveries.event_at
        from deliveries
        where deliveries.organization_id = endpoints.organization_id and deliveries.endpoint_id = endpoints.id
          and deliveries.status = 'pending' and deliveries.next_attempt_at is not null
        order by deliveries.next_attempt_at, deliveries.id
        limit 1
      ) head
      where endpoints.organization_id = ${organizationId} and endpoints.deleted_at is null
    )
    select
      (
        select receipts.received_at
        from (
          select receipt_id
          from receipt_queue
          where organization_id = ${organizationId}
          order by receipt_id
          limit 1
        ) oldest
        join receipts on receipts.organization_id = ${organizationId} and receipts.id = oldest.receipt_id
      ) as "receiptAt",
      (select min(next_attempt_at) from heads where not is_blocked) as "dueAt",
      (select min(event_at) from heads where is_blocked) as "parkedEventAt"`);
  return rows[0] ?? { receiptAt: null, dueAt: null, parkedEventAt: null };
}

/** An endpoint whose circuit is not closed; times in epoch milliseconds. */
export type BrokenEndpoint = {
  readonly id: string;
  readonly name: string;
  readonly state: "open" | "half_open" | "disabled";
  readonly openedAt: number | null;
  readonly nextProbeAt: number | null;
  readonly consecutiveFailures: number;
  readonly diagnosis: string | null;
  readonly disabledReason: string | null;
};

/** The endpoints that cannot be sent to, those that broke last first. */
export function listBrokenEndpoints(
  db: Queryable,
  organizationId: string,
  limit: number,
): Promise<readonly BrokenEndpoint[]> {
  return db.rows<BrokenEndpoint>(sql`
    select endpoints.id, endpoints.name, circuits.state, circuits.opened_at as "openedAt",
      circuits.next_probe_at as "nextProbeAt", circuits.consecutive_failures as "consecutiveFailures",
      circuits.diagnosis, circuits.disabled_reason as "disabledReason"
    from circuits
    join endpoints on endpoints.organization_id = circuits.organization_id and endpoints.id = circuits.endpoint_id
    where circuits.organization_id = ${organizationId} and circuits.state <> 'closed' and endpoints.deleted_at is null
    order by circuits.updated_at desc
    limit ${limit}`);
}

/** An integration that has been silent for longer than it wants; times in epoch milliseconds. */
export type SilentIntegration = {
  readonly id: string;
  readonly name: string;
  readonly platform: string;
  readonly lastReceiptAt: number | null;
  readonly silentAfterSeconds: number;
};

/** The integrations that are silent at a moment, the longest silence first. */
export function listSilentIntegrations(
  db: Queryable,
  organizationId: string,
  now: number,
  limit: number,
): Promise<readonly SilentIntegration[]> {
  return db.rows<SilentIntegration>(sql`
    select id, name, platform, last_receipt_at as "lastReceiptAt",
      (triage ->> 'silent_after_seconds')::int as "silentAfterSeconds"
    from integrations
    where organization_id = ${organizationId} and enabled and deleted_at is null
      and triage ->> 'silent_after_seconds' is not null
      and coalesce(last_receipt_at, created_at)
        + (triage ->> 'silent_after_seconds')::int * interval '1 second' <= ${timestamp(now)}::timestamptz
    order by coalesce(last_receipt_at, created_at)
    limit ${limit}`);
}

/** An integration of which nothing was written down yet; times in epoch milliseconds. */
export type NewIntegration = {
  readonly id: string;
  readonly name: string;
  readonly platform: string;
  readonly createdAt: number;
  /** True when its first receipt is there and `last_receipt_at`, which is written now and then, does not say so yet. */
  readonly hasReceipt: boolean;
};

/** The enabled integrations that were not heard of when that was last written down, the newest first. */
export function listNewIntegrations(
  db: Queryable,
  organizationId: string,
  limit: number,
): Promise<readonly NewIntegration[]> {
  return db.rows<NewIntegration>(sql`
    select id, name, platform, created_at as "createdAt",
      exists (
        select from receipts
        where receipts.organization_id = ${organizationId} and receipts.integration_id = fresh.id
      ) as "hasReceipt"
    from (
      select id, name, platform, created_at
      from integrations
      where organization_id = ${organizationId} and enabled and deleted_at is null and last_receipt_at is null
      order by id desc
      limit ${limit}
    ) fresh
    order by id desc`);
}

/** How many integrations and endpoints there are, to tell an empty organization from a calm one. */
export type Configured = {
  readonly integrations: number;
  /** How many of them have received anything. */
  readonly heard: number;
  readonly endpoints: number;
};

/** Counts what an organization has set up. */
export async function countConfigured(db: Queryable, organizationId: string): Promise<Configured> {
  const rows = await db.rows<Configured>(sql`
    select integrations.count as integrations, integrations.heard, endpoints.count as endpoints
    from (
      select count(*)::int as count, count(last_receipt_at)::int as heard
      from integrations
      where organization_id = ${organizationId} and deleted_at is null
    ) integrations
    cross join (
      select count(*)::int as count
      from endpoints
      where organization_id = ${organizationId} and deleted_at is null
    ) endpoints`);
  return rows[0] ?? { integrations: 0, heard: 0, endpoints: 0 };
}

/** A node as it has registered itself; times in epoch milliseconds. */
export type NodeView = {
  readonly id: string;
  readonly role: string;
  readonly version: string;
  readonly startedAt: number;
  readonly seenAt: number;
};

/** The nodes that are registered, those of all organizations: nodes serve every one. */
export function listNodes(db: Queryable): Promise<readonly NodeView[]> {
  return db.rows<NodeView>(sql`
    select id, role, version, started_at as "startedAt", seen_at as "seenAt"
    from nodes
    order by started_at, id
    limit 200`);
}
