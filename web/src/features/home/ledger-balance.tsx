import { CircleCheck } from "lucide-react";
import type { OverviewWire } from "../../../../server/src/api/contract.ts";
import { countOf, formatCount } from "../../lib/numbers.ts";
import { useIsAllowed } from "../../lib/session.ts";
import { Badge } from "../../ui/badge.tsx";
import { EntityLink } from "../../ui/entity-link.tsx";
import { InnerLink } from "../../ui/inner-link.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Panel } from "../../ui/page-header.tsx";
import styles from "./home.module.css";

type Ledger = OverviewWire["ledger"];

/** Whether every webhook that had to go out is accounted for, as the periodic check found it. */
export function LedgerBalance({ ledger }: { readonly ledger: Ledger }) {
  // The page with all figures is for administrators; an endpoint's own ledger is for everybody.
  const isAdmin = useIsAllowed("admin");
  return (
    <Panel title="Ledger" actions={isAdmin ? <InnerLink href="/system">Whole ledger</InnerLink> : undefined}>
      {ledger.balanced ? <Balanced isChecked={ledger.checked_at !== null} /> : <Unaccounted ledger={ledger} />}
      {ledger.checked_at === null ? null : (
        <p className={styles.small}>
          Checked <Moment at={ledger.checked_at} />
        </p>
      )}
    </Panel>
  );
}

function Balanced({ isChecked }: { readonly isChecked: boolean }) {
  if (!isChecked) return <p>Not checked yet. It is, every minute, once something has gone out.</p>;
  return (
    <p className={styles.fine}>
      <CircleCheck size={15} aria-hidden="true" />
      Balanced: every webhook that had to go out is accounted for.
    </p>
  );
}

function Unaccounted({ ledger: { missing, surplus, endpoints } }: { readonly ledger: Ledger }) {
  return (
    <>
      <p style={{ marginBottom: 8 }}>
        <Badge tone="critical">{formatCount(missing + surplus)} unaccounted</Badge>
      </p>
      <ul className={styles.troubles}>
        {endpoints.map((one) => (
          <li key={one.id}>
            {one.is_deleted ? (
              <bdi>{one.name} (deleted)</bdi>
            ) : (
              <EntityLink entity="endpoint" id={one.id}>
                {one.name}
              </EntityLink>
            )}
            <span className={styles.bad}>{unaccountedWords(one.missing, one.surplus)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

function unaccountedWords(missing: number, surplus: number): string {
  const parts = [
    missing === 0 ? "" : `${countOf(missing, "delivery", "deliveries")} missing`,
    surplus === 0 ? "" : `${formatCount(surplus)} too many`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}
