/**
 * Gives the focus back to a button that had it when it began to work: while it works it is disabled, and browsers take
 * the focus from what is disabled and leave it nowhere. Returns what ends it.
 */
export function keepFocusOfBusyButtons(): () => void {
  let last: EventTarget | null = null;
  const remember = (event: FocusEvent): void => {
    last = event.target;
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
