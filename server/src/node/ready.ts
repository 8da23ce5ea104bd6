import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Database } from "../runtime/database.ts";
import { pingDatabase } from "../store/settings.ts";

/** One thing that must hold before a load balancer sends requests here. */
export type ReadyCheck = { readonly name: string; readonly ok: boolean; readonly message: string };

const LONGEST_LOOP_DELAY_MS = 1_000;

const loopDelay = monitorEventLoopDelay({ resolution: 200 });

/** Checks the database and the event loop; migrations were applied before the node began to listen. */
export async function readyChecks(database: Database): Promise<readonly ReadyCheck[]> {
  loopDelay.enable();
  const delayMs = loopDelay.max / 1e6;
  loopDelay.reset();
  const reached = await pingDatabase(database).then(
    () => true,
    () => false,
  );
  return [
    { name: "database", ok: reached, message: reached ? "answers" : "cannot be reached" },
    { name: "migrations", ok: true, message: "applied at the start" },
    {
      name: "event_loop",
      ok: delayMs <= LONGEST_LOOP_DELAY_MS,
      message: `longest delay since the last check ${Math.round(delayMs)} ms`,
    },
  ];
}
