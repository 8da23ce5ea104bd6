import type { EndpointActivityWire } from "../../../../server/src/api/contract.ts";
import { formatCount, formatDuration } from "../../lib/numbers.ts";
import { type BarKind, HourBars } from "../../ui/hour-bars.tsx";

const OUTCOMES: readonly BarKind[] = [
  { words: "attempts that succeeded", tone: "good" },
  { words: "attempts that failed", tone: "critical" },
];
const LATENCY: readonly BarKind[] = [{ words: "95 of 100 were answered within", tone: "accent" }];

/** Hour by hour, how attempts ended and how long answers took. */
export function ActivityCharts({ activity }: { readonly activity: EndpointActivityWire }) {
  const { attempts_ok: ok, attempts_failed: failed, buckets } = activity;
  return (
    <>
      <HourBars
        label={`By the hour: ${formatCount(ok)} attempts succeeded, ${formatCount(failed)} failed`}
        kinds={OUTCOMES}
        hours={buckets.map((hour) => ({
          at: hour.at,
          counts: [hour.attempts_ok, hour.attempts_failed],
          words: `${formatCount(hour.attempts_ok)} succeeded, ${formatCount(hour.attempts_failed)} failed`,
        }))}
      />
      <HourBars
        label="By the hour, how soon 95 of 100 attempts were answered"
        kinds={LATENCY}
        format={formatDuration}
        hours={buckets.map(({ at, p95_ms: p95 }) => ({
          at,
          counts: [p95 ?? 0],
          words: p95 === null ? "nothing was sent" : `95 of 100 within ${formatDuration(p95)}`,
        }))}
      />
    </>
  );
}
