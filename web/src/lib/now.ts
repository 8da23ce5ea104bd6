import { useEffect } from "react";
import { createStore, useStore } from "./store.ts";

const TICK_MS = 10_000;
const now = createStore(Date.now());
let followers = 0;
let timer: ReturnType<typeof setInterval> | undefined;

/** The present moment, kept fresh every ten seconds by one timer for all times on the page. */
export function useNow(): number {
  useEffect(() => {
    followers += 1;
    if (followers === 1) {
      now.set(Date.now());
      timer = setInterval(() => now.set(Date.now()), TICK_MS);
    }
    return () => {
      followers -= 1;
      if (followers === 0) clearInterval(timer);
    };
  }, []);
  return useStore(now);
}
