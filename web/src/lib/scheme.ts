import { createStore, useStore } from "./store.ts";

/** Light, dark, or as the system says. */
export type Scheme = "light" | "dark" | "auto";

// The script in index.html reads the same key before the first paint.
const KEY = "overwatch.scheme";

const scheme = createStore<Scheme>(readScheme());

/** What was chosen. */
export function useScheme(): Scheme {
  return useStore(scheme);
}

/** Chooses, for this browser. */
export function setScheme(next: Scheme): void {
  scheme.set(next);
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // It lasts as long as the page.
  }
}

function readScheme(): Scheme {
  try {
    const stored = localStorage.getItem(KEY);
    return stored === "light" || stored === "dark" ? stored : "auto";
  } catch {
    return "auto";
  }
}
