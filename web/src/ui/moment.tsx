import { memo } from "react";
import { useNow } from "../lib/now.ts";
import { usePreferences } from "../lib/preferences.ts";
import { formatExact, formatRelative, parseTime, shortDuration } from "../lib/time.ts";

/** A moment as `4 min ago`, with the exact times in both clocks on hover. `null` is a dash. */
export const Moment = memo(function Moment({ at, isExact = false }: MomentProps) {
  const now = useNow();
  const { clock } = usePreferences();
  const ms = parseTime(at);
  if (at === null || ms === null) return <span className="ow-dim">–</span>;
  const exact = formatExact(ms, clock);
  const relative = formatRelative(ms, now);
  const title = isExact ? `${relative}\n${formatExact(ms, clock === "utc" ? "local" : "utc")}` : both(ms, clock);
  return (
    <time className="ow-number" dateTime={at} title={title}>
      {isExact ? exact : relative}
    </time>
  );
});

type MomentProps = { readonly at: string | null; readonly isExact?: boolean };

/** How long something has been going on: `4 min`. */
export const Age = memo(function Age({ since }: { readonly since: string | null }) {
  const now = useNow();
  const { clock } = usePreferences();
  const ms = parseTime(since);
  if (since === null || ms === null) return <span className="ow-dim">–</span>;
  return (
    <time className="ow-number" dateTime={since} title={`since ${both(ms, clock)}`}>
      {shortDuration(now - ms)}
    </time>
  );
});

function both(ms: number, clock: "local" | "utc"): string {
  return `${formatExact(ms, clock)}\n${formatExact(ms, clock === "utc" ? "local" : "utc")}`;
}
