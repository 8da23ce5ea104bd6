import type { Queryable } from "../runtime/database.ts";
import { sql, timestamp } from "./sql.ts";

/** The first key of the advisory locks by which nodes show that they live. */
export const NODE_LOCK_CLASS = 7240;

/** A node that has registered itself. */
export type NodeRow = { readonly id: string; readonly lockKey: number };

/** Registers a node. */
export async function insertNode(
  db: Queryable,
  node: NodeRow & { readonly role: string; readonly version: string; readonly startedAt: number },
): Promise<void> {
  await db.rows(sql`
    insert into nodes (id, role, version, lock_key, started_at, seen_at)
    values (${node.id}, ${node.role}, ${node.version}, ${node.lockKey},
            ${timestamp(node.startedAt)}, ${timestamp(node.startedAt)})
    on conflict (id) do update set seen_at = excluded.seen_at`);
}

/** What one heartbeat tells: the database's clock, how many nodes live by what they do, and which have died unsaid. */
export type Heartbeat = {
  /** Epoch milliseconds. */
  readonly databaseNow: number;
  /** How many live nodes take webhooks. */
  readonly receiving: number;
  readonly deadNodeIds: readonly string[];
  /** The nodes that triage and send webhooks, live and not silent for long, in an order that all nodes share. */
  readonly workerIds: readonly string[];
};

// Three heartbeats: a node that is stopped, but not gone, gives up its share of what endpoints allow.
const SILENT_AFTER_MS = 15_000;

/** Writes down that this node lives and looks at the others: a node is dead when nobody holds its advisory lock. */
export async function beat(db: Queryable, nodeId: string, now: number): Promise<Heartbeat> {
  const rows = await db.rows<{
    database_now: number;
    receiving: number;
    dead_node_ids: string[];
    worker_ids: string[];
  }>(sql`
    with seen as (
      update nodes
      set seen_at = ${timestamp(now)}
      where id = ${nodeId}
    ),
    held as (
      select objid::bigint as lock_key
      from pg_locks
      where locktype = 'advisory'
        and classid = ${NODE_LOCK_CLASS}
        and granted
        and database = (select oid from pg_database where datname = current_database())
    )
    select
      floor(extract(epoch from clock_timestamp()) * 1000)::bigint as database_now,
      count(*) filter (where held.lock_key is not null and nodes.role <> 'work')::int as receiving,
      coalesce(array_agg(nodes.id) filter (where held.lock_key is null and nodes.id <> ${nodeId}), '{}')::text[]
        as dead_node_ids,
      coalesce(
        array_agg(nodes.id order by nodes.id) filter (
          where held.lock_key is not null and nodes.role <> 'receive'
            and (nodes.id = ${nodeId} or nodes.seen_at > ${timestamp(now - SILENT_AFTER_MS)})
        ),
        '{}'
      )::text[] as worker_ids
    from nodes
    left join held on held.lock_key = nodes.lock_key`);
  const row = rows[0];
  if (row === undefined) return { databaseNow: now, receiving: 1, deadNodeIds: [], workerIds: [] };
  return {
    databaseNow: row.database_now,
    receiving: Math.max(1, row.receiving),
    deadNodeIds: row.dead_node_ids,
    workerIds: row.worker_ids,
  };
}

/**
 * Ends the leases of dead nodes at once and forgets the nodes; the stages then take over what is free, each by its own
 * rules. Returns how many claims were ended.
 */
export async function releaseNodes(db: Queryable, nodeIds: readonly string[], now: number): Promise<number> {
  const rows = await db.rows<{ released: number }>(sql`
    with receipts as (
      update receipt_queue
      set lease_until = ${timestamp(now - 1)}
      where lease_node = any(${nodeIds}::uuid[]) and lease_until >= ${timestamp(now)}
      returning 1
    ),
    sends as (
      update deliveries
      set lease_until = ${timestamp(now - 1)}
      where status = 'in_flight' and lease_node = any(${nodeIds}::uuid[])
      returning 1
    ),
    forgotten as (
      delete from nodes
      where id = any(${nodeIds}::uuid[])
    )
    select (select count(*) from receipts)::int + (select count(*) from sends)::int as released`);
  return rows[0]?.released ?? 0;
}

/** Takes a node that stops in order off the list. */
export async function removeNode(db: Queryable, nodeId: string): Promise<void> {
  await db.rows(sql`
    delete from nodes
    where id = ${nodeId}`);
}
