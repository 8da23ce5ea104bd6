import { useEffect, useState } from "react";
import { liveState, reconnectNow } from "../lib/live.ts";
import { useStore } from "../lib/store.ts";
import styles from "./shell.module.css";

/** Whether the page follows events as they happen; a press tries again at once. */
export function LiveIndicator() {
  const state = useStore(liveState);
  const seconds = useSecondsUntil(state.kind === "waiting" ? state.retryAt : null);
  const words = {
    live: ["Live", "Changes appear as they happen"],
    connecting: ["Connecting", "The live stream is being opened"],
    waiting: ["Reconnecting", `The live stream broke; next try in ${seconds} s. Press to try now`],
    off: ["Not live", "This page is not following events"],
  } as const;
  const [label, title] = words[state.kind];
  return (
    <>
      <button type="button" className={styles.live} data-kind={state.kind} title={title} onClick={reconnectNow}>
        <span className={styles.liveDot} aria-hidden="true" />
        <span className={styles.liveWords}>{label}</span>
      </button>
      <span className="ow-hidden" role="status">
        {state.kind === "waiting" ? "The live connection is lost. Trying again." : ""}
      </span>
    </>
  );
}

/** Says over the page that it may be old, once the stream has been away for a while. */
export function OfflineBanner() {
  const state = useStore(liveState);
  if (state.kind !== "waiting" && state.kind !== "connecting") return null;
  return <OfflineWords key="offline" />;
}

const BANNER_AFTER_MS = 6_000;

function OfflineWords() {
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), BANNER_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!isShown) return null;
  return (
    <div className={styles.banner} role="status">
      Not connected: what is shown may be out of date. Alerts are still accepted if the server runs.
      <button type="button" onClick={reconnectNow}>
        Try now
      </button>
    </div>
  );
}

function useSecondsUntil(at: number | null): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (at === null) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [at]);
  return at === null ? 0 : Math.max(0, Math.ceil((at - now) / 1_000));
}
