import type { IntegrationActivityWire } from "../../../../server/src/api/contract.ts";
import { formatCount } from "../../lib/numbers.ts";
import { usePreferences } from "../../lib/preferences.ts";
import { formatExact, parseTime } from "../../lib/time.ts";
import styles from "./integrations.module.css";

/** What came hour by hour, in three colours with their words. */
export function ActivityBars({ activity }: { readonly activity: IntegrationActivityWire }) {
  const { clock } = usePreferences();
  const { buckets } = activity;
  const highest = Math.max(1, ...buckets.map(({ accepted, refused }) => accepted + refused));
  const timeOf = (at: string): string => formatExact(parseTime(at) ?? 0, clock).slice(0, 16);
  const share = (count: number): string => `${(count / highest) * 100}%`;
  return (
    <>
      <div
        className={styles.bars}
        role="img"
        aria-label={`By the hour: ${formatCount(activity.accepted)} accepted, ${formatCount(activity.refused)} refused, ${formatCount(highest)} at most in an hour`}
      >
        {buckets.map(({ at, accepted, refused, quarantined }) => (
          <div
            key={at}
            className={styles.bar}
            title={`${timeOf(at)}: ${accepted} accepted, ${quarantined} of them not understood, ${refused} refused`}
          >
            <span data-kind="accepted" style={{ height: share(Math.max(0, accepted - quarantined)) }} />
            <span data-kind="quarantined" style={{ height: share(Math.min(accepted, quarantined)) }} />
            <span data-kind="refused" style={{ height: share(refused) }} />
          </div>
        ))}
      </div>
      <div className={styles.axis} aria-hidden="true">
        <span>{buckets[0] === undefined ? "" : timeOf(buckets[0].at)}</span>
        <span>now</span>
      </div>
      <ul className={styles.legend} aria-hidden="true">
        <li>
          <span style={{ background: "var(--ow-accent)" }} />
          accepted
        </li>
        <li>
          <span style={{ background: "var(--ow-stripe-medium)" }} />
          accepted, not understood
        </li>
        <li>
          <span style={{ background: "var(--ow-stripe-critical)" }} />
          refused
        </li>
      </ul>
    </>
  );
}
