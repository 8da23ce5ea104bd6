import { Link } from "@tanstack/react-router";
import type { OverviewWire } from "../../../../server/src/api/contract.ts";
import { formatCompact, formatCount } from "../../lib/numbers.ts";
import { SeverityBadge } from "../../ui/badge.tsx";
import styles from "./home.module.css";

const SEVERITIES = ["critical", "high", "medium", "low", "info"] as const;

/** Open and acknowledged incidents by severity; each number leads to its list. */
export function OpenBySeverity({ incidents }: { readonly incidents: OverviewWire["incidents"] }) {
  return (
    <ul className={styles.severities} aria-label="Unresolved incidents by severity">
      {SEVERITIES.map((severity) => {
        const open = incidents.open[severity];
        const acknowledged = incidents.acknowledged[severity];
        return (
          <li key={severity} data-severity={severity} data-zero={open === 0 || undefined}>
            <Link to="/incidents" search={{ severity: [severity] }}>
              <SeverityBadge severity={severity} isQuiet />
              <strong className="ow-number" title={formatCount(open)}>
                {formatCompact(open)}
                {incidents.is_exact ? "" : "+"}
                <span className="ow-hidden"> open</span>
              </strong>
              <span className="ow-dim">{formatCompact(acknowledged)} acknowledged</span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
