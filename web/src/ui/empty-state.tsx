import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { CommandLine } from "./command-line.tsx";
import styles from "./states.module.css";

type EmptyStateProps = {
  readonly icon: LucideIcon;
  readonly title: string;
  /** What this is and how it comes to be filled. */
  readonly children: ReactNode;
  readonly action?: ReactNode;
  /** A command that does it from a terminal. */
  readonly command?: string;
  /** `calm` for the good kind of nothing, such as no open incident. */
  readonly mood?: "teach" | "calm";
};

/** Nothing is here: says why, what belongs here and the next step. */
export function EmptyState({ icon: Icon, title, children, action, command, mood = "teach" }: EmptyStateProps) {
  return (
    <div className={styles.empty} data-mood={mood}>
      <span className={styles.emptyIcon}>
        <Icon size={24} strokeWidth={1.7} aria-hidden="true" />
      </span>
      <p className={styles.emptyTitle}>{title}</p>
      <div className={styles.emptyWords}>{children}</div>
      {action === undefined ? null : <div className={styles.emptyAction}>{action}</div>}
      {command === undefined ? null : <CommandLine command={command} label="The same from a terminal" />}
    </div>
  );
}
