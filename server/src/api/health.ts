import { PLATFORM_NAMES, type PlatformName } from "../platforms/platform.ts";
import { type PlatformHealth, readPlatformHealth } from "../store/health.ts";
import type { ApiDeps, PlatformActivity } from "./deps.ts";

/** What `GET /webhooks/health` answers. */
export type HealthAnswer = {
  readonly status: "healthy" | "degraded" | "unhealthy";
  readonly endpoints: Readonly<Record<PlatformName, PlatformState>>;
};

/** `idle`: nothing came for a day; `degraded`: something came that failed or could not be read. */
export type PlatformState = "operational" | "degraded" | "idle";

const DAY_MS = 24 * 3_600_000;
const RECENT_MS = 15 * 60_000;
const CACHE_MS = 5_000;

/** Computes health from what happened; asks the database at most every 5 s, since everyone may ask for it. */
export function createHealth(deps: ApiDeps): () => Promise<HealthAnswer> {
  let cached: { readonly at: number; readonly rows: Promise<readonly PlatformHealth[]> } | null = null;
  const rows = (): Promise<readonly PlatformHealth[]> => {
    const now = deps.clock.now();
    if (cached === null || now - cached.at >= CACHE_MS) {
      cached = { at: now, rows: readPlatformHealth(deps.database, { since: now - DAY_MS, recently: now - RECENT_MS }) };
      // A failure is told to whoever asked, and the next one asks again.
      cached.rows.catch(() => {
        cached = null;
      });
    }
    return cached.rows;
  };
  return async () => {
    const [stored, checks] = await Promise.all([rows().catch(() => null), deps.readyChecks()]);
    const activity = deps.activity();
    const states = PLATFORM_NAMES.map((name): [PlatformName, PlatformState] => [
      name,
      stateOf(stored?.find((row) => row.platform === name) ?? null, activity[name], deps.clock.now()),
    ]);
    const isUnhealthy = stored === null || deps.isDraining() || checks.some((check) => !check.ok);
    const isDegraded = states.some(([, state]) => state === "degraded");
    return {
      status: isUnhealthy ? "unhealthy" : isDegraded ? "degraded" : "healthy",
      endpoints: Object.fromEntries(states) as Record<PlatformName, PlatformState>,
    };
  };
}

function stateOf(row: PlatformHealth | null, activity: PlatformActivity | undefined, now: number): PlatformState {
  const failedAt = activity?.lastFailedAt ?? null;
  const acceptedAt = activity?.lastAcceptedAt ?? null;
  // A failure counts until something of that platform was accepted after it.
  if (failedAt !== null && now - failedAt < RECENT_MS && (acceptedAt === null || acceptedAt < failedAt))
    return "degraded";
  if (row !== null && row.quarantined > 0 && row.quarantined * 2 >= row.received) return "degraded";
  const isHeard = (row?.receivingIntegrations ?? 0) > 0 || (acceptedAt !== null && now - acceptedAt < DAY_MS);
  return isHeard ? "operational" : "idle";
}
