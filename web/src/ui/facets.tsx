import { Button } from "@mantine/core";
import { PanelLeft, PanelLeftClose } from "lucide-react";
import { type ReactNode, useDeferredValue, useId } from "react";
import type { IntegrationName } from "../lib/integration-names.ts";
import { formatCompact } from "../lib/numbers.ts";
import { setPreferences, usePreferences } from "../lib/preferences.ts";
import styles from "./facets.module.css";
import { SourceName } from "./source-name.tsx";
import { TickBox } from "./tick-box.tsx";

/** One thing that a list can be cut by, with how many rows each value has. */
export type Facet = {
  readonly id: string;
  readonly label: string;
  readonly values: readonly { readonly value: string; readonly label: ReactNode; readonly count: number }[];
  readonly chosen: readonly string[];
};

type FacetsProps = {
  readonly facets: readonly Facet[];
  readonly onChange: (id: string, chosen: readonly string[] | undefined) => void;
};

/** Values with their counts beside a list; hidden when the person hid it, on small screens always. */
export function FacetsPanel({ facets, onChange }: FacetsProps) {
  // The list comes first; the room for these is kept.
  const isDrawn = useDeferredValue(true, false);
  const prefix = useId();
  if (!usePreferences().areFacetsShown) return null;
  return (
    <aside className={styles.panel} aria-label="Narrow the list">
      {(isDrawn ? facets : []).map(({ id, label, values, chosen }) =>
        values.length === 0 ? null : (
          <fieldset key={id} className={styles.facet}>
            <legend>{label}</legend>
            {values.map(({ value, label: words, count }) => (
              <div key={value} className={styles.value}>
                <label htmlFor={`${prefix}-${id}-${value}`}>
                  <TickBox
                    id={`${prefix}-${id}-${value}`}
                    isTicked={chosen.includes(value)}
                    onTick={() => {
                      const next = chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value];
                      onChange(id, next.length === 0 ? undefined : next);
                    }}
                  />
                  <span className={styles.name} title={typeof words === "string" ? words : undefined}>
                    {words}
                  </span>
                </label>
                <span className={`${styles.count} ow-number ow-dim`}>{formatCompact(count)}</span>
              </div>
            ))}
          </fieldset>
        ),
      )}
    </aside>
  );
}

/** Values with a fixed order keep their places, those that nothing has included. */
export function valuesInOrder(
  words: Readonly<Record<string, string>>,
  counts: readonly { readonly value: string; readonly count: number }[],
): Facet["values"] {
  return Object.entries(words).map(([value, label]) => ({
    value,
    label,
    count: counts.find((one) => one.value === value)?.count ?? 0,
  }));
}

/** Integrations by their names and marks; what was opened by hand has none and cannot be chosen. */
export function sourceValues(
  sources: ReadonlyMap<string, IntegrationName>,
  counts: readonly { readonly value: string | null; readonly name: string | null; readonly count: number }[],
): Facet["values"] {
  return counts.flatMap(({ value, name, count }) => {
    if (value === null) return [];
    const source = sources.get(value);
    return [{ value, label: source === undefined ? (name ?? value) : <SourceName source={source} />, count }];
  });
}

/** Shows or hides the panel, and remembers it. */
export function FacetsToggle() {
  const { areFacetsShown } = usePreferences();
  const Icon = areFacetsShown ? PanelLeftClose : PanelLeft;
  return (
    <Button
      className={styles.toggle ?? ""}
      variant="default"
      size="xs"
      aria-pressed={areFacetsShown}
      leftSection={<Icon size={14} aria-hidden="true" />}
      onClick={() => setPreferences({ areFacetsShown: !areFacetsShown })}
    >
      Facets
    </Button>
  );
}

/** A list with its facets beside it. */
export function FacetedList({ facets, children }: { readonly facets: ReactNode; readonly children: ReactNode }) {
  return (
    <div className={styles.layout}>
      {facets}
      <div className={styles.list}>{children}</div>
    </div>
  );
}
