/** Calls back after some milliseconds; returns what calls it off. */
export type Schedule = (ms: number, callback: () => void) => () => void;

/** The machine's own timers; they do not keep a process alive. */
export const realSchedule: Schedule = (ms, callback) => {
  const timer = setTimeout(callback, ms);
  timer.unref();
  return () => clearTimeout(timer);
};

/** Things that must be over within one and the same span, watched by a single timer. */
export type Deadlines<T> = {
  add(thing: T): void;
  remove(thing: T): void;
  /** Ends what is overdue; runs by itself while anything is watched. */
  sweep(): void;
  /** Ends the timer. */
  stop(): void;
};

/** Watches things for `spanMs` each; the end comes up to `everyMs` late. Times are of a monotonic clock. */
export function createDeadlines<T>(options: {
  readonly spanMs: number;
  readonly everyMs: number;
  readonly monotonicNow: () => number;
  readonly schedule: Schedule;
  readonly onOver: (thing: T) => void;
}): Deadlines<T> {
  // In the order of arrival, which is the order of the ends: a sweep stops at the first that is not due.
  const ends = new Map<T, number>();
  let cancel: (() => void) | null = null;

  const watch = (): void => {
    cancel = options.schedule(options.everyMs, () => {
      cancel = null;
      sweep();
      if (ends.size > 0 && cancel === null) watch();
    });
  };

  const sweep = (): void => {
    const now = options.monotonicNow();
    for (const [thing, end] of ends) {
      if (end > now) break;
      ends.delete(thing);
      options.onOver(thing);
    }
  };

  return {
    add(thing) {
      ends.set(thing, options.monotonicNow() + options.spanMs);
      if (cancel === null) watch();
    },
    remove: (thing) => void ends.delete(thing),
    sweep,
    stop() {
      cancel?.();
      cancel = null;
    },
  };
}
