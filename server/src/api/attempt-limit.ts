import type { Clock } from "../runtime/clock.ts";

/** Counts failures by source, in the memory of this node. */
export type AttemptLimit = {
  /** Seconds until the source may try again, 0 when it may now. */
  secondsUntilAllowed(source: string): number;
  noteFailure(source: string): void;
};

const WINDOW_MS = 60_000;
const MAX_SOURCES = 10_000;

/** Allows `maxFailures` in a minute for each source; an IPv6 source is its /64, since one host has all of it. */
export function createAttemptLimit(clock: Clock, maxFailures: number): AttemptLimit {
  const sources = new Map<string, { failures: number; resetsAt: number }>();
  return {
    secondsUntilAllowed(source) {
      const entry = sources.get(sourceKey(source));
      if (entry === undefined || entry.failures < maxFailures) return 0;
      return Math.max(0, Math.ceil((entry.resetsAt - clock.now()) / 1_000));
    },
    noteFailure(source) {
      const key = sourceKey(source);
      const now = clock.now();
      const entry = sources.get(key);
      if (entry !== undefined && entry.resetsAt > now) {
        entry.failures++;
        return;
      }
      // The oldest goes first: a flood of sources must not grow the memory.
      if (sources.size >= MAX_SOURCES) sources.delete(sources.keys().next().value ?? "");
      sources.delete(key);
      sources.set(key, { failures: 1, resetsAt: now + WINDOW_MS });
    },
  };
}

/** What is counted of an address: of IPv6 its /64, since one host has all of it. */
export function sourceKey(source: string): string {
  if (!source.includes(":")) return source;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(source);
  if (mapped?.[1] !== undefined) return mapped[1];
  const [head = "", tail] = source.split("::");
  const groups = head === "" ? [] : head.split(":");
  if (tail !== undefined) {
    const rest = tail === "" ? [] : tail.split(":");
    while (groups.length + rest.length < 8) groups.push("0");
    groups.push(...rest);
  }
  return groups.slice(0, 4).join(":");
}
