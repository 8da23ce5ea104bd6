import type { Queryable } from "../runtime/database.ts";
import { sql, timestamp } from "./sql.ts";

/** How much waits where; counts stop at 100,000, ages are in seconds and 0 when nothing waits. */
export type Gauges = {
  readonly queuedReceipts: number;
  readonly triageLagSeconds: number;
  readonly pending: number;
  readonly parked: number;
  readonly inFlight: number;
  readonly deliveryLagSeconds: number;
  readonly circuits: Readonly<Record<string, number>>;
  /** Endpoints that are slowed, by reason. */
  readonly slowed: Readonly<Record<string, number>>;
};

type Nullable<T> = { readonly [K in keyof T]: T[K] | null };

const MOST = 100_000;

/** Reads what waits in the whole installation; bounded, so that a large backlog does not make it slow. */
export async function readGauges(db: Queryable, now: number): Promise<Gauges> {
  const rows = await db.rows<Omit<Gauges, "circuits" | "slowed"> & Nullable<Pick<Gauges, "circuits" | "slowed">>>(sql`
    with blocked as (
      select endpoints.organization_id, endpoints.id
      from endpoints
      join circuits on circuits.organization_id = endpoints.organization_id and circuits.endpoint_id = endpoints.id
      where endpoints.deleted_at is null and (circuits.state <> 'closed' or not endpoints.enabled)
    ),
    waiting as (
      select organization_id, endpoint_id, next_attempt_at
      from deliveries
      where status = 'pending'
      limit ${MOST}
    ),
    judged as (
      select waiting.next_attempt_at, blocked.id is not null as is_parked
      from waiting
      left join blocked on blocked.organization_id = waiting.organization_id and blocked.id = waiting.endpoint_id
    )
    select
      (select count(*) from (select 1 from receipt_queue limit ${MOST}) queued) as "queuedReceipts",
      coalesce((
        select greatest(0, extract(epoch from ${timestamp(now)}::timestamptz - receipts.received_at))
        from (select organization_id, receipt_id from receipt_queue order by receipt_id limit 1) oldest
        join receipts on receipts.organization_id = oldest.organization_id and receipts.id = oldest.receipt_id
      ), 0)::float8 as "triageLagSeconds",
      (select count(*) from judged where not is_parked) as "pending",
      (select count(*) from judged where is_parked) as "parked",
      (select count(*) from (select 1 from deliveries where status = 'in_flight' limit ${MOST}) sent) as "inFlight",
      coalesce((
        select greatest(0, extract(epoch from ${timestamp(now)}::timestamptz - min(next_attempt_at)))
        from judged
        where not is_parked
      ), 0)::float8 as "deliveryLagSeconds",
      (
        select json_object_agg(state, count)
        from (
          select circuits.state, count(*)::int
          from circuits
          join endpoints on endpoints.organization_id = circuits.organization_id and endpoints.id = circuits.endpoint_id
          where endpoints.deleted_at is null
          group by circuits.state
        ) states
      ) as "circuits",
      (
        select json_object_agg(pace_reason, count)
        from (
          select pace_reason, count(*)::int
          from circuits
          where in_flight_limit is not null or held_until > ${timestamp(now)}
          group by pace_reason
        ) slowed
      ) as "slowed"`);
  const row = rows[0];
  return {
    queuedReceipts: row?.queuedReceipts ?? 0,
    triageLagSeconds: row?.triageLagSeconds ?? 0,
    pending: row?.pending ?? 0,
    parked: row?.parked ?? 0,
    inFlight: row?.inFlight ?? 0,
    deliveryLagSeconds: row?.deliveryLagSeconds ?? 0,
    circuits: row?.circuits ?? {},
    slowed: row?.slowed ?? {},
  };
}
