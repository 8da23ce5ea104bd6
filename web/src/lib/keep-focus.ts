import { useEffect, useRef } from "react";

let outside: HTMLElement | null = null;

/**
 * Gives the focus back to a button that had it when it began to work: while it works it is disabled, and browsers take
 * the focus from what is disabled and leave it nowhere. Returns what ends it.
 */
export function keepFocusOfBusyButtons(): () => void {
  let last: EventTarget | null = null;
  const remember = (event: FocusEvent): void => {
    last = event.target;
    if (last instanceof HTMLElement && last.closest("[role=dialog]") === null) outside = last;
  };
  const observer = new MutationObserver((changes) => {
    const isIdleAgain = changes.some(({ target }) => target === last && target instanceof HTMLButtonElement);
    if (isIdleAgain && isFocusLost() && last instanceof HTMLButtonElement && !last.disabled) last.focus();
  });
  document.addEventListener("focusin", remember);
  observer.observe(document.body, { subtree: true, attributeFilter: ["disabled"] });
  return () => {
    document.removeEventListener("focusin", remember);
    observer.disconnect();
  };
}

/** True when nothing has the focus, such as after what had it went away. */
export function isFocusLost(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}

/** Leads to the heading of the page when a change of `state` took away what had the focus, such as the button of an action. */
export function useFocusAfter(state: string): void {
  const before = useRef(state);
  useEffect(() => {
    if (before.current === state) return;
    before.current = state;
    if (isFocusLost()) document.querySelector<HTMLElement>("main h1")?.focus({ preventScroll: true });
  }, [state]);
}

/** Gives the focus back to what had it before dialogs opened, when the last one left it nowhere, as one after another does. */
export function focusBehindDialogs(): void {
  if (isFocusLost()) outside?.focus({ preventScroll: true });
}
