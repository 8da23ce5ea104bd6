import type { Clock } from "../runtime/clock.ts";
import { describeError, type Log } from "../runtime/log.ts";

/** One use of a key or a session; epoch milliseconds. */
export type Use = { readonly organizationId: string; readonly id: string; readonly usedAt: number };

/** Collects when things were last used and writes it down together, so that a request costs no write. */
export type UseNotes = {
  note(use: Use): void;
  /** When this node last saw a thing used that those who read the database may not know of yet, or null. */
  lastUse(id: string): number | null;
  flush(): Promise<void>;
};

const FLUSH_MS = 30_000;

/** Makes the notes; they are written every 30 s while there are uses. */
export function createUseNotes(
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  write: (uses: readonly Use[]) => Promise<void>,
): UseNotes {
  let uses = new Map<string, Use>();
  // Whoever reads the database while these are being written does not find them there.
  let written: ReadonlyMap<string, Use> = new Map();
  let flushedAt = clock.now();
  const flush = async (): Promise<void> => {
    flushedAt = clock.now();
    if (uses.size === 0) return;
    written = uses;
    uses = new Map();
    await write([...written.values()]);
  };
  return {
    note(use) {
      uses.set(use.id, use);
      if (use.usedAt - flushedAt <= FLUSH_MS) return;
      flush().catch((error: unknown) => log.warn(describeError(error), "the last use of something was not written"));
    },
    lastUse: (id) => (uses.get(id) ?? written.get(id))?.usedAt ?? null,
    flush,
  };
}
