import { formatCount } from "../lib/numbers.ts";
import { usePreferences } from "../lib/preferences.ts";
import { formatExact, parseTime } from "../lib/time.ts";
import styles from "./hour-bars.module.css";

/** What an hour's bar is made of, from below; every hour has the same kinds in the same order. */
export type BarKind = { readonly words: string; readonly tone: "accent" | "good" | "medium" | "critical" };

/** An hour: how high each kind stands, and what is said of it on hover. */
export type Hour = { readonly at: string; readonly counts: readonly number[]; readonly words: string };

type HourBarsProps = {
  /** What readers are told instead of the picture: the sums. */
  readonly label: string;
  readonly kinds: readonly BarKind[];
  readonly hours: readonly Hour[];
  /** Says a height in words; a count when not given. */
  readonly format?: (value: number) => string;
};

/** Bars hour by hour, in colours with their words, and the highest one as the scale. */
export function HourBars({ label, kinds, hours, format = formatCount }: HourBarsProps) {
  const { clock } = usePreferences();
  const sumOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);
  const highest = Math.max(0, ...hours.map(({ counts }) => sumOf(counts)));
  const timeOf = (at: string): string => formatExact(parseTime(at) ?? 0, clock).slice(0, 16);
  const first = hours[0];
  return (
    <div>
      <div className={styles.bars} role="img" aria-label={`${label}, ${format(highest)} at most in an hour`}>
        {hours.map(({ at, counts, words }) => (
          <div key={at} className={styles.bar} title={`${timeOf(at)}: ${words}`}>
            {kinds.map(({ words: kind, tone }, index) => (
              <span key={kind} data-tone={tone} style={{ height: shareOf(counts[index] ?? 0, highest) }} />
            ))}
          </div>
        ))}
      </div>
      <div className={styles.axis} aria-hidden="true">
        <span>{first === undefined ? "" : timeOf(first.at)}</span>
        <span>highest hour {format(highest)}</span>
        <span>now</span>
      </div>
      <ul className={styles.legend} aria-hidden="true">
        {kinds.map(({ words, tone }) => (
          <li key={words}>
            <span data-tone={tone} />
            {words}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What is there at all is seen, however little it is. */
function shareOf(count: number, highest: number): string {
  return count === 0 ? "0" : `max(2px, ${(count / highest) * 100}%)`;
}
