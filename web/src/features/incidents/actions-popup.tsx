import { Menu } from "@mantine/core";
import { FileText, GitMerge, Link2, Moon, Pencil, UserPlus } from "lucide-react";
import type { IncidentWire } from "../../../../server/src/api/contract.ts";
import { copyText } from "../../lib/clipboard.ts";
import { showToast } from "../../lib/toasts.ts";
import type { PopupProps } from "../../ui/late-popup.tsx";
import { incidentAsMarkdown } from "./incident-markdown.ts";
import type { IncidentPageSearch } from "./incident-search.ts";

type ActionsProps = PopupProps & {
  readonly incident: IncidentWire;
  readonly canAct: boolean;
  readonly onDialog: (kind: IncidentPageSearch["dialog"]) => void;
};

/** What is done to an incident less often. */
export function ActionsPopup({ target, isOpen, onChange, incident, canAct, onDialog }: ActionsProps) {
  const url = `${location.origin}/incidents/${incident.id}`;
  return (
    <Menu position="bottom-end" shadow="md" width={220} opened={isOpen} onChange={onChange}>
      <Menu.Target>{target}</Menu.Target>
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
  );
}

async function copy(text: string, words: string): Promise<void> {
  if (await copyText(text)) showToast(words);
  else showToast("The browser refused to copy", { tone: "bad" });
}
