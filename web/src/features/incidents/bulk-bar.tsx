import { Button } from "@mantine/core";
import { AlarmClock, Check, Eye, GitMerge, Moon, UserPlus, X } from "lucide-react";
import type { ActionDialogKind } from "./action-dialogs.tsx";
import styles from "./incidents.module.css";

type BulkBarProps = {
  readonly count: number;
  /** True when some of them are snoozed. */
  readonly hasSnoozed: boolean;
  readonly onAct: (action: "acknowledge" | "resolve" | "unsnooze") => void;
  readonly onDialog: (kind: ActionDialogKind) => void;
  readonly onClear: () => void;
};

/** What can be done to the selected incidents. */
export function BulkBar({ count, hasSnoozed, onAct, onDialog, onClear }: BulkBarProps) {
  if (count === 0) return null;
  return (
    <section className={styles.bulk} aria-label="Act on the selected incidents">
      <span className={styles.bulkCount} role="status">
        {count} selected
      </span>
      <Button size="xs" leftSection={<Eye size={14} aria-hidden="true" />} onClick={() => onAct("acknowledge")}>
        Acknowledge
      </Button>
      <Button
        size="xs"
        variant="default"
        leftSection={<Check size={14} aria-hidden="true" />}
        onClick={() => onAct("resolve")}
      >
        Resolve
      </Button>
      <Button
        size="xs"
        variant="default"
        leftSection={<UserPlus size={14} aria-hidden="true" />}
        onClick={() => onDialog("assign")}
      >
        Assign
      </Button>
      <Button
        size="xs"
        variant="default"
        leftSection={<Moon size={14} aria-hidden="true" />}
        onClick={() => onDialog("snooze")}
      >
        Snooze
      </Button>
      {hasSnoozed ? (
        <Button
          size="xs"
          variant="default"
          leftSection={<AlarmClock size={14} aria-hidden="true" />}
          onClick={() => onAct("unsnooze")}
        >
          End snooze
        </Button>
      ) : null}
      <Button
        size="xs"
        variant="default"
        leftSection={<GitMerge size={14} aria-hidden="true" />}
        onClick={() => onDialog("merge")}
      >
        Merge
      </Button>
      <Button size="xs" variant="subtle" leftSection={<X size={14} aria-hidden="true" />} onClick={onClear}>
        Clear
      </Button>
    </section>
  );
}
