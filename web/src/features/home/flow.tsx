import type { OverviewWire } from "../../../../server/src/api/contract.ts";
import { DELIVERY_STATE_WORDS } from "../../lib/delivery-states.ts";
import { formatCompact, formatCount } from "../../lib/numbers.ts";
import { shortDuration } from "../../lib/time.ts";
import { InnerLink } from "../../ui/inner-link.tsx";
import { Panel } from "../../ui/page-header.tsx";
import styles from "./home.module.css";

/** What came in and went out within the last hour, and what waits. */
export function Flow({ overview }: { readonly overview: OverviewWire }) {
  const { last_hour: hour, waiting } = overview;
  const figures: readonly Figure[] = [
    { label: "Accepted", value: hour.accepted, href: "/receipts?span=1h" },
    { label: "Refused", value: hour.refused, href: "/integrations", isBad: hour.refused > 0 },
    {
      label: "Quarantined",
      value: hour.quarantined,
      href: "/receipts?span=1h&status=quarantined",
      isBad: hour.quarantined > 0,
    },
    { label: "Signals", value: hour.signals },
    { label: DELIVERY_STATE_WORDS.succeeded, value: hour.deliveries_succeeded, href: "/deliveries?status=succeeded" },
    { label: "Failed attempts", value: hour.attempts_failed, href: "/endpoints", isBad: hour.attempts_failed > 0 },
    {
      label: DELIVERY_STATE_WORDS.exhausted,
      value: hour.deliveries_exhausted,
      href: "/deliveries?status=exhausted",
      isBad: hour.deliveries_exhausted > 0,
    },
  ];
  return (
    <Panel title="Last hour">
      <dl className={styles.figures}>
        {figures.map(({ label, value, href, isBad = false }) => (
          <div key={label} data-bad={isBad || undefined}>
            <dt>{label}</dt>
            <dd className="ow-number" title={formatCount(value)}>
              {href === undefined || value === 0 ? (
                formatCompact(value)
              ) : (
                <InnerLink href={href} className={styles.figureLink}>
                  {formatCompact(value)}
                  <span className="ow-hidden"> {label}</span>
                </InnerLink>
              )}
            </dd>
          </div>
        ))}
      </dl>
      <p className={styles.waiting}>
        {waitingWords("The oldest webhook that waits to be read is", waiting.oldest_receipt_seconds)}{" "}
        {waitingWords("The oldest delivery that is due is", waiting.oldest_due_seconds)}
      </p>
    </Panel>
  );
}

type Figure = { readonly label: string; readonly value: number; readonly href?: string; readonly isBad?: boolean };

function waitingWords(what: string, seconds: number | null): string {
  if (seconds === null) return what.startsWith("The oldest webhook") ? "No webhook waits." : "No delivery is overdue.";
  return `${what} ${shortDuration(seconds * 1_000)} old.`;
}
