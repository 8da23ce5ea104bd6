import type { Queryable } from "../runtime/database.ts";
import { sql } from "./sql.ts";

/** Channel on which changed configuration is announced; the payload is the id of the integration or endpoint. */
export const CONFIG_CHANNEL = "overwatch_config";

/** Channel that wakes the stages of other nodes; the payload is the stage's name. */
export const WORK_CHANNEL = "overwatch_work";

/** Sends a notice to all nodes; never inside a transaction that accepts receipts. */
export async function sendNotice(db: Queryable, channel: string, payload: string): Promise<void> {
  await db.rows(sql`select pg_notify(${channel}, ${payload})`);
}
