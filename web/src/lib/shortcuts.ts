import { useEffect, useEffectEvent, useMemo } from "react";
import { getPreferences } from "./preferences.ts";
import { createStore } from "./store.ts";

/** A keyboard shortcut: `?`, `j`, `g i` (one after the other) or `mod+k` (Ctrl, on a Mac Cmd). */
export type Shortcut = {
  readonly keys: string;
  readonly label: string;
  readonly group: "Everywhere" | "Go to" | "Lists" | "This page";
  readonly run: () => void;
};

/** True while the cheat sheet is open. */
export const isCheatSheetOpen = createStore(false);

/** The shortcuts that work now, for the cheat sheet. */
export const activeShortcuts = createStore<readonly Shortcut[]>([]);

const SEQUENCE_MS = 1_000;
let pending = "";
let pendingAt = 0;

/** Makes a shortcut work while the component is there; the newest of the same keys wins. */
export function useShortcut(
  keys: string,
  group: Shortcut["group"],
  label: string,
  run: () => void,
  isEnabled = true,
): void {
  const onRun = useEffectEvent(run);
  const about = useMemo(() => ({ keys, group, label }), [keys, group, label]);
  useEffect(() => {
    if (!isEnabled) return;
    const shortcut: Shortcut = { ...about, run: () => onRun() };
    activeShortcuts.set([...activeShortcuts.get(), shortcut]);
    return () => activeShortcuts.set(activeShortcuts.get().filter((other) => other !== shortcut));
  }, [about, isEnabled]);
}

/** Listens on the window; call it once. Returns how to stop. */
export function listenForShortcuts(): () => void {
  const onKeyDown = (event: KeyboardEvent): void => {
    const shortcut = match(event);
    if (shortcut === undefined) return;
    event.preventDefault();
    shortcut.run();
  };
  window.addEventListener("keydown", onKeyDown);
  return () => window.removeEventListener("keydown", onKeyDown);
}

function match(event: KeyboardEvent): Shortcut | undefined {
  if (event.defaultPrevented || event.isComposing || event.altKey) return undefined;
  const known = activeShortcuts.get();
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.ctrlKey || event.metaKey) return known.findLast(({ keys }) => keys === `mod+${key}`);
  if (!getPreferences().areShortcutsOn || isTyping(event.target) || isDialogOpen()) return undefined;
  const now = event.timeStamp;
  const sequence = pending !== "" && now - pendingAt < SEQUENCE_MS ? `${pending} ${key}` : key;
  const found = known.findLast(({ keys }) => keys === sequence);
  const isStart = known.some(({ keys }) => keys.startsWith(`${key} `));
  pending = found === undefined && isStart ? key : "";
  pendingAt = now;
  return found;
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** Keys belong to the dialog while one is open. */
function isDialogOpen(): boolean {
  return document.querySelector("[role=dialog]") !== null;
}
