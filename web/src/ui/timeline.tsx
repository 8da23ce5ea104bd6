import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import type { Tone } from "./badge.tsx";
import { Moment } from "./moment.tsx";
import styles from "./timeline.module.css";

/** One moment of a history. */
export type TimelineEntry = {
  readonly id: string;
  readonly at: string;
  readonly icon: LucideIcon;
  readonly tone?: Tone;
  readonly title: ReactNode;
  readonly body?: ReactNode;
};

/** What happened, in the order in which it is given. */
export function Timeline({ entries, label }: { readonly entries: readonly TimelineEntry[]; readonly label: string }) {
  return (
    <ol className={styles.timeline} aria-label={label}>
      {entries.map(({ id, at, icon: Icon, tone = "info", title, body }) => (
        <li key={id}>
          <span className={styles.icon} data-tone={tone}>
            <Icon size={13} aria-hidden="true" />
          </span>
          <div className={styles.words}>
            <div className={styles.head}>
              <span>{title}</span>
              <span className={styles.at}>
                <Moment at={at} />
              </span>
            </div>
            {body === undefined ? null : <div className={styles.body}>{body}</div>}
          </div>
        </li>
      ))}
    </ol>
  );
}
