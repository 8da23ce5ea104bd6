import type { Hearing } from "./hearing.ts";
import type { TriageDeps } from "./triage.ts";

/** What the periodic work needs. */
export type PeriodicDeps = TriageDeps & { readonly hearing: Hearing };

/** Builds the work that is due by time alone; each call does what is due. */
export function createPeriodic(deps: PeriodicDeps): () => Promise<void> {
  return async () => {
    await deps.hearing.flush();
  };
}
