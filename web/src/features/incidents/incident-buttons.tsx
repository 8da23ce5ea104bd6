import { ActionIcon, Button, Menu } from "@mantine/core";
import { Check, Ellipsis, Eye, FileText, GitMerge, Link2, Moon, Pencil, RotateCcw, UserPlus } from "lucide-react";
import type { IncidentWire } from "../../../../server/src/api/contract.ts";
import { copyText } from "../../lib/clipboard.ts";
import { showToast } from "../../lib/toasts.ts";
import styles from "./incident.module.css";
import { incidentAsMarkdown } from "./incident-markdown.ts";
import type { IncidentPageSearch } from "./incident-search.ts";

type ButtonsProps = {
  readonly incident: IncidentWire;
  readonly onAcknowledge: () => void;
  readonly onResolve: () => void;
  readonly onDialog: (kind: IncidentPageSearch["dialog"]) => void;
};

/** What can be done, at the head of the page. */
export function HeaderActions({ canAct, ...props }: ButtonsProps & { readonly canAct: boolean }) {
  const { incident, onDialog } = props;
  const url = `${location.origin}/incidents/${incident.id}`;
  return (
    <>
      {canAct ? (
        <div className={styles.wide}>
          <MainButtons {...props} size="sm" />
          <Button
            size="sm"
            variant="default"
            leftSection={<UserPlus size={15} aria-hidden="true" />}
            onClick={() => onDialog("assign")}
          >
            {incident.assignee ?? "Assign"}
          </Button>
        </div>
      ) : null}
      <Menu position="bottom-end" shadow="md" width={220}>
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label="More actions">
            <Ellipsis size={17} aria-hidden="true" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {canAct ? (
            <>
              <Menu.Item leftSection={<UserPlus size={15} aria-hidden="true" />} onClick={() => onDialog("assign")}>
                Assign …
              </Menu.Item>
              <Menu.Item
                disabled={incident.status === "resolved"}
                leftSection={<Moon size={15} aria-hidden="true" />}
                onClick={() => onDialog("snooze")}
              >
                Snooze …
              </Menu.Item>
              <Menu.Item
                disabled={incident.status === "resolved"}
                leftSection={<GitMerge size={15} aria-hidden="true" />}
                onClick={() => onDialog("merge")}
              >
                Merge …
              </Menu.Item>
              <Menu.Item leftSection={<Pencil size={15} aria-hidden="true" />} onClick={() => onDialog("edit")}>
                Edit …
              </Menu.Item>
              <Menu.Divider />
            </>
          ) : null}
          <Menu.Item
            leftSection={<Link2 size={15} aria-hidden="true" />}
            onClick={() => void copy(url, "The link is copied")}
          >
            Copy link
          </Menu.Item>
          <Menu.Item
            leftSection={<FileText size={15} aria-hidden="true" />}
            onClick={() => void copy(incidentAsMarkdown(incident, url), "The incident is copied as Markdown")}
          >
            Copy as Markdown
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

/** Acknowledge and resolve within reach of a thumb, on phones. */
export function ThumbBar(props: ButtonsProps) {
  return (
    <div className={styles.thumbs}>
      <MainButtons {...props} size="md" />
    </div>
  );
}

function MainButtons({ incident, onAcknowledge, onResolve, size }: ButtonsProps & { readonly size: "sm" | "md" }) {
  if (incident.status === "resolved") {
    return (
      <Button
        size={size}
        variant="default"
        leftSection={<RotateCcw size={15} aria-hidden="true" />}
        disabled={incident.merged_into_id !== null}
        onClick={onResolve}
      >
        Reopen
      </Button>
    );
  }
  const isOpen = incident.status === "open";
  return (
    <>
      <Button
        size={size}
        variant={isOpen ? "filled" : "default"}
        leftSection={<Eye size={15} aria-hidden="true" />}
        onClick={onAcknowledge}
      >
        {isOpen ? "Acknowledge" : "Unacknowledge"}
      </Button>
      <Button
        size={size}
        variant={isOpen ? "default" : "filled"}
        leftSection={<Check size={15} aria-hidden="true" />}
        onClick={onResolve}
      >
        Resolve
      </Button>
    </>
  );
}

async function copy(text: string, words: string): Promise<void> {
  if (await copyText(text)) showToast(words);
  else showToast("The browser refused to copy", { tone: "bad" });
}
