import { createStore, type Store, useStore } from "./store.ts";
import type { ClockZone } from "./time.ts";

/** What a person chose in this browser. */
export type Preferences = {
  readonly clock: ClockZone;
  readonly density: "comfortable" | "compact";
  /** Shortcuts of a single key can be turned off (WCAG 2.1.4). */
  readonly areShortcutsOn: boolean;
  readonly areFacetsShown: boolean;
  readonly isNavigationNarrow: boolean;
};

const KEY = "overwatch.preferences";
const DEFAULTS: Preferences = {
  clock: "local",
  density: "comfortable",
  areShortcutsOn: true,
  areFacetsShown: true,
  isNavigationNarrow: false,
};

const store: Store<Preferences> = createStore(read());

/** Follows the preferences. */
export function usePreferences(): Preferences {
  return useStore(store);
}

/** The preferences now, for code outside of components. */
export function getPreferences(): Preferences {
  return store.get();
}

/** Changes some preferences and remembers them in this browser. */
export function setPreferences(changes: Partial<Preferences>): void {
  const next = { ...store.get(), ...changes };
  store.set(next);
  try {
    localStorage.setItem(KEY, JSON.stringify(next));
  } catch {
    // Storage is off or full: the choice lasts as long as the page.
  }
}

function read(): Preferences {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return typeof stored === "object" && stored !== null ? { ...DEFAULTS, ...stored } : DEFAULTS;
  } catch {
    return DEFAULTS;
  }
}
