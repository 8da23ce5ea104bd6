import { useLayoutEffect, useRef } from "react";
import styles from "./tick-box.module.css";

type TickBoxProps = {
  readonly label: string;
  readonly isTicked: boolean;
  /** Neither ticked nor not: some of what it stands for is. */
  readonly isPartly?: boolean;
  readonly onTick: (isTicked: boolean) => void;
};

/** A checkbox without a visible label, as light as the browser's own, of which lists have many. */
export function TickBox({ label, isTicked, isPartly = false, onTick }: TickBoxProps) {
  const box = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (box.current !== null) box.current.indeterminate = isPartly;
  }, [isPartly]);
  return (
    <input
      ref={box}
      type="checkbox"
      className={styles.box}
      aria-label={label}
      checked={isTicked}
      onChange={(event) => onTick(event.currentTarget.checked)}
    />
  );
}
