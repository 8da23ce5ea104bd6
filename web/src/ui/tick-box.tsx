import { useLayoutEffect, useRef } from "react";
import styles from "./tick-box.module.css";

type TickBoxProps = {
  /** What it is called; absent where a `<label>` names it by its id. */
  readonly label?: string;
  readonly id?: string;
  readonly isTicked: boolean;
  /** Neither ticked nor not: some of what it stands for is. */
  readonly isPartly?: boolean;
  readonly onTick: (isTicked: boolean) => void;
};

/** A checkbox as light as the browser's own, of which lists and facets have many. */
export function TickBox({ label, id, isTicked, isPartly = false, onTick }: TickBoxProps) {
  const box = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (box.current !== null) box.current.indeterminate = isPartly;
  }, [isPartly]);
  return (
    <input
      ref={box}
      id={id}
      type="checkbox"
      className={styles.box}
      aria-label={label}
      checked={isTicked}
      onChange={(event) => onTick(event.currentTarget.checked)}
    />
  );
}
