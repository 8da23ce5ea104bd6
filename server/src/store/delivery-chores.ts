import type { Queryable } from "../runtime/database.ts";
import { sql, timestamp } from "./sql.ts";

/** What there is to look after beside sending; mostly nothing, and each of the works asks more than this does. */
export type DeliveryChores = {
  /** Deliveries lie with a node that did not answer for them. */
  readonly isAnyLeaseOver: boolean;
  readonly isAnyWaitingForTurn: boolean;
  readonly isAnyFallbackNamed: boolean;
  readonly isAnyCircuitOpen: boolean;
};

/** Tells what there is to look after, in one round trip. */
export async function readDeliveryChores(db: Queryable, now: number): Promise<DeliveryChores> {
  const [chores] = await db.rows<DeliveryChores>(sql`
    select
      exists (
        select 1 from deliveries where status = 'in_flight' and lease_until < ${timestamp(now)}
      ) as "isAnyLeaseOver",
      exists (select 1 from deliveries where status = 'pending' and next_attempt_at is null) as "isAnyWaitingForTurn",
      exists (select 1 from endpoints where fallback is not null and deleted_at is null) as "isAnyFallbackNamed",
      exists (select 1 from circuits where state in ('open', 'half_open')) as "isAnyCircuitOpen"`);
  if (chores === undefined) throw new Error("a select of four values returned no row");
  return chores;
}
