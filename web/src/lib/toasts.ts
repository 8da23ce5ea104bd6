import { createStore } from "./store.ts";

/** A short message at the edge of the page. */
export type Toast = {
  readonly id: number;
  readonly tone: "neutral" | "good" | "bad";
  readonly message: string;
  /** Offered as a button while the toast is there. */
  readonly undo: (() => void) | null;
  readonly lastsMs: number;
};

const LASTS_MS = 5_000;
/** Long enough to notice a mistake. */
const UNDO_LASTS_MS = 10_000;

/** The toasts that are shown, oldest first. */
export const toasts = createStore<readonly Toast[]>([]);

let lastId = 0;

/** Shows a message; with `undo` it stays for ten seconds and offers to take the action back. */
export function showToast(
  message: string,
  options: { readonly tone?: Toast["tone"]; readonly undo?: () => void } = {},
): void {
  lastId += 1;
  const undo = options.undo ?? null;
  const toast: Toast = {
    id: lastId,
    tone: options.tone ?? "neutral",
    message,
    undo,
    lastsMs: undo === null ? LASTS_MS : UNDO_LASTS_MS,
  };
  toasts.set([...toasts.get().slice(-2), toast]);
}

/** Takes a toast away. */
export function dismissToast(id: number): void {
  toasts.set(toasts.get().filter((toast) => toast.id !== id));
}
