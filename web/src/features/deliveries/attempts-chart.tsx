import { Link } from "@tanstack/react-router";
import { failureCode, failureWords } from "../../lib/failure-words.ts";
import { formatDuration } from "../../lib/numbers.ts";
import { Moment } from "../../ui/moment.tsx";
import styles from "./attempts.module.css";
import { type Attempt, stretchesOf, totalOf } from "./timing.ts";

type AttemptsChartProps = { readonly attempts: readonly Attempt[]; readonly shown: number };

/** Every attempt as a bar of its stretches; the longest is as wide as the chart. */
export function AttemptsChart({ attempts, shown }: AttemptsChartProps) {
  const longest = Math.max(1, ...attempts.map(totalOf));
  return (
    <ol className={styles.attempts}>
      {attempts.toReversed().map((attempt) => (
        <li key={attempt.id} data-current={attempt.number === shown || undefined}>
          <Link
            to="."
            search={{ attempt: String(attempt.number) }}
            replace
            resetScroll={false}
            className={styles.attempt}
            aria-current={attempt.number === shown}
          >
            <span className={styles.number}>#{attempt.number}</span>
            <span className={styles.outcome} data-ok={attempt.reason === null} title={codeOf(attempt)}>
              {outcomeOf(attempt)}
            </span>
            <span className={styles.track} aria-hidden="true">
              {stretchesOf(attempt).map(({ kind, ms }) => (
                <span key={kind} data-kind={kind} style={{ width: `${(100 * ms) / longest}%` }} />
              ))}
            </span>
            <span className={styles.took}>{totalOf(attempt) === 0 ? "–" : formatDuration(totalOf(attempt))}</span>
            <span className={styles.at}>
              <Moment at={attempt.started_at} />
            </span>
          </Link>
        </li>
      ))}
    </ol>
  );
}

/** `200`, `Timeout` or `Receiver failed (503)`. */
export function outcomeOf({ reason, status_code: status }: Attempt): string {
  if (reason === null) return String(status ?? "ok");
  return failureWords(reason, status);
}

function codeOf({ reason, status_code: status }: Attempt): string | undefined {
  return reason === null ? undefined : failureCode(reason, status);
}
