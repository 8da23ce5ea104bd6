import { useEffect } from "react";
import { createStore } from "./store.ts";

/** One line of the palette. */
export type PaletteEntry = {
  readonly id: string;
  readonly label: string;
  /** Said in small letters beside the label. */
  readonly hint?: string;
  readonly group: string;
  readonly run: () => void;
};

/** Finds entries for what was typed; `signal` ends when more was typed. */
export type PaletteSource = {
  readonly id: string;
  readonly search: (text: string, signal: AbortSignal) => readonly PaletteEntry[] | Promise<readonly PaletteEntry[]>;
};

/** Where the palette looks. */
export const paletteSources = createStore<readonly PaletteSource[]>([]);

/** True while the palette is open. */
export const isPaletteOpen = createStore(false);

/** Lets the palette find things by the API for as long as the program runs; a feature calls it once in its routes file. */
export function addPaletteSource(source: PaletteSource): void {
  paletteSources.set([...paletteSources.get().filter(({ id }) => id !== source.id), source]);
}

/** Offers a page's own actions in the palette while the page is there. */
export function usePaletteEntries(id: string, entries: readonly PaletteEntry[]): void {
  useEffect(() => {
    addPaletteSource({ id, search: (text) => entries.filter(({ label }) => isMatch(label, text)) });
    return () => paletteSources.set(paletteSources.get().filter((source) => source.id !== id));
  }, [id, entries]);
}

let open = (path: string): void => window.location.assign(path);

/** Gives the palette the router's way of opening a path, without loading the console again. */
export function openPathsWith(openPathWith: (path: string) => void): void {
  open = openPathWith;
}

/** Opens a page that the palette has found. */
export function openPath(path: string): void {
  open(path);
}

/** True when each typed word starts a word of the label. */
export function isMatch(label: string, text: string): boolean {
  const words = label.toLowerCase().split(/[\s·–:/-]+/);
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((typed) => typed === "" || words.some((word) => word.startsWith(typed)));
}
