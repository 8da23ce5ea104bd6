import type { ReactNode } from "react";
import styles from "./definition-list.module.css";

/** Names and what they stand for, such as the facts beside an incident. */
export function DefinitionList({
  entries,
}: {
  readonly entries: readonly (readonly [term: string, value: ReactNode])[];
}) {
  return (
    <dl className={styles.list}>
      {entries.map(([term, value]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
