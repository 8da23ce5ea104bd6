import { createStore, type Store, useStore } from "./store.ts";

const TICK_MS = 10_000;
const ticks = createStore(Date.now());
let followers = 0;
let timer: ReturnType<typeof setInterval> | undefined;

const now: Store<number> = {
  ...ticks,
  get() {
    // While nobody follows, nothing keeps it fresh; then there is nobody to tell either.
    if (followers === 0 && Date.now() - ticks.get() >= TICK_MS) ticks.set(Date.now());
    return ticks.get();
  },
  subscribe(listener) {
    const leave = ticks.subscribe(listener);
    followers += 1;
    timer ??= setInterval(() => ticks.set(Date.now()), TICK_MS);
    return () => {
      leave();
      followers -= 1;
      if (followers > 0) return;
      clearInterval(timer);
      timer = undefined;
    };
  },
};

/** The present moment, kept fresh every ten seconds by one timer for all times on the page. */
export function useNow(): number {
  return useStore(now);
}
