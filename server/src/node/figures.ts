import {
  type ActivityCounts,
  createActivityCounts,
  createLatestKeeper,
  type LatestKeeper,
} from "../runtime/activity.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Database } from "../runtime/database.ts";
import type { Log } from "../runtime/log.ts";
import { addActivity, type EndpointFailure, keepEndpointFailures } from "../store/activity.ts";
import { keepRefusals, type RefusalRow } from "../store/refusals.ts";

/** What the stages tell of their doings for people to see; written every few seconds, apart from the work itself. */
export type Figures = {
  readonly counts: ActivityCounts;
  readonly failures: LatestKeeper<EndpointFailure>;
  keepRefusal(row: RefusalRow): void;
  /** Writes what is pending; done by itself every few seconds while there is something. */
  flush(): Promise<void>;
};

/** Makes the figures of a node. */
export function createFigures(deps: {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
}): Figures {
  // Figures are worth no wait for the disk.
  const lossy = { rows: deps.database.lossyRows };
  const counts = createActivityCounts({ ...deps, write: (rows) => addActivity(lossy, rows) });
  const failures = createLatestKeeper<EndpointFailure>({ ...deps, write: (rows) => keepEndpointFailures(lossy, rows) });
  const refusals = createLatestKeeper<RefusalRow>({ ...deps, write: (rows) => keepRefusals(lossy, rows) });
  return {
    counts,
    failures,
    keepRefusal: (row) => refusals.keep(row.id, row),
    async flush() {
      await Promise.all([counts.flush(), failures.flush(), refusals.flush()]);
    },
  };
}
