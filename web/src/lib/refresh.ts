import { useEffect, useEffectEvent } from "react";

/** Reads again and again what no live event tells of, while the page is in sight. */
export function useRefresh(read: () => void, everyMs: number): void {
  const refresh = useEffectEvent(() => {
    if (!document.hidden) read();
  });
  useEffect(() => {
    const timer = setInterval(() => refresh(), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
}
