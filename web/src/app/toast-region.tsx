import { CloseButton } from "@mantine/core";
import { useEffect, useState } from "react";
import { useStore } from "../lib/store.ts";
import { dismissToast, type Toast, toasts } from "../lib/toasts.ts";
import styles from "./toast-region.module.css";

/** Where short messages appear; readers hear them politely. */
export function ToastRegion() {
  const shown = useStore(toasts);
  return (
    <section className={styles.region} aria-label="Messages" aria-live="polite" aria-relevant="additions">
      {shown.map((toast) => (
        <ToastView key={toast.id} toast={toast} />
      ))}
    </section>
  );
}

function ToastView({ toast }: { readonly toast: Toast }) {
  // Nobody who is about to press "Undo" loses the button.
  const [isHeld, setHeld] = useState(false);
  const { id, undo, lastsMs } = toast;
  useEffect(() => {
    if (isHeld) return;
    const timer = setTimeout(() => dismissToast(id), lastsMs);
    return () => clearTimeout(timer);
  }, [id, isHeld, lastsMs]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: pointer and focus only hold the message, they trigger nothing
    <div
      className={styles.toast}
      data-tone={toast.tone}
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <span className={styles.message}>{toast.message}</span>
      {undo === null ? null : (
        <button
          type="button"
          className={styles.undo}
          onClick={() => {
            dismissToast(id);
            undo();
          }}
        >
          Undo
        </button>
      )}
      <CloseButton size="sm" c="inherit" variant="transparent" aria-label="Dismiss" onClick={() => dismissToast(id)} />
    </div>
  );
}
