import type { IntegrationActivityWire } from "../../../../server/src/api/contract.ts";
import { formatCount } from "../../lib/numbers.ts";
import { type BarKind, HourBars } from "../../ui/hour-bars.tsx";

const KINDS: readonly BarKind[] = [
  { words: "accepted", tone: "accent" },
  { words: "accepted, not understood", tone: "medium" },
  { words: "refused", tone: "critical" },
];

/** What came hour by hour, in three colours with their words. */
export function ActivityBars({ activity }: { readonly activity: IntegrationActivityWire }) {
  const { accepted, refused, buckets } = activity;
  return (
    <HourBars
      label={`By the hour: ${formatCount(accepted)} accepted, ${formatCount(refused)} refused`}
      kinds={KINDS}
      hours={buckets.map((hour) => ({
        at: hour.at,
        counts: [
          Math.max(0, hour.accepted - hour.quarantined),
          Math.min(hour.accepted, hour.quarantined),
          hour.refused,
        ],
        words: `${hour.accepted} accepted, ${hour.quarantined} of them not understood, ${hour.refused} refused`,
      }))}
    />
  );
}
