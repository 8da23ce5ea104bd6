import pg from "pg";
import { sessionOptions } from "./database.ts";
import { describeError, type Log } from "./log.ts";

/** A connection of the node's own: it holds the lock that shows that the node lives, and hears notices. */
export type NodeSession = { close(): Promise<void> };

/** What the session holds and tells. */
export type NodeSessionOptions = {
  readonly connection: pg.ClientConfig;
  readonly lockClass: number;
  readonly lockKey: number;
  readonly channels: readonly string[];
  readonly onNotice: (channel: string, payload: string) => void;
  /** Called after every connect but the first: notices may have been missed. */
  readonly onRestored: () => void;
  readonly log: Log;
};

const RETRY_MS = 1_000;

/**
 * Connects, takes the lock and listens; connects again by itself when the connection is lost. Notices are hints only:
 * whoever needs the truth polls. The first connect must succeed.
 */
export async function openNodeSession(options: NodeSessionOptions): Promise<NodeSession> {
  let isClosed = false;
  let client: pg.Client | null = null;
  let retry: NodeJS.Timeout | null = null;

  const connect = async (): Promise<void> => {
    const next = new pg.Client({
      ...options.connection,
      application_name: "overwatch-node",
      options: sessionOptions(5_000),
      connectionTimeoutMillis: 3_000,
      keepAlive: true,
    });
    next.on("error", () => undefined);
    next.on("end", () => {
      if (client === next) lost();
    });
    next.on("notification", (notice) => options.onNotice(notice.channel, notice.payload ?? ""));
    try {
      await next.connect();
      // Not the waiting form: a lock that a dying backend still holds is tried for again after a moment.
      const taken = await next.query<{ taken: boolean }>("select pg_try_advisory_lock($1, $2) as taken", [
        options.lockClass,
        options.lockKey,
      ]);
      if (!taken.rows[0]?.taken) throw new Error("this node's lock is still held by a former connection");
      for (const channel of options.channels) await next.query(`listen ${next.escapeIdentifier(channel)}`);
    } catch (error) {
      await next.end().catch(() => undefined);
      throw error;
    }
    client = next;
  };

  const lost = (): void => {
    client = null;
    if (isClosed) return;
    options.log.warn({}, "the node's own database connection was lost");
    again();
  };

  const again = (): void => {
    retry = setTimeout(() => {
      connect().then(
        () => {
          options.log.info({}, "the node's own database connection is back");
          options.onRestored();
        },
        (error: unknown) => {
          options.log.debug(describeError(error), "the node's own database connection is still away");
          if (!isClosed) again();
        },
      );
    }, RETRY_MS);
  };

  await connect();
  return {
    async close() {
      isClosed = true;
      if (retry !== null) clearTimeout(retry);
      const open = client;
      client = null;
      await open?.end();
    },
  };
}
